// registry/model_version.h: versions as a client of the registry sees them, wherever they came
// from.
//
// A version that our own training did not make gets a V number, too: the next revision of the
// model's newest tag, V1.0.0 for the first. Its number and V number are never given again. Call
// what changes something inside a transaction.
#ifndef REGISTRY_MODEL_VERSION_H
#define REGISTRY_MODEL_VERSION_H

#include "registry/release.h"
#include "registry/search.h"

#define MODEL_VERSION_STAGE "airwatch.stage"  // a tag: setting it moves the version
#define MODEL_VERSION_NAME "airwatch.version" // likewise: its V number, which nobody sets

struct model_version { // texts belong to the scope, "" for none
    int64_t version_id, model_id;
    const char *model, *version, *stage; // "pm-next-day", "V1.0.3", "production"
    const char *stage_told;              // MLflow's: "Production", "Staging", "Archived", "None"
    const char *description, *source, *location; // where the files are: what the source means
    const char *run_id, *run_link, *status, *status_message, *user, *logged_model_id;
    const char *tags;    // JSON: [{"key":…,"value":…}], those of ours among them; NULL for none
    const char *aliases; // JSON: ["champion"], NULL for none
    int64_t number, created_ms, updated_ms;
};

struct model_version_request {
    const char *model, *source, *location;                         // a NULL location is the source
    const char *run_id, *run_link, *description, *logged_model_id; // NULL for none
    const char *actor;
};

// Registers a version and tells its number.
//
//   errors  MISSING for an unknown model
bool model_version_create(struct scope *s, struct db *db,
                          const struct model_version_request *request, int64_t *number) MUST_CHECK;

//   errors  MISSING: Model Version (name=pm, version=7) not found; also of all that follow
bool model_version_get(struct scope *s, struct db *db, const char *model, int64_t number,
                       struct model_version *out) MUST_CHECK;

// The version that an alias points at; "latest" is the one with the greatest number.
//
//   errors  INPUT when there is no such alias, MISSING when there is no such model
bool model_version_of_alias(struct scope *s, struct db *db, const char *model, const char *alias,
                            struct model_version *out) MUST_CHECK;

bool model_version_describe(struct scope *s, struct db *db, const char *model, int64_t number,
                            const char *description) MUST_CHECK;

// Deletes a version and the aliases that point at it; its row stays for what it has done.
//
//   errors  INPUT when it is in production
bool model_version_delete(struct scope *s, struct db *db, const char *model, int64_t number,
                          const char *actor) MUST_CHECK;

// Sets a tag, or takes it away; there need be none. MODEL_VERSION_STAGE moves the version.
//
//   errors  INPUT for a tag that is ours, GATE
bool model_version_tag_set(struct scope *s, struct db *db, const struct version *v, const char *key,
                           const char *value, const struct release_move *move) MUST_CHECK;
bool model_version_tag_drop(struct scope *s, struct db *db, const struct version *v,
                            const char *key) MUST_CHECK;

// Has MLflow's client told that a version is in its stage Production, though it cannot be served
// for this reason; NULL takes that back.
bool model_version_tell_production(struct scope *s, struct db *db, const struct version *v,
                                   const char *reason) MUST_CHECK;

// The newest version in each of MLflow's stages, of one model or of several (`model_ids`: "{7,9}"),
// by model.
bool model_version_latest(struct scope *s, struct db *db, const char *model_ids, size_t *n,
                          struct model_version **out) MUST_CHECK;

// The versions that meet a search, at most search->limit of them.
bool model_version_search(struct scope *s, struct db *db, const struct search *search, size_t *n,
                          struct model_version **out) MUST_CHECK;

#endif
