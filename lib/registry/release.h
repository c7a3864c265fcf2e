// registry/release.h: which version of a model does what: stages, and the aliases that mean them.
//
// The aliases "production", "shadow" and "canary" are stages: pointing one at a version moves the
// version to that stage, and taking it away moves the version out. A model has one version in
// production; the one that was there before is archived. Every move is a row of ml.release,
// audited, and announced to what serves. Call all of these inside a transaction.
#ifndef REGISTRY_RELEASE_H
#define REGISTRY_RELEASE_H

#include "registry/version.h"

struct release_move {
    const char *actor;
    int64_t as_of;
    const char *evidence; // JSON: why
};

// Tells whether a version can answer predictions; `*reason` says in words why not, NULL where it
// can.
bool version_servable(struct scope *s, struct db *db, const struct version *v,
                      const char **reason) MUST_CHECK;

// Reads a version, and holds its model against other moves until the transaction ends. Whoever is
// going to change more of it than its stage does so first, or two wait for each other.
//
//   errors  MISSING
bool version_hold(struct scope *s, struct db *db, const char *model, int64_t number,
                  struct version *out) MUST_CHECK;

// Moves a version to a stage; nothing happens when it is there already.
//
//   errors  INPUT for a stage that is none, GATE for production where the version cannot be served,
//           MISSING for a version that was deleted meanwhile
bool version_move(struct scope *s, struct db *db, const struct version *v, const char *stage,
                  const struct release_move *move) MUST_CHECK;

// Moves a version to production.
//
//   errors  GATE where it cannot be served
bool version_promote(struct scope *s, struct db *db, const struct version *v, const char *actor,
                     int64_t as_of, const char *evidence) MUST_CHECK;

// Tells whether an alias is a stage.
bool alias_is_stage(const char *alias);

// Points an alias at a version, or takes it away; there need be none. The version that a stage's
// alias leaves goes back to "registered", from production to "archived".
//
//   errors  INPUT for an alias that cannot be; GATE
bool alias_set(struct scope *s, struct db *db, const struct version *v, const char *alias,
               const struct release_move *move) MUST_CHECK;
bool alias_drop(struct scope *s, struct db *db, const char *model, const char *alias,
                const struct release_move *move) MUST_CHECK;

#endif
