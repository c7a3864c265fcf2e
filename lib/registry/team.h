// registry/team.h: who may do what to which experiment and model: grants, and teams that hold them.
//
// What MLflow calls a role is a team here. A principal's own grants are held by a team of its own,
// made with the first of them. Every change is audited in its transaction and announced. Entries
// are JSON as MLflow tells roles.
#ifndef REGISTRY_TEAM_H
#define REGISTRY_TEAM_H

#include "db/db.h"

struct grant {
    const char *kind;       // "experiment", "registered_model" or "workspace"
    const char *pattern;    // an experiment's id, a model's name, or "*" for all
    const char *permission; // READ, USE, EDIT, MANAGE, NO_PERMISSIONS or DENY
};

struct team_request {
    const char *name, *workspace; // NULL leaves a name as it was
    const char *description;      // likewise
    const char *actor;            // for the audit
};

// Teams: all of a workspace (NULL: of all), one by its number, or those that a principal is in, as
// rows with `entry`, and `own` where it is a principal's own.
//
//   errors  MISSING when there is no such team
struct rows *team_list(struct scope *s, struct db *db, const char *workspace) MUST_CHECK;
struct rows *team_get(struct scope *s, struct db *db, int64_t team_id) MUST_CHECK;
struct rows *team_of(struct scope *s, struct db *db, const char *principal) MUST_CHECK;

// Makes a team and tells its number; changes one; ends one with its grants.
//
//   errors  INPUT for a name that cannot be; CONFLICT when it is taken; MISSING
bool team_create(struct scope *s, struct db *db, const struct team_request *request,
                 int64_t *team_id) MUST_CHECK;
bool team_change(struct scope *s, struct db *db, int64_t team_id,
                 const struct team_request *request) MUST_CHECK;
bool team_delete(struct scope *s, struct db *db, int64_t team_id, const char *actor) MUST_CHECK;

// Grants of a team: one more, another permission for one, all, one less. The rows tell `entry`.
//
//   errors  INPUT for a grant that cannot be; CONFLICT when the team has one for the same; MISSING
struct rows *team_grant(struct scope *s, struct db *db, int64_t team_id, const struct grant *grant,
                        const char *actor) MUST_CHECK;
struct rows *team_regrant(struct scope *s, struct db *db, int64_t hold_id, const char *permission,
                          const char *actor) MUST_CHECK;
struct rows *team_holds(struct scope *s, struct db *db, int64_t team_id) MUST_CHECK;
bool team_revoke(struct scope *s, struct db *db, int64_t hold_id, const char *actor) MUST_CHECK;

// Members: as rows with `entry`, one more, one less.
//
//   errors  CONFLICT when the principal is one; MISSING
struct rows *team_members(struct scope *s, struct db *db, int64_t team_id) MUST_CHECK;
struct rows *team_join(struct scope *s, struct db *db, int64_t team_id, const char *principal,
                       const char *actor) MUST_CHECK;
bool team_leave(struct scope *s, struct db *db, int64_t team_id, const char *principal,
                const char *actor) MUST_CHECK;

// Grants of a principal's own: what it is granted on one thing (user_id, permission), one more,
// another permission, one less.
//
//   errors  INPUT for a grant that cannot be; CONFLICT when there is one for the same; MISSING when
//           there is none or no such principal
struct rows *grant_find(struct scope *s, struct db *db, const char *principal,
                        const struct grant *grant) MUST_CHECK;
bool grant_add(struct scope *s, struct db *db, const char *principal, const struct grant *grant,
               const char *actor) MUST_CHECK;
bool grant_change(struct scope *s, struct db *db, const char *principal, const struct grant *grant,
                  const char *actor) MUST_CHECK;
bool grant_drop(struct scope *s, struct db *db, const char *principal, const struct grant *grant,
                const char *actor) MUST_CHECK;

// Gives MANAGE to who makes a thing, inside the transaction of the making.
bool grant_own(struct scope *s, struct db *db, const char *principal,
               const struct grant *grant) MUST_CHECK;

// All grants that a principal has, through whichever team: as rows with `entry`.
struct rows *grant_list(struct scope *s, struct db *db, const char *principal) MUST_CHECK;

// Has the database know two settings, for searches join them: what holds where nothing is granted,
// and the role of who shows nothing, "none" for none.
bool grant_settings(struct scope *s, struct db *db, const char *permission,
                    const char *anonymous_role) MUST_CHECK;

#endif
