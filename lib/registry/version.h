// registry/version.h: model versions: registering and finding those of our own training.
//
// A version is V<tag>.<manual>.<auto>: the recipe's tag, its revision, its refit. Registering works
// out the next one, and is audited in the same transaction. registry/release.h promotes.
#ifndef REGISTRY_VERSION_H
#define REGISTRY_VERSION_H

#include "base/time.h"
#include "db/db.h"
#include "text/json.h"

#define REGISTRY_CHANNEL "airwatch_serving"

struct version { // a row of ml.version; texts belong to the scope
    int64_t version_id;
    const char *model, *version; // "pm-next-day", "V1.0.3"
    const char *description, *source;
    const char *run_id, *stage, *family, *reason;
    const char *recipe_sha256, *recipe;         // its JSON text
    const char *artifact_key, *artifact_sha256; // of the artifact's bytes in the store
    const char *metrics;                        // JSON text, its shape is told in learn/train.h
    int64_t dataset_id;
    struct day as_of;
    bool has_day; // and recipe and so on: our own training made it; of others they are ""
    int tag, manual, automatic, number;
};

// Writes a version as an object, in the API's and the jobs' one form: all but its recipe.
void version_write(struct json_writer *w, const struct version *v);

// A version of a model by number, or by either of its names ("V1.0.3", "4").
//
//   errors  MISSING
bool version_by_number(struct scope *s, struct db *db, const char *model, int64_t number,
                       struct version *out) MUST_CHECK;
bool version_by_name(struct scope *s, struct db *db, const char *model, const char *name,
                     struct version *out) MUST_CHECK;

// The version that an alias points at, if there is such an alias.
bool version_of_alias(struct scope *s, struct db *db, const char *model, const char *alias,
                      bool *is_found, struct version *out) MUST_CHECK;

// The version of a model in production; `*is_found` tells whether there is one.
bool version_in_production(struct scope *s, struct db *db, const char *model, bool *is_found,
                           struct version *out) MUST_CHECK;

// The version of a model that was in production before the one that is, or was the last to be.
//
//   errors  MISSING
bool version_before(struct scope *s, struct db *db, const char *model,
                    struct version *out) MUST_CHECK;

// All versions in production, one for each model, by name.
bool versions_in_production(struct scope *s, struct db *db, size_t *n,
                            struct version **out) MUST_CHECK;

// All versions of a model, newest first.
//
//   errors  MISSING when there is no such model
bool versions_of_model(struct scope *s, struct db *db, const char *model, size_t *n,
                       struct version **out) MUST_CHECK;

// The version that a run gave, if it gave one.
bool version_of_run(struct scope *s, struct db *db, const char *run_id, bool *is_found,
                    struct version *out) MUST_CHECK;

struct model_entry {
    const char *model, *description;
    const char *in_production; // a version, or ""
    int64_t n_versions;
};

// All models but those hidden from a principal (NULL: none are), by name.
bool models_list(struct scope *s, struct db *db, const char *principal, size_t *n,
                 struct model_entry **out) MUST_CHECK;

struct version_request {
    const char *model, *description;
    int tag;
    const char *recipe, *recipe_sha256;
    const char *run_id, *family, *reason, *artifact_key, *artifact_sha256, *metrics;
    int64_t dataset_id;
    struct day as_of;
    const char *actor; // principal, for the audit
};

// Registers a version: the same recipe refitted grows the auto revision, a changed recipe the
// manual one (auto back to 0), a changed tag the tag. Call inside a transaction.
bool version_register(struct scope *s, struct db *db, const struct version_request *request,
                      struct version *out) MUST_CHECK;

#endif
