#include "registry/team.h"

#include <string.h>

#include "registry/team.sql.h"
#include "registry/token.h"
#include "registry/user.h"
#include "text/json.h"

#define NAME_BYTES 1024
#define OWN_PREFIX "__user_" // of the names of teams that are a principal's own

static bool
grant_check(struct scope *s, const struct grant *grant)
{
    static const char *const permissions[] = {"READ",           "USE", "EDIT", "MANAGE",
                                              "NO_PERMISSIONS", "DENY"};
    const char *pattern = grant->pattern;
    const bool is_workspace = strcmp(grant->kind, "workspace") == 0;
    size_t i = 0;

    if (!is_workspace && strcmp(grant->kind, "experiment") != 0 &&
        strcmp(grant->kind, "registered_model") != 0)
        return fail(s, ERROR_INPUT,
                    "Invalid resource type '%.60s'. Valid resource types here are: ('experiment', "
                    "'registered_model', 'workspace')",
                    grant->kind);
    while (i < 6 && strcmp(grant->permission, permissions[i]) != 0)
        i++;
    if (i == 6 || (is_workspace && i != 1 && i != 3))
        return fail(s, ERROR_INPUT, "Invalid permission '%.60s'. Valid permissions are: %s",
                    grant->permission,
                    is_workspace ? "('USE', 'MANAGE')"
                                 : "('READ', 'USE', 'EDIT', 'MANAGE', 'NO_PERMISSIONS', 'DENY')");
    if (strcmp(pattern, "*") == 0)
        return true;
    if (is_workspace || pattern[0] == '\0' || strlen(pattern) > NAME_BYTES ||
        (grant->kind[0] == 'e' &&
         (strspn(pattern, "0123456789") != strlen(pattern) || strlen(pattern) > 18 ||
          (pattern[0] == '0' && pattern[1] != '\0'))))
        return fail(s, ERROR_INPUT, "Invalid resource '%.60s' for resource type '%s'", pattern,
                    grant->kind);
    return true;
}

static const char *
grant_words(struct scope *s, const struct grant *grant)
{
    struct buf text = buf_open(s, 100);
    struct json_writer w = {.out = &text};
    json_object_begin(&w);
    json_pair_text(&w, "kind", grant->kind);
    json_pair_text(&w, "pattern", grant->pattern);
    json_pair_text(&w, "permission", grant->permission);
    json_object_end(&w);
    return text.text;
}

// ---- teams
// ---------------------------------------------------------------------------------------

struct rows *
team_list(struct scope *s, struct db *db, const char *workspace)
{
    return DB_QUERY(s, db, &sql_team_list, workspace, NULL, NULL);
}

struct rows *
team_get(struct scope *s, struct db *db, int64_t team_id)
{
    struct rows *r =
        team_id < 1 || team_id > INT32_MAX
            ? fail_null(s, ERROR_MISSING, "Role with id=%lld not found", (long long)team_id)
            : DB_QUERY(s, db, &sql_team_list, NULL, db_int(s, team_id), NULL);
    if (r != NULL && rows_count(r) == 0)
        return fail_null(s, ERROR_MISSING, "Role with id=%lld not found", (long long)team_id);
    return r;
}

struct rows *
team_of(struct scope *s, struct db *db, const char *principal)
{
    return DB_QUERY(s, db, &sql_team_list, NULL, NULL, principal);
}

static bool
request_check(struct scope *s, const struct team_request *request)
{
    const char *name = request->name;
    if (name != NULL && (name[strspn(name, " \t")] == '\0' || strlen(name) > NAME_BYTES))
        return fail(s, ERROR_INPUT, "Role name must be text of at most %d bytes.", NAME_BYTES);
    if (name != NULL && strncmp(name, OWN_PREFIX, strlen(OWN_PREFIX)) == 0)
        return fail(s, ERROR_INPUT, "Role name '%.60s' uses the reserved prefix '" OWN_PREFIX "'",
                    name);
    if (request->description != NULL && strlen(request->description) > NAME_BYTES)
        return fail(s, ERROR_INPUT, "Role description must be at most %d bytes.", NAME_BYTES);
    return true;
}

bool
team_create(struct scope *s, struct db *db, const struct team_request *request, int64_t *team_id)
{
    if (!request_check(s, request) || !db_begin(s, db))
        return false;
    const struct rows *r =
        DB_QUERY(s, db, &sql_team_add, request->workspace, request->name, request->description);
    if (r == NULL)
        return false;
    if (rows_count(r) == 0)
        return fail(s, ERROR_CONFLICT, "Role (name=%.60s, workspace=%.60s) already exists",
                    request->name, request->workspace);
    *team_id = rows_int(r, 0, "team_id");
    return access_changed(s, db, request->actor, "team.created", request->name, "{}");
}

