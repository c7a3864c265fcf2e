#include "registry/release.h"

#include <string.h>

#include "registry/audit.h"
#include "registry/name.h"
#include "registry/release.sql.h"

static const char *const stages[] = {"registered", "validated", "shadow",  "canary", "production",
                                     "archived",   "rejected",  "aborted", "paused"};

static bool
is_stage(const char *word)
{
    for (size_t i = 0; i < sizeof stages / sizeof *stages; i++)
        if (strcmp(stages[i], word) == 0)
            return true;
    return false;
}

bool
alias_is_stage(const char *alias)
{
    return strcmp(alias, "production") == 0 || strcmp(alias, "shadow") == 0 ||
           strcmp(alias, "canary") == 0;
}

bool
version_servable(struct scope *s, struct db *db, const struct version *v, const char **reason)
{
    (void)s;
    (void)db;
    *reason = v->artifact_key[0] != '\0'
                  ? NULL
                  : "it holds no artifact of AirWatch's, and other flavours cannot be served";
    return true;
}

// Moves one version to a stage, with all that must be told of it; nothing if it is there already.
static bool
stage_set(struct scope *s, struct db *db, const struct version *v, const char *stage,
          const struct release_move *move)
{
    const char *id = db_int(s, v->version_id);
    const char *action = strcmp(stage, "production") == 0 ? "version.promoted"
                         : strcmp(stage, "archived") == 0 ? "version.archived"
                                                          : "version.moved";
    const struct rows *was = DB_QUERY(s, db, &sql_release_stage, id, stage);
    if (was == NULL || rows_count(was) == 0)
        return was != NULL;
    return DB_RUN(s, db, &sql_release_add, id, rows_text(was, 0, "from_stage"), stage, move->actor,
                  db_time(s, move->as_of), move->evidence) &&
           DB_RUN(s, db, &sql_release_unalias, id, stage) &&
           DB_RUN(s, db, &sql_release_touch, id) &&
           audit_add(s, db, move->actor, action, scope_print(s, "%s %s", v->model, v->version),
                     move->evidence);
}

// Makes room in production: an index holds that a model has one version there.
static bool
production_clear(struct scope *s, struct db *db, const struct version *v,
                 const struct release_move *move)
{
    const char *reason;
    struct version before;
    bool is_found;
    if (!version_servable(s, db, v, &reason))
        return false;
    if (reason != NULL)
        return fail(s, ERROR_GATE, "version %s of model \"%s\" cannot go into production: %s",
                    v->version, v->model, reason);
    if (!version_in_production(s, db, v->model, &is_found, &before))
        return false;
    return !is_found || before.version_id == v->version_id ||
           stage_set(s, db, &before, "archived", move);
}

bool
version_hold(struct scope *s, struct db *db, const char *model, int64_t number, struct version *out)
{
    // The lock comes in a statement of its own, so that the next one sees what it waited for.
    return DB_RUN(s, db, &sql_release_lock, model) && version_by_number(s, db, model, number, out);
}

bool
version_move(struct scope *s, struct db *db, const struct version *v, const char *stage,
             const struct release_move *move)
{
    struct version now;
    if (!is_stage(stage))
        return fail(s, ERROR_INPUT, "there is no stage \"%.40s\"", stage);
    if (!version_hold(s, db, v->model, v->number, &now) ||
        (strcmp(stage, "production") == 0 && !production_clear(s, db, v, move)) ||
        !stage_set(s, db, v, stage, move))
        return false;
    if (alias_is_stage(stage) &&
        !DB_RUN(s, db, &sql_release_alias, db_int(s, v->version_id), stage))
        return false;
    return DB_RUN(s, db, &sql_release_announce, REGISTRY_CHANNEL, v->model);
}

bool
version_promote(struct scope *s, struct db *db, const struct version *v, const char *actor,
                int64_t as_of, const char *evidence)
{
    return version_move(s, db, v, "production", &(struct release_move){actor, as_of, evidence});
}

// Moves the version that a stage's alias points at out of that stage.
static bool
holder_leave(struct scope *s, struct db *db, const struct version *holder, const char *alias,
             const struct release_move *move)
{
    if (strcmp(holder->stage, alias) != 0)
        return true;
    return version_move(s, db, holder, strcmp(alias, "production") == 0 ? "archived" : "registered",
                        move);
}

static bool
alias_audit(struct scope *s, struct db *db, const char *action, const char *model,
            const char *alias, const char *actor, const char *detail)
{
    return audit_add(s, db, actor, action, scope_print(s, "%s@%s", model, alias), detail);
}

bool
alias_set(struct scope *s, struct db *db, const struct version *v, const char *alias,
          const struct release_move *move)
{
    struct version holder, now;
    bool is_found;
    if (!name_check_alias(s, alias) || !version_hold(s, db, v->model, v->number, &now) ||
        !version_of_alias(s, db, v->model, alias, &is_found, &holder))
        return false;
    if (is_found && holder.version_id == v->version_id &&
        (!alias_is_stage(alias) || strcmp(holder.stage, alias) == 0))
        return true;
    if (!alias_is_stage(alias))
        return DB_RUN(s, db, &sql_release_alias, db_int(s, v->version_id), alias) &&
               alias_audit(s, db, "alias.set", v->model, alias, move->actor,
                           scope_print(s, "{\"version\": \"%s\"}", v->version));
    // The stage's own rules move the one in production; the others step back by hand.
    if (is_found && holder.version_id != v->version_id && strcmp(alias, "production") != 0 &&
        !holder_leave(s, db, &holder, alias, move))
        return false;
    return version_move(s, db, v, alias, move);
}

bool
alias_drop(struct scope *s, struct db *db, const char *model, const char *alias,
           const struct release_move *move)
{
    struct version holder;
    bool is_found;
    if (!DB_RUN(s, db, &sql_release_lock, model) ||
        !version_of_alias(s, db, model, alias, &is_found, &holder))
        return false;
    if (!is_found)
        return true;
    return (!alias_is_stage(alias) || holder_leave(s, db, &holder, alias, move)) &&
           DB_RUN(s, db, &sql_release_alias_drop, model, alias) &&
           alias_audit(s, db, "alias.dropped", model, alias, move->actor,
                       scope_print(s, "{\"version\": \"%s\"}", holder.version));
}
