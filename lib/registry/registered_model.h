// registry/registered_model.h: models as a client of the registry sees them: names, tags, aliases.
//
// Versions, tags, aliases and grants hang on the model's number, so they follow a new name. A model
// that has ever been in production keeps its name and is not deleted: its predictions are filed
// under it. Call what changes something inside a transaction.
#ifndef REGISTRY_REGISTERED_MODEL_H
#define REGISTRY_REGISTERED_MODEL_H

#include "db/db.h"
#include "registry/search.h"

struct registered_model { // texts belong to the scope
    int64_t model_id;
    const char *name, *description, *user; // "" for none
    const char *tags;                      // JSON: [{"key":…,"value":…}], NULL for none
    const char *aliases;                   // JSON: [{"alias":…,"version":…}], NULL for none
    int64_t created_ms, updated_ms;
};

// Makes a model without a version.
//
//   errors  INPUT for a name that cannot be, CONFLICT when there is one of that name
bool registered_model_create(struct scope *s, struct db *db, const char *name,
                             const char *description, const char *actor) MUST_CHECK;

//   errors  MISSING: Registered Model with name=pm not found; also of all that follow
bool registered_model_get(struct scope *s, struct db *db, const char *name,
                          struct registered_model *out) MUST_CHECK;

// Gives a model another name.
//
//   errors  INPUT, CONFLICT when the name is taken or the model has been in production
bool registered_model_rename(struct scope *s, struct db *db, const char *name, const char *new_name,
                             const char *actor) MUST_CHECK;

bool registered_model_describe(struct scope *s, struct db *db, const char *name,
                               const char *description) MUST_CHECK;

// Deletes a model with its versions, tags and aliases.
//
//   errors  INPUT when it has been in production
bool registered_model_delete(struct scope *s, struct db *db, const char *name,
                             const char *actor) MUST_CHECK;

// Sets a tag, or takes it away; there need be none.
bool registered_model_tag_set(struct scope *s, struct db *db, const char *name, const char *key,
                              const char *value) MUST_CHECK;
bool registered_model_tag_drop(struct scope *s, struct db *db, const char *name,
                               const char *key) MUST_CHECK;

// The models that meet a search, at most search->limit of them.
bool registered_model_search(struct scope *s, struct db *db, const struct search *search, size_t *n,
                             struct registered_model **out) MUST_CHECK;

#endif