bool
team_change(struct scope *s, struct db *db, int64_t team_id, const struct team_request *request)
{
    if (!request_check(s, request) || !db_begin(s, db) || team_get(s, db, team_id) == NULL)
        return false;
    const struct rows *r =
        DB_QUERY(s, db, &sql_team_change, db_int(s, team_id), request->name, request->description);
    if (r == NULL)
        return s->kind == ERROR_CONFLICT
                   ? explain(s, "Role with name=%.60s already exists", request->name)
                   : false;
    if (rows_count(r) == 0)
        return fail(s, ERROR_INPUT, "a user's own role cannot be changed");
    return access_changed(s, db, request->actor, "team.changed", db_int(s, team_id), "{}");
}

bool
team_delete(struct scope *s, struct db *db, int64_t team_id, const char *actor)
{
    if (!db_begin(s, db) || team_get(s, db, team_id) == NULL)
        return false;
    const struct rows *r = DB_QUERY(s, db, &sql_team_drop, db_int(s, team_id));
    if (r == NULL)
        return false;
    if (rows_count(r) == 0)
        return fail(s, ERROR_INPUT, "a user's own role cannot be deleted");
    return access_changed(s, db, actor, "team.deleted", rows_text(r, 0, "name"), "{}");
}

struct rows *
team_grant(struct scope *s, struct db *db, int64_t team_id, const struct grant *grant,
           const char *actor)
{
    if (!grant_check(s, grant) || !db_begin(s, db) || team_get(s, db, team_id) == NULL)
        return NULL;
    struct rows *r = DB_QUERY(s, db, &sql_team_hold_add, db_int(s, team_id), grant->kind,
                              grant->pattern, grant->permission);
    if (r == NULL)
        return NULL;
    if (rows_count(r) == 0)
        return fail_null(s, ERROR_CONFLICT,
                         "Role permission (role_id=%lld, resource_type=%s, resource_pattern=%.60s) "
                         "already exists",
                         (long long)team_id, grant->kind, grant->pattern);
    return access_changed(s, db, actor, "team.granted", db_int(s, team_id), grant_words(s, grant))
               ? r
               : NULL;
}

struct rows *
team_holds(struct scope *s, struct db *db, int64_t team_id)
{
    return team_get(s, db, team_id) == NULL ? NULL
                                            : DB_QUERY(s, db, &sql_team_holds, db_int(s, team_id));
}

static bool
hold_get(struct scope *s, struct db *db, int64_t hold_id, const struct rows **out)
{
    *out = hold_id < 1 || hold_id > INT32_MAX
               ? NULL
               : DB_QUERY(s, db, &sql_team_hold_find, db_int(s, hold_id));
    if (s->kind != ERROR_NONE)
        return false;
    return (*out != NULL && rows_count(*out) == 1) ||
           fail(s, ERROR_MISSING, "Role permission with id=%lld not found", (long long)hold_id);
}

struct rows *
team_regrant(struct scope *s, struct db *db, int64_t hold_id, const char *permission,
             const char *actor)
{
    const struct rows *old;
    if (!db_begin(s, db) || !hold_get(s, db, hold_id, &old))
        return NULL;
    const struct grant grant = {rows_text(old, 0, "kind"), "*", permission};
    struct rows *r = !grant_check(s, &grant)
                         ? NULL
                         : DB_QUERY(s, db, &sql_team_hold_change, db_int(s, hold_id), permission);
    if (r == NULL || !access_changed(s, db, actor, "team.regranted", db_int(s, hold_id),
                                     rows_text(r, 0, "entry")))
        return NULL;
    return r;
}

bool
team_revoke(struct scope *s, struct db *db, int64_t hold_id, const char *actor)
{
    const struct rows *old;
    if (!db_begin(s, db) || !hold_get(s, db, hold_id, &old))
        return false;
    const struct rows *r = DB_QUERY(s, db, &sql_team_hold_drop, db_int(s, hold_id));
    if (r == NULL)
        return false;
    const struct grant grant = {rows_text(r, 0, "kind"), rows_text(r, 0, "pattern"),
                                rows_text(r, 0, "permission")};
    return access_changed(s, db, actor, "team.revoked", rows_text(r, 0, "name"),
                          grant_words(s, &grant));
}

// ---- members
// -------------------------------------------------------------------------------------

struct rows *
team_members(struct scope *s, struct db *db, int64_t team_id)
{
    return team_get(s, db, team_id) == NULL
               ? NULL
               : DB_QUERY(s, db, &sql_team_members, db_int(s, team_id));
}

