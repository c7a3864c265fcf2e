#include "registry/scientist.h"

#include <stdio.h>
#include <string.h>

#include "base/chance.h"
#include "registry/audit.h"
#include "registry/scientist.sql.h"

#define ACTOR "airwatch"
#define LOGIN_BYTES 63 // of a role's name

static bool
login_check(struct scope *s, const char *login)
{
    const size_t n = strlen(login);
    const bool is_good = n >= 1 && n <= LOGIN_BYTES && login[0] >= 'a' && login[0] <= 'z' &&
                         strspn(login, "abcdefghijklmnopqrstuvwxyz0123456789._-") == n;
    if (!is_good)
        return fail(s, ERROR_INPUT,
                    "login \"%.70s\" is not 1 to %d of a-z, 0-9, \".\", \"_\" and \"-\", a letter "
                    "first",
                    login, LOGIN_BYTES);
    if (strncmp(login, "pg_", 3) == 0 || strcmp(login, "public") == 0 || strcmp(login, "none") == 0)
        return fail(s, ERROR_INPUT, "login \"%s\" is a name that PostgreSQL keeps for itself",
                    login);
    return true;
}

bool
scientist_put(struct scope *s, struct db *db, const char *login, int64_t expires_at,
              char password[SCIENTIST_PASSWORD], bool *is_new)
{
    unsigned char secret[(SCIENTIST_PASSWORD - 1) / 2];
    const char *lacking, *verifier;
    if (!login_check(s, login))
        return false;
    chance_secret(secret, sizeof secret);
    for (size_t i = 0; i < sizeof secret; i++)
        snprintf(password + 2 * i, 3, "%02x", secret[i]);
    if (!db_begin(s, db) || !scientist_grant(s, db, &lacking))
        return false;
    if (*lacking != '\0')
        return fail(s, ERROR_DENIED, "%s", lacking);
    if (!db_password_verifier(s, db, login, password, &verifier))
        return false;
    const struct rows *r = DB_QUERY(s, db, &sql_scientist_put, login, verifier,
                                    expires_at == 0 ? NULL : db_time(s, expires_at));
    if (r == NULL)
        return false;
    *is_new = rows_bool(r, 0, "is_new");
    return audit_add(s, db, ACTOR, *is_new ? "login.created" : "login.renewed", login, "{}") &&
           db_commit(s, db);
}

bool
scientist_drop(struct scope *s, struct db *db, const char *login)
{
    if (!DB_RUN(s, db, &sql_scientist_shut, login) || !db_begin(s, db))
        return false;
    const struct rows *r = DB_QUERY(s, db, &sql_scientist_drop, login);
    if (r == NULL)
        return false;
    if (!rows_bool(r, 0, "was_there"))
        return fail(s, ERROR_MISSING, "there is no scientist's login \"%.70s\"", login);
    return audit_add(s, db, ACTOR, "login.dropped", login, "{}") && db_commit(s, db);
}

struct rows *
scientist_list(struct scope *s, struct db *db)
{
    return db_query(s, db, &sql_scientist_list, 0, NULL);
}

bool
scientist_grant(struct scope *s, struct db *db, const char **lacking)
{
    const struct rows *r = db_query(s, db, &sql_scientist_grant, 0, NULL);
    if (r == NULL)
        return false;
    *lacking = rows_text(r, 0, "lacking");
    return true;
}

struct rows *
scientist_open(struct scope *s, struct db *db)
{
    struct rows *r = db_query(s, db, &sql_scientist_open, 0, NULL);
    if (r == NULL || rows_count(r) == 0)
        return r;
    return db_run(s, db, &sql_scientist_revoke, 0, NULL)
               ? db_query(s, db, &sql_scientist_open, 0, NULL)
               : NULL;
}
