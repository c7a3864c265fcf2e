#include <stdlib.h>
#include <string.h>

#include "mlflow/handlers.h"
#include "mlflow/message.h"
#include "mlflow/permit.h"
#include "registry/user.h"

struct ask { // what such a message asks about
    const char *user;
    struct grant grant;
};

// Demands MANAGE on what a grant is about; on everything, for a grant on everything and one on what
// is not there.
static bool
manage_demand(struct scope *s, const struct request *in, const struct grant *grant)
{
    bool is_there = false;
    if (strcmp(grant->pattern, "*") == 0 || strcmp(grant->kind, "workspace") == 0)
        return permit_manager(s, in);
    if (!permit_is_there(s, in, grant, &is_there))
        return false;
    if (!is_there)
        return permit_manager(s, in);
    if (grant->kind[0] == 'e')
        return permit_experiment(s, in, strtoll(grant->pattern, NULL, 10), PERMISSION_MANAGE);
    return permit_model(s, in, grant->pattern, PERMISSION_MANAGE);
}

// ---- clients before 3.12
// -------------------------------------------------------------------------

static bool
old_read(struct scope *s, const struct request *in, const char *kind, const char *field,
         struct ask *out)
{
    const struct message *m;
    *out = (struct ask){.grant = {.kind = kind}};
    return message_read(s, in, &m) && message_need_text(s, m, field, &out->grant.pattern) &&
           message_need_text(s, m, "username", &out->user) && manage_demand(s, in, &out->grant);
}

static bool
permission_read(struct scope *s, const struct request *in, struct ask *out)
{
    const struct message *m;
    return message_read(s, in, &m) && message_need_text(s, m, "permission", &out->grant.permission);
}

// Says of a grant that is not there what those clients' programs look for.
static bool
old_failed(struct scope *s, const struct ask *ask)
{
    const bool is_experiment = ask->grant.kind[0] == 'e';
    static const char ours[] = "Permission for user=";
    if (s->kind != ERROR_MISSING || strncmp(s->message, ours, sizeof ours - 1) != 0)
        return false;
    scope_forgive(s);
    return fail(s, ERROR_MISSING, "%s permission with %s=%.256s and username=%.70s not found",
                is_experiment ? "Experiment" : "Registered model",
                is_experiment ? "experiment_id" : "name", ask->grant.pattern, ask->user);
}

static bool
old_reply(struct scope *s, const struct request *in, const struct ask *ask, struct reply *out)
{
    const bool is_experiment = ask->grant.kind[0] == 'e';
    const struct rows *r = grant_find(s, in->db, ask->user, &ask->grant);
    if (r == NULL)
        return old_failed(s, ask);
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    json_put_key(&w, is_experiment ? "experiment_permission" : "registered_model_permission");
    json_object_begin(&w);
    json_pair_text(&w, is_experiment ? "experiment_id" : "name", ask->grant.pattern);
    json_pair_int(&w, "user_id", rows_int(r, 0, "user_id"));
    json_pair_text(&w, "permission", rows_text(r, 0, "permission"));
    json_pair_text(&w, "workspace", "default");
    json_object_end(&w);
    json_object_end(&w);
    return true;
}

static bool
old_create(struct scope *s, const struct request *in, struct ask *ask, struct reply *out)
{
    if (!permission_read(s, in, ask) ||
        !grant_add(s, in->db, ask->user, &ask->grant, in->principal))
        return false;
    permit_changed(in);
    return old_reply(s, in, ask, out);
}

static bool
old_update(struct scope *s, const struct request *in, struct ask *ask, struct reply *out)
{
    if (!permission_read(s, in, ask))
        return false;
    if (!grant_change(s, in->db, ask->user, &ask->grant, in->principal))
        return old_failed(s, ask);
    permit_changed(in);
    return message_reply_empty(out);
}

static bool
drop(struct scope *s, const struct request *in, struct ask *ask, struct reply *out)
{
    if (!grant_drop(s, in->db, ask->user, &ask->grant, in->principal))
        return false;
    permit_changed(in);
    return message_reply_empty(out);
}

bool
experiment_permission_create(struct scope *s, const struct request *in, struct reply *out)
{
    struct ask ask;
    return old_read(s, in, "experiment", "experiment_id", &ask) && old_create(s, in, &ask, out);
}

bool
experiment_permission_get(struct scope *s, const struct request *in, struct reply *out)
{
    struct ask ask;
    return old_read(s, in, "experiment", "experiment_id", &ask) && old_reply(s, in, &ask, out);
}