struct rows *
team_join(struct scope *s, struct db *db, int64_t team_id, const char *principal, const char *actor)
{
    if (!db_begin(s, db) || user_find(s, db, principal) == NULL || team_get(s, db, team_id) == NULL)
        return NULL;
    struct rows *r = DB_QUERY(s, db, &sql_team_join, db_int(s, team_id), principal);
    if (r == NULL)
        return NULL;
    if (rows_count(r) == 0)
        return fail_null(s, ERROR_CONFLICT, "user \"%s\" has this role already", principal);
    return access_changed(s, db, actor, "team.joined", principal, rows_text(r, 0, "entry")) ? r
                                                                                            : NULL;
}

bool
team_leave(struct scope *s, struct db *db, int64_t team_id, const char *principal,
           const char *actor)
{
    if (!db_begin(s, db) || user_find(s, db, principal) == NULL || team_get(s, db, team_id) == NULL)
        return false;
    const struct rows *r = DB_QUERY(s, db, &sql_team_leave, db_int(s, team_id), principal);
    if (r == NULL)
        return false;
    if (rows_count(r) == 0)
        return fail(s, ERROR_MISSING, "user \"%s\" does not have this role", principal);
    return access_changed(s, db, actor, "team.left", principal,
                          scope_print(s, "{\"role_id\":%lld}", (long long)team_id));
}

// ---- a principal's own grants
// --------------------------------------------------------------------

struct rows *
grant_find(struct scope *s, struct db *db, const char *principal, const struct grant *grant)
{
    if (user_find(s, db, principal) == NULL)
        return NULL;
    struct rows *r = DB_QUERY(s, db, &sql_team_own_find, principal, grant->kind, grant->pattern);
    if (r != NULL && rows_count(r) == 0)
        return fail_null(
            s, ERROR_MISSING,
            "Permission for user=%.70s on resource_type=%s, resource_id=%.60s not found", principal,
            grant->kind, grant->pattern);
    return r;
}

bool
grant_own(struct scope *s, struct db *db, const char *principal, const struct grant *grant)
{
    return DB_RUN(s, db, &sql_team_own_add, principal) &&
           DB_RUN(s, db, &sql_team_own_join, principal) &&
           DB_RUN(s, db, &sql_team_own_grant, principal, grant->kind, grant->pattern, "MANAGE");
}

bool
grant_add(struct scope *s, struct db *db, const char *principal, const struct grant *grant,
          const char *actor)
{
    if (!grant_check(s, grant) || !db_begin(s, db) || user_find(s, db, principal) == NULL ||
        !DB_RUN(s, db, &sql_team_own_add, principal) ||
        !DB_RUN(s, db, &sql_team_own_join, principal))
        return false;
    const struct rows *r = DB_QUERY(s, db, &sql_team_own_grant, principal, grant->kind,
                                    grant->pattern, grant->permission);
    if (r == NULL)
        return false;
    if (rows_count(r) == 0)
        return fail(s, ERROR_CONFLICT,
                    "Permission for user=%s on resource_type=%s, resource_id=%.60s already exists",
                    principal, grant->kind, grant->pattern);
    return access_changed(s, db, actor, "grant.added", principal, grant_words(s, grant));
}

bool
grant_change(struct scope *s, struct db *db, const char *principal, const struct grant *grant,
             const char *actor)
{
    return grant_check(s, grant) && db_begin(s, db) &&
           grant_find(s, db, principal, grant) != NULL &&
           DB_RUN(s, db, &sql_team_own_change, principal, grant->kind, grant->pattern,
                  grant->permission) &&
           access_changed(s, db, actor, "grant.changed", principal, grant_words(s, grant));
}

bool
grant_drop(struct scope *s, struct db *db, const char *principal, const struct grant *grant,
           const char *actor)
{
    return db_begin(s, db) && grant_find(s, db, principal, grant) != NULL &&
           DB_RUN(s, db, &sql_team_own_drop, principal, grant->kind, grant->pattern) &&
           access_changed(s, db, actor, "grant.dropped", principal, grant_words(s, grant));
}

struct rows *
grant_list(struct scope *s, struct db *db, const char *principal)
{
    return DB_QUERY(s, db, &sql_team_grants, principal);
}

bool
grant_settings(struct scope *s, struct db *db, const char *permission, const char *anonymous_role)
{
    if (!db_begin(s, db))
        return false;
    const struct rows *absent = DB_QUERY(s, db, &sql_team_absent_set, permission);
    const struct rows *dropped =
        absent == NULL ? NULL : DB_QUERY(s, db, &sql_team_anonymous_drop, anonymous_role);
    const struct rows *added =
        dropped == NULL ? NULL : DB_QUERY(s, db, &sql_team_anonymous_add, anonymous_role);
    if (added == NULL)
        return false;
    if (rows_count(absent) + rows_count(dropped) + rows_count(added) == 0)
        return db_commit(s, db);
    const struct grant grant = {"workspace", anonymous_role, permission};
    return access_changed(s, db, "airwatch", "grant.settings", "anonymous", grant_words(s, &grant));
}
