// mlflow/artifact_file.h: what handlers of artifacts share: whose a path is, and sending what is
// there.
#ifndef MLFLOW_ARTIFACT_FILE_H
#define MLFLOW_ARTIFACT_FILE_H

#include "http/reply.h"
#include "http/request.h"
#include "mlflow/permit.h"
#include "registry/artifact.h"

// Where the caller's artifacts are.
struct artifact_shelf artifact_shelf_of(const struct request *in);

// Demands a permission on the experiment whose a path is.
//
//   errors  DENIED; INPUT for a path that is none
bool artifact_permit(struct scope *s, const struct request *in, const char *path,
                     enum permission wanted) MUST_CHECK;

// Reads a query value that is a path; NULL when it is absent.
bool artifact_query(struct scope *s, const struct request *in, const char *name,
                    const char **out) MUST_CHECK;

// Answers with a file, or a range of it.
//
//   errors  MISSING, INPUT for a folder, and artifact_permit's for READ
bool artifact_send(struct scope *s, const struct request *in, const char *path,
                   struct reply *out) MUST_CHECK;

// Writes the member "files" for what is in a folder, and nothing where nothing is: each by its
// name with `above` before it.
bool artifact_files_write(struct scope *s, const struct request *in, const char *folder,
                          const char *above, struct json_writer *w) MUST_CHECK;

#endif
