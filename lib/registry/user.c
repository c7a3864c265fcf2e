#include "registry/user.h"

#include <stdio.h>
#include <string.h>

#include "base/password.h"
#include "registry/token.sql.h"
#include "registry/user.sql.h"
#include "text/utf8.h"

static bool
password_check(struct scope *s, const char *password)
{
    size_t n_characters = 0;
    const size_t n = strlen(password);
    if (n > USER_PASSWORD_BYTES)
        return fail(s, ERROR_INPUT, "Password must be at most %d bytes.", USER_PASSWORD_BYTES);
    for (size_t i = 0; i < n; i++)
        n_characters += ((unsigned char)password[i] & 0xC0) != 0x80;
    if (n_characters < USER_PASSWORD_LEAST)
        return fail(s, ERROR_INPUT, "Password must be at least %d characters.",
                    USER_PASSWORD_LEAST);
    if (n == TOKEN_TEXT - 1 && strncmp(password, "aw_", 3) == 0)
        return fail(s, ERROR_INPUT, "Password must not look like a token.");
    return true;
}

bool
user_create(struct scope *s, struct db *db, const char *name, const char *password,
            const char *actor)
{
    if (!principal_check(s, name) || !password_check(s, password))
        return false;
    const char *kept = password_keep(s, password);
    if (!db_begin(s, db))
        return false;
    const struct rows *r = DB_QUERY(s, db, &sql_user_add, name);
    if (r == NULL)
        return false;
    if (rows_count(r) == 0)
        return fail(s, ERROR_CONFLICT, "User (username=%s) already exists", name);
    return DB_RUN(s, db, &sql_user_password_put, name, kept) &&
           DB_RUN(s, db, &sql_token_role_add, name, "scientist") &&
           access_changed(s, db, actor, "user.created", name, "{}");
}

struct rows *
user_find(struct scope *s, struct db *db, const char *name)
{
    struct rows *r = DB_QUERY(s, db, &sql_user_list, name);
    if (r != NULL && name != NULL && rows_count(r) == 0)
        return fail_null(s, ERROR_MISSING, "User with username=%.70s not found", name);
    return r;
}

bool
user_password_set(struct scope *s, struct db *db, const char *name, const char *password,
                  const char *actor)
{
    if (!password_check(s, password))
        return false;
    const char *kept = password_keep(s, password);
    return db_begin(s, db) && user_find(s, db, name) != NULL &&
           DB_RUN(s, db, &sql_user_password_put, name, kept) &&
           access_changed(s, db, actor, "user.password_set", name, "{}");
}

// Finds a user whom a change is about to take the role of an operator from, holding other such
// changes off.
static const struct rows *
operator_hold(struct scope *s, struct db *db, const char *name)
{
    return db_run(s, db, &sql_user_operators_lock, 0, NULL) ? user_find(s, db, name) : NULL;
}

// Refuses to go on when the change has left nobody who could undo it.
static bool
operators_check(struct scope *s, struct db *db, const struct rows *user)
{
    if (!rows_bool(user, 0, "is_admin"))
        return true;
    const struct rows *r = db_query(s, db, &sql_user_operators, 0, NULL);
    return r != NULL &&
           (rows_int(r, 0, "n") > 0 || fail(s, ERROR_INPUT, "the last operator must stay one"));
}

bool
user_admin_set(struct scope *s, struct db *db, const char *name, bool is_admin, const char *actor)
{
    const struct rows *user = db_begin(s, db) ? operator_hold(s, db, name) : NULL;
    if (user == NULL)
        return false;
    if (is_admin)
        return DB_RUN(s, db, &sql_token_role_add, name, "operator") &&
               access_changed(s, db, actor, "user.made_operator", name, "{}");
    return DB_RUN(s, db, &sql_user_role_drop, name, "operator") &&
           DB_RUN(s, db, &sql_token_role_add, name, "scientist") && operators_check(s, db, user) &&
           access_changed(s, db, actor, "user.made_scientist", name, "{}");
}

bool
user_delete(struct scope *s, struct db *db, const char *name, const char *actor)
{
    const struct rows *user = db_begin(s, db) ? operator_hold(s, db, name) : NULL;
    return user != NULL && DB_RUN(s, db, &sql_user_disable, name) && operators_check(s, db, user) &&
           DB_RUN(s, db, &sql_user_role_drop, name, NULL) &&
           DB_RUN(s, db, &sql_user_password_drop, name) &&
           DB_RUN(s, db, &sql_user_tokens_revoke, name) &&
           DB_RUN(s, db, &sql_user_member_drop, name) && DB_RUN(s, db, &sql_user_team_drop, name) &&
           access_changed(s, db, actor, "user.deleted", name, "{}");
}

bool
user_kept(struct scope *s, struct db *db, const char *name, const char **kept,
          struct token_owner *out)
{
    *kept = "";
    if (utf8_span(name, strlen(name)) != strlen(name))
        return true;
    const struct rows *r = DB_QUERY(s, db, &sql_user_kept, name);
    if (r == NULL || rows_count(r) == 0)
        return r != NULL;
    *kept = rows_text(r, 0, "verifier");
    *out = (struct token_owner){.expires_at = INT64_MAX,
                                .roles = roles_read(rows_text(r, 0, "roles"))};
    snprintf(out->principal, sizeof out->principal, "%s", rows_text(r, 0, "principal"));
    return true;
}
