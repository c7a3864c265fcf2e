#include "registry/user.h"

#include <string.h>

#include "base/password.h"
#include "mlflow/handlers.h"
#include "mlflow/message.h"
#include "mlflow/permit.h"

static bool
is_operator(const struct request *in)
{
    return (in->roles & ROLE_OPERATOR) != 0;
}

// Demands that the caller is this user, or an operator.
static bool
self_demand(struct scope *s, const struct request *in, const char *name)
{
    return is_operator(in) || strcmp(in->principal, name) == 0 ||
           fail(s, ERROR_DENIED, "Permission denied: this is for the user alone, or an operator");
}

static bool
operator_demand(struct scope *s, const struct request *in)
{
    return is_operator(in) || fail(s, ERROR_DENIED, "Permission denied: this is for operators");
}

static void
user_put(struct json_writer *w, const struct rows *r, size_t i)
{
    json_pair_int(w, "id", rows_int(r, i, "user_id"));
    json_pair_text(w, "username", rows_text(r, i, "username"));
    json_pair_bool(w, "is_admin", rows_bool(r, i, "is_admin"));
}

// A user's own grants of one kind, as clients before 3.12 read them with the user.
static void
own_put(struct json_writer *w, const struct rows *grants, const char *kind, const char *key)
{
    for (size_t i = 0; i < rows_count(grants); i++) {
        if (!rows_bool(grants, i, "own") || strcmp(rows_text(grants, i, "kind"), kind) != 0)
            continue;
        json_object_begin(w);
        json_pair_text(w, key, rows_text(grants, i, "pattern"));
        json_pair_int(w, "user_id", rows_int(grants, i, "user_id"));
        json_pair_text(w, "permission", rows_text(grants, i, "permission"));
        json_object_end(w);
    }
}

static bool
user_reply(struct scope *s, const struct request *in, const char *name, struct reply *out)
{
    const struct rows *user = user_find(s, in->db, name);
    const struct rows *grants = user == NULL ? NULL : grant_list(s, in->db, name);
    if (grants == NULL)
        return false;
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    json_put_key(&w, "user");
    json_object_begin(&w);
    user_put(&w, user, 0);
    json_put_key(&w, "experiment_permissions");
    json_array_begin(&w);
    own_put(&w, grants, "experiment", "experiment_id");
    json_array_end(&w);
    json_put_key(&w, "registered_model_permissions");
    json_array_begin(&w);
    own_put(&w, grants, "registered_model", "name");
    json_array_end(&w);
    json_object_end(&w);
    json_object_end(&w);
    return true;
}

bool
users_create(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    const char *name, *password;
    if (!message_read(s, in, &m) || !permit_manager(s, in) ||
        !message_need_text(s, m, "username", &name) ||
        !message_need_text(s, m, "password", &password) ||
        !user_create(s, in->db, name, password, in->principal))
        return false;
    permit_changed(in);
    return user_reply(s, in, name, out);
}

bool
users_get(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    const char *name;
    return message_read(s, in, &m) && message_need_text(s, m, "username", &name) &&
           self_demand(s, in, name) && user_reply(s, in, name, out);
}

bool
users_list(struct scope *s, const struct request *in, struct reply *out)
{
    const struct rows *r = permit_manager(s, in) ? user_find(s, in->db, NULL) : NULL;
    if (r == NULL)
        return false;
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    json_put_key(&w, "users");
    json_array_begin(&w);
    for (size_t i = 0; i < rows_count(r); i++) {
        json_object_begin(&w);
        user_put(&w, r, i);
        json_object_end(&w);
    }
    json_array_end(&w);
    json_object_end(&w);
    return true;
}

bool
users_current(struct scope *s, const struct request *in, struct reply *out)
{
    const struct rows *r = strcmp(in->principal, "anonymous") == 0
                               ? fail_null(s, ERROR_UNKNOWN, "nobody is signed in")
                               : user_find(s, in->db, in->principal);
    if (r == NULL)
        return false;
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    json_put_key(&w, "user");
    json_object_begin(&w);
    user_put(&w, r, 0);
    json_object_end(&w);
    json_pair_bool(&w, "is_basic_auth", true);
    json_object_end(&w);
    return true;
}

// Who changes their own password shows the old one again, so that a session left open cannot take
// the account; who has none yet signed in by token. Clients of MLflow 2 know no field for it.
static bool
current_check(struct scope *s, const struct request *in, const struct message *m,
              const char *password)
{
    static const char second[] = "mlflow-python-client/2.";
    const char *current = "", *kept;
    struct token_owner owner;
    if (!message_text(s, m, "current_password", &current) ||
        !user_kept(s, in->db, in->principal, &kept, &owner))
        return false;
    if (kept[0] == '\0' ||
        (current[0] == '\0' && strncmp(in->user_agent, second, sizeof second - 1) == 0))
        return true;
    if (current[0] == '\0')
        return fail(s, ERROR_INPUT,
                    "Current password is required when changing your own password.");
    if (!password_matches(kept, current))
        return fail(s, ERROR_INPUT, "Current password does not match.");
    return strcmp(current, password) != 0 ||
           fail(s, ERROR_INPUT, "New password must differ from the current password.");
}

bool
users_update_password(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    const char *name, *password;
    if (!message_read(s, in, &m) || !message_need_text(s, m, "username", &name) ||
        !self_demand(s, in, name) || !message_need_text(s, m, "password", &password) ||
        (strcmp(name, in->principal) == 0 && !current_check(s, in, m, password)) ||
        !user_password_set(s, in->db, name, password, in->principal))
        return false;
    permit_changed(in);
    return message_reply_empty(out);
}

bool
users_update_admin(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    const char *name;
    bool is_admin = false;
    if (!message_read(s, in, &m) || !operator_demand(s, in) ||
        !message_need_text(s, m, "username", &name) ||
        (!message_has(m, "is_admin") && !message_missing(s, m, "is_admin")) ||
        !message_bool(s, m, "is_admin", &is_admin) ||
        !user_admin_set(s, in->db, name, is_admin, in->principal))
        return false;
    permit_changed(in);
    return message_reply_empty(out);
}

bool
users_delete(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    const char *name;
    if (!message_read(s, in, &m) || !operator_demand(s, in) ||
        !message_need_text(s, m, "username", &name))
        return false;
    if (strcmp(name, in->principal) == 0)
        return fail(s, ERROR_INPUT, "Users cannot delete their own account.");
    if (!user_delete(s, in->db, name, in->principal))
        return false;
    permit_changed(in);
    return message_reply_empty(out);
}