bool
experiment_permission_update(struct scope *s, const struct request *in, struct reply *out)
{
    struct ask ask;
    return old_read(s, in, "experiment", "experiment_id", &ask) && old_update(s, in, &ask, out);
}

bool
experiment_permission_delete(struct scope *s, const struct request *in, struct reply *out)
{
    struct ask ask;
    return old_read(s, in, "experiment", "experiment_id", &ask) &&
           (drop(s, in, &ask, out) || old_failed(s, &ask));
}

bool
model_permission_create(struct scope *s, const struct request *in, struct reply *out)
{
    struct ask ask;
    return old_read(s, in, "registered_model", "name", &ask) && old_create(s, in, &ask, out);
}

bool
model_permission_get(struct scope *s, const struct request *in, struct reply *out)
{
    struct ask ask;
    return old_read(s, in, "registered_model", "name", &ask) && old_reply(s, in, &ask, out);
}

bool
model_permission_update(struct scope *s, const struct request *in, struct reply *out)
{
    struct ask ask;
    return old_read(s, in, "registered_model", "name", &ask) && old_update(s, in, &ask, out);
}

bool
model_permission_delete(struct scope *s, const struct request *in, struct reply *out)
{
    struct ask ask;
    return old_read(s, in, "registered_model", "name", &ask) &&
           (drop(s, in, &ask, out) || old_failed(s, &ask));
}

// ---- clients since 3.12
// --------------------------------------------------------------------------

static bool
new_read(struct scope *s, const struct request *in, struct ask *out)
{
    const struct message *m;
    *out = (struct ask){.grant = {.permission = ""}};
    if (!message_read(s, in, &m) || !message_need_text(s, m, "username", &out->user) ||
        !message_need_text(s, m, "resource_type", &out->grant.kind) ||
        !message_need_text(s, m, "resource_id", &out->grant.pattern) ||
        !message_text(s, m, "permission", &out->grant.permission))
        return false;
    return (strcmp(out->grant.kind, "experiment") == 0 ||
            strcmp(out->grant.kind, "registered_model") == 0) ||
           fail(s, ERROR_INPUT,
                "Invalid resource type '%.60s'. Valid resource types here are: ('experiment', "
                "'registered_model')",
                out->grant.kind);
}

bool
user_permission_grant(struct scope *s, const struct request *in, struct reply *out)
{
    struct ask ask;
    if (!new_read(s, in, &ask) || !manage_demand(s, in, &ask.grant) ||
        !permission_read(s, in, &ask) || !grant_add(s, in->db, ask.user, &ask.grant, in->principal))
        return false;
    permit_changed(in);
    return message_reply_empty(out);
}

bool
user_permission_revoke(struct scope *s, const struct request *in, struct reply *out)
{
    struct ask ask;
    return new_read(s, in, &ask) && manage_demand(s, in, &ask.grant) && drop(s, in, &ask, out);
}

static bool
self_or_manager(struct scope *s, const struct request *in, const char *user)
{
    return strcmp(in->principal, user) == 0 || permit_manager(s, in);
}

bool
user_permission_get(struct scope *s, const struct request *in, struct reply *out)
{
    struct ask ask;
    enum permission level;
    if (!new_read(s, in, &ask) || !self_or_manager(s, in, ask.user) ||
        user_find(s, in->db, ask.user) == NULL || !permit_told(s, in, ask.user, &ask.grant, &level))
        return false;
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    json_pair_bool(&w, "allowed", level >= PERMISSION_USE);
    json_pair_text(&w, "permission", permission_name(level));
    json_object_end(&w);
    return true;
}

static bool
list_reply(struct scope *s, const struct request *in, const char *name, struct reply *out)
{
    const struct rows *user = user_find(s, in->db, name);
    const struct rows *r = user == NULL ? NULL : grant_list(s, in->db, name);
    if (r == NULL)
        return false;
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    json_pair_bool(&w, "is_admin", rows_bool(user, 0, "is_admin"));
    json_put_key(&w, "permissions");
    message_put_entries(&w, r);
    json_object_end(&w);
    return true;
}

bool
user_permission_list(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    const char *name;
    return message_read(s, in, &m) && message_need_text(s, m, "username", &name) &&
           self_or_manager(s, in, name) && list_reply(s, in, name, out);
}

bool
user_permission_mine(struct scope *s, const struct request *in, struct reply *out)
{
    return list_reply(s, in, in->principal, out);
}
