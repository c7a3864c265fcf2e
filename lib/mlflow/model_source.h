// mlflow/model_source.h: where a version's files are said to be.
#ifndef MLFLOW_MODEL_SOURCE_H
#define MLFLOW_MODEL_SOURCE_H

#include "http/request.h"
#include "registry/model_version.h"

// Checks the source of a version that is about to be made, and finds what it means: of another
// version or of a logged model their files (`location`, run and logged model where none were
// named). Sources that we keep ourselves the caller must be allowed to read; foreign ones are text
// that nothing ever opens; local paths are refused.
//
//   errors  INPUT: Invalid model version source: …; MISSING, DENIED for what it names
//   source  MLflow 3.14, server/handlers.py; CVE-2023-1177, -2356, -2780, -2024-1483, -1558, -3573
bool model_source_resolve(struct scope *s, const struct request *in, bool is_prompt,
                          struct model_version_request *request) MUST_CHECK;

// Notes on a logged model, if there is one of that id, that a version was made of it.
bool model_source_note(struct scope *s, struct db *db, const char *logged_model_id,
                       const char *model, int64_t number) MUST_CHECK;

#endif
