// registry/artifact_upload.h: an artifact that is put in parts, in any order and at once.
//
// Who begins an upload gets an id that nobody can guess; whoever has it may put parts, for a day.
// Each part is an object of the lake, "artifacts/mlflow-parts/<aa>/<sha256>"; finishing joins them
// into one, and they go.
#ifndef REGISTRY_ARTIFACT_UPLOAD_H
#define REGISTRY_ARTIFACT_UPLOAD_H

#include "registry/artifact.h"

#define UPLOAD_PARTS_MOST 10000

struct upload_part { // that the uploader has put
    int64_t part;    // 1, 2, 3 …
    const char *tag; // its hash, as upload_part_put told it
};

// Begins one for a path, and tells its id.
//
//   errors  INPUT for a bad path and a number of parts that is not from 1 to 10000
bool upload_begin(struct scope *s, const struct artifact_shelf *to, const char *path,
                  int64_t n_parts, char id[HASH_TEXT]) MUST_CHECK;

// Puts a part, in place of one of that number, and tells its hash.
//
//   errors  MISSING when nothing of that id is under way; INPUT for a number beyond its parts
bool upload_part_put(struct scope *s, const struct artifact_shelf *to, const char *id, int64_t part,
                     const struct inlet *from, char sha256[HASH_TEXT]) MUST_CHECK;

// Joins the parts into the artifact. Done again, it is no failure.
//
//   errors  MISSING when there is none of that id for the path; INPUT naming the part that has not
//           been put, or with another hash
bool upload_finish(struct scope *s, const struct artifact_shelf *to, const char *id,
                   const char *path, size_t n, const struct upload_part parts[]) MUST_CHECK;

// Gives it up. That there is none is no failure.
//
//   errors  MISSING when it is of another path
bool upload_abandon(struct scope *s, const struct artifact_shelf *to, const char *id,
                    const char *path) MUST_CHECK;

#endif
