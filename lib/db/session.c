#include "db/session.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "db/lock.sql.h"

static bool
lock_try(struct scope *s, struct db *db, const struct query *q, const char *name)
{
    const struct rows *r = DB_QUERY(s, db, q, name);
    if (r == NULL)
        return false;
    db->is_bound = true;
    if (!rows_bool(r, 0, "taken"))
        return fail(s, ERROR_CONFLICT, "another \"%s\" is running", name);
    return true;
}

bool
db_lock(struct scope *s, struct db *db, const char *name)
{
    return lock_try(s, db, &sql_lock_take, name);
}

bool
db_lock_shared(struct scope *s, struct db *db, const char *name)
{
    return lock_try(s, db, &sql_lock_share, name);
}

bool
db_unlock(struct scope *s, struct db *db, const char *name)
{
    return DB_RUN(s, db, &sql_lock_drop, name);
}

bool
db_password_verifier(struct scope *s, struct db *db, const char *user, const char *password,
                     const char **out)
{
    if (!db_ready(s, db))
        return false;
    char *text = PQencryptPasswordConn(db->wire.connection, password, user, "scram-sha-256");
    if (text == NULL)
        return fail(s, ERROR_BUG, "could not prepare a password: %s",
                    wire_words(s, PQerrorMessage(db->wire.connection)));
    *out = scope_copy(s, text);
    PQfreemem(text);
    return true;
}

bool
db_listen(struct scope *s, struct db *db, const char *channel)
{
    char *quoted = PQescapeIdentifier(db->wire.connection, channel, strlen(channel));
    assert(quoted != NULL);
    const char *text = scope_print(s, "LISTEN %s", quoted);
    PQfreemem(quoted);
    db->is_bound = true;
    return db_script(s, db, text);
}

bool
db_wait(struct scope *s, struct db *db, int wait_ms, bool *came)
{
    *came = false;
    if (db->wire.connection == NULL || PQstatus(db->wire.connection) != CONNECTION_OK)
        return fail(s, ERROR_UNAVAILABLE, "lost the connection to the database");
    struct pollfd socket = {.fd = PQsocket(db->wire.connection), .events = POLLIN};
    if (poll(&socket, 1, wait_ms) < 0 && errno != EINTR)
        return fail(s, ERROR_UNAVAILABLE, "could not wait: %s", strerror(errno));
    if (PQconsumeInput(db->wire.connection) != 1)
        return fail(s, ERROR_UNAVAILABLE, "lost the connection to the database");
    for (PGnotify *word; (word = PQnotifies(db->wire.connection)) != NULL; PQfreemem(word))
        *came = true;
    return true;
}
