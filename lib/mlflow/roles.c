#include <string.h>

#include "mlflow/handlers.h"
#include "mlflow/message.h"
#include "mlflow/permit.h"
#include "registry/team.h"
#include "registry/user.h"

// Begins every request about roles: a message, and a caller who manages everything.
static bool
begin(struct scope *s, const struct request *in, const struct message **m)
{
    return message_read(s, in, m) && permit_manager(s, in);
}

static bool
entry_reply(const char *key, const struct rows *r, struct reply *out)
{
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    json_put_key(&w, key);
    json_put_raw(&w, rows_text(r, 0, "entry"));
    json_object_end(&w);
    return true;
}

static bool
entries_reply(const char *key, const struct rows *r, struct reply *out)
{
    struct json_writer w = reply_json(out);
    if (r == NULL)
        return false;
    json_object_begin(&w);
    json_put_key(&w, key);
    message_put_entries(&w, r);
    json_object_end(&w);
    return true;
}

static bool
team_reply(struct scope *s, const struct request *in, int64_t team_id, struct reply *out)
{
    const struct rows *r = team_get(s, in->db, team_id);
    return r != NULL && entry_reply("role", r, out);
}

bool
role_create(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    int64_t team_id;
    struct team_request request = {.workspace = "default", .actor = in->principal};
    if (!begin(s, in, &m) || !message_need_text(s, m, "name", &request.name) ||
        !message_text(s, m, "workspace", &request.workspace) ||
        !message_text(s, m, "description", &request.description))
        return false;
    if (strcmp(request.workspace, "default") != 0)
        return fail(s, ERROR_INPUT, "workspace \"%.60s\" is not there: the only one is \"default\"",
                    request.workspace);
    return team_create(s, in->db, &request, &team_id) && team_reply(s, in, team_id, out);
}

bool
role_get(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    int64_t team_id;
    return begin(s, in, &m) && message_need_int(s, m, "role_id", &team_id) &&
           team_reply(s, in, team_id, out);
}

bool
role_list(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    const char *workspace = NULL;
    return begin(s, in, &m) && message_text(s, m, "workspace", &workspace) &&
           entries_reply("roles", team_list(s, in->db, workspace), out);
}

bool
role_update(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    int64_t team_id;
    struct team_request request = {.actor = in->principal};
    if (!begin(s, in, &m) || !message_need_int(s, m, "role_id", &team_id) ||
        !message_text(s, m, "name", &request.name) ||
        !message_text(s, m, "description", &request.description))
        return false;
    if (request.name == NULL && request.description == NULL)
        return fail(s, ERROR_INPUT,
                    "At least one of 'name' or 'description' must be provided to update a role.");
    return team_change(s, in->db, team_id, &request) && team_reply(s, in, team_id, out);
}

// Answers a change that tells nothing.
static bool
changed(const struct request *in, bool is_done, struct reply *out)
{
    if (!is_done)
        return false;
    permit_changed(in);
    return message_reply_empty(out);
}

bool
role_delete(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    int64_t team_id;
    return begin(s, in, &m) && message_need_int(s, m, "role_id", &team_id) &&
           changed(in, team_delete(s, in->db, team_id, in->principal), out);
}

bool
role_permission_add(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    int64_t team_id;
    struct grant grant;
    if (!begin(s, in, &m) || !message_need_int(s, m, "role_id", &team_id) ||
        !message_need_text(s, m, "resource_type", &grant.kind) ||
        !message_need_text(s, m, "resource_pattern", &grant.pattern) ||
        !message_need_text(s, m, "permission", &grant.permission))
        return false;
    const struct rows *r = team_grant(s, in->db, team_id, &grant, in->principal);
    if (r == NULL)
        return false;
    permit_changed(in);
    return entry_reply("role_permission", r, out);
}

bool
role_permission_remove(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    int64_t hold_id;
    return begin(s, in, &m) && message_need_int(s, m, "role_permission_id", &hold_id) &&
           changed(in, team_revoke(s, in->db, hold_id, in->principal), out);
}

bool
role_permission_list(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    int64_t team_id;
    return begin(s, in, &m) && message_need_int(s, m, "role_id", &team_id) &&
           entries_reply("role_permissions", team_holds(s, in->db, team_id), out);
}

bool
role_permission_update(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    int64_t hold_id;
    const char *permission;
    if (!begin(s, in, &m) || !message_need_int(s, m, "role_permission_id", &hold_id) ||
        !message_need_text(s, m, "permission", &permission))
        return false;
    const struct rows *r = team_regrant(s, in->db, hold_id, permission, in->principal);
    if (r == NULL)
        return false;
    permit_changed(in);
    return entry_reply("role_permission", r, out);
}

static bool
member_read(struct scope *s, const struct request *in, const char **user, int64_t *team_id)
{
    const struct message *m;
    return begin(s, in, &m) && message_need_text(s, m, "username", user) &&
           message_need_int(s, m, "role_id", team_id);
}

bool
role_assign(struct scope *s, const struct request *in, struct reply *out)
{
    const char *user;
    int64_t team_id;
    if (!member_read(s, in, &user, &team_id))
        return false;
    const struct rows *r = team_join(s, in->db, team_id, user, in->principal);
    if (r == NULL)
        return false;
    permit_changed(in);
    return entry_reply("assignment", r, out);
}

bool
role_unassign(struct scope *s, const struct request *in, struct reply *out)
{
    const char *user;
    int64_t team_id;
    return member_read(s, in, &user, &team_id) &&
           changed(in, team_leave(s, in->db, team_id, user, in->principal), out);
}

bool
role_users(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    int64_t team_id;
    return begin(s, in, &m) && message_need_int(s, m, "role_id", &team_id) &&
           entries_reply("assignments", team_members(s, in->db, team_id), out);
}

bool
user_roles(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    const char *user;
    return message_read(s, in, &m) && message_need_text(s, m, "username", &user) &&
           (strcmp(user, in->principal) == 0 || permit_manager(s, in)) &&
           user_find(s, in->db, user) != NULL &&
           entries_reply("roles", team_of(s, in->db, user), out);
}
