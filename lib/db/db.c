#include "db/db.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "db/copy.h"
#include "db/lock.sql.h"
#include "db/result.h"

#define PREPARED_MOST 512 // statements one connection may hold; more than the house has

struct db {
    const char *url, *who;
    char limit[32];     // of a statement's time, as an option; "" for none
    PGconn *connection; // NULL until needed
    const struct query *prepared[PREPARED_MOST];
    size_t n_prepared;
    int depth;         // of transactions; below the first they are savepoints
    struct scope own;  // of the copy under way
    struct copy *copy; // NULL: none
    bool is_bound;     // has a lock or listens, which a new connection would silently lack
};

// Forgets the copy, when its thread has sent what it was given.
static void
copy_end(struct db *db)
{
    scope_close(&db->own);
    db->copy = NULL;
}

static void
connection_close(void *thing)
{
    struct db *db = thing;
    copy_end(db);
    PQfinish(db->connection);
    db->connection = NULL;
}

static void
result_close(void *result)
{
    PQclear(result);
}

// Copies the server's words without their line ends.
static const char *
words(struct scope *s, const char *message)
{
    char *text = scope_copy(s, message);
    for (char *c = text; *c != '\0'; c++)
        if (*c == '\n')
            *c = ' ';
    for (size_t n = strlen(text); n > 0 && text[n - 1] == ' '; n--)
        text[n - 1] = '\0';
    return strncmp(text, "ERROR:  ", 8) == 0 ? text + 8 : text;
}

static void
notice_drop(void *context, const char *message)
{
    (void)context;
    (void)message;
}

static bool
connect_now(struct scope *s, struct db *db)
{
    const char *const names[] = {"dbname", "application_name", "options", NULL};
    const char *options =
        scope_print(s, "-c timezone=UTC -c datestyle=ISO,YMD -c extra_float_digits=3%s", db->limit);
    const char *const values[] = {db->url, db->who, options, NULL};
    db->connection = PQconnectdbParams(names, values, 1);
    if (PQstatus(db->connection) == CONNECTION_OK) {
        PQsetNoticeProcessor(db->connection, notice_drop, NULL);
        return true;
    }
    fail(s, ERROR_UNAVAILABLE, "could not connect to the database: %s",
         words(s, PQerrorMessage(db->connection)));
    connection_close(db);
    return false;
}

// A server that ended has said so to its idle connections; libpq learns it only by reading.
static bool
connection_lives(struct db *db)
{
    if (db->connection == NULL)
        return false;
    struct pollfd one = {.fd = PQsocket(db->connection), .events = POLLIN};
    const bool is_replaceable = db->depth == 0 && db->copy == NULL && !db->is_bound;
    while (is_replaceable && PQstatus(db->connection) == CONNECTION_OK && poll(&one, 1, 0) > 0 &&
           PQconsumeInput(db->connection) == 1)
        continue;
    return PQstatus(db->connection) == CONNECTION_OK;
}

// A dead connection outside a transaction is replaced; inside one its loss must be seen.
static bool
connection_ready(struct scope *s, struct db *db)
{
    if (connection_lives(db))
        return true;
    if (db->depth > 0)
        return fail(s, ERROR_UNAVAILABLE, "lost the connection to the database");
    if (db->connection != NULL)
        connection_close(db);
    db->n_prepared = 0;
    db->is_bound = false;
    return connect_now(s, db);
}

struct db *
db_open_lazily(struct scope *s, const char *url, const char *who)
{
    struct db *db = scope_alloc(s, sizeof *db);
    db->url = scope_copy(s, url);
    db->who = scope_copy(s, who);
    scope_defer(s, connection_close, db);
    return db;
}

void
db_limit(struct db *db, int limit_s)
{
    snprintf(db->limit, sizeof db->limit, " -c statement_timeout=%ds", limit_s);
}

struct db *
db_open(struct scope *s, const char *url, const char *who)
{
    struct db *db = db_open_lazily(s, url, who);
    return connection_ready(s, db) ? db : NULL;
}

// Sorts SQLSTATE classes into our kinds.
//
//   source  PostgreSQL 15, appendix A
static enum error_kind
state_kind(const PGconn *connection, const char *state)
{
    if (state == NULL || PQstatus(connection) != CONNECTION_OK || strncmp(state, "08", 2) == 0 ||
        strncmp(state, "57", 2) == 0 || strncmp(state, "53", 2) == 0 || // 53: its disk is full
        strncmp(state, "58", 2) == 0)                                   // 58: its system failed
        return ERROR_UNAVAILABLE;
    if (strcmp(state, "23505") == 0 || strcmp(state, "23P01") == 0 || strncmp(state, "40", 2) == 0)
        return ERROR_CONFLICT;
    if (strncmp(state, "22", 2) == 0 || strncmp(state, "23", 2) == 0 || strcmp(state, "P0001") == 0)
        return ERROR_INPUT;
    if (strcmp(state, "42501") == 0)
        return ERROR_DENIED;
    return ERROR_BUG;
}

static bool
fail_with(struct scope *s, struct db *db, const PGresult *result, const char *what)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
    if (primary == NULL)
        primary = PQerrorMessage(db->connection);
    fail(s, state_kind(db->connection, state), "%s%s%s%s", words(s, primary),
         detail == NULL ? "" : " (", detail == NULL ? "" : words(s, detail),
         detail == NULL ? "" : ")");
    return explain(s, "statement \"%s\"", what);
}

static bool
is_good(const PGresult *result)
{
    const ExecStatusType status = PQresultStatus(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_COPY_IN ||
           status == PGRES_COPY_OUT;
}

static bool
prepare(struct scope *s, struct db *db, const struct query *q)
{
    for (size_t i = 0; i < db->n_prepared; i++)
        if (db->prepared[i] == q)
            return true;
    PGresult *result = PQprepare(db->connection, q->name, q->text, 0, NULL);
    const bool ok = is_good(result) || fail_with(s, db, result, q->name);
    PQclear(result);
    assert(db->n_prepared < PREPARED_MOST);
    if (ok)
        db->prepared[db->n_prepared++] = q;
    return ok;
}

struct rows *
db_query(struct scope *s, struct db *db, const struct query *q, size_t n,
         const char *const values[])
{
    assert(db->copy == NULL);
    if (!connection_ready(s, db) || !prepare(s, db, q))
        return NULL;
    PGresult *result =
        PQexecPrepared(db->connection, q->name, (int)n, n == 0 ? NULL : values, NULL, NULL, 0);
    scope_defer(s, result_close, result);
    if (!is_good(result)) {
        fail_with(s, db, result, q->name);
        return NULL;
    }
    struct rows *rows = scope_alloc(s, sizeof *rows);
    rows->result = result;
    return rows;
}

bool
db_run(struct scope *s, struct db *db, const struct query *q, size_t n, const char *const values[])
{
    return db_query(s, db, q, n, values) != NULL;
}

bool
db_script(struct scope *s, struct db *db, const char *text)
{
    if (!connection_ready(s, db))
        return false;
    PGresult *result = PQexec(db->connection, text);
    const bool ok = is_good(result) || fail_with(s, db, result, "script");
    PQclear(result);
    return ok;
}

// A transaction that its scope left open. What it did is undone, down to its own depth.
struct transaction {
    struct db *db;
    int depth;
};

static void
transaction_close(void *thing)
{
    const struct transaction *t = thing;
    struct db *db = t->db;
    char text[48] = "ROLLBACK";

    if (db->depth < t->depth)
        return; // committed
    if (t->depth > 1)
        snprintf(text, sizeof text, "ROLLBACK TO level_%d", t->depth);
    db->depth = t->depth - 1;
    if (db->connection == NULL)
        return;
    if (db->copy != NULL) {
        copy_end(db);
        PQputCopyEnd(db->connection, "left before its end");
        for (PGresult *r; (r = PQgetResult(db->connection)) != NULL;)
            PQclear(r);
    }
    PQclear(PQexec(db->connection, text));
}

bool
db_begin(struct scope *s, struct db *db)
{
    if (db->depth == 0 && !connection_ready(s, db))
        return false;
    const char *text =
        db->depth == 0 ? "BEGIN" : scope_print(s, "SAVEPOINT level_%d", db->depth + 1);
    if (!db_script(s, db, text))
        return false;
    struct transaction *t = scope_alloc(s, sizeof *t);
    *t = (struct transaction){.db = db, .depth = ++db->depth};
    scope_defer(s, transaction_close, t);
    return true;
}

bool
db_commit(struct scope *s, struct db *db)
{
    assert(db->depth > 0);
    const char *text =
        db->depth == 1 ? "COMMIT" : scope_print(s, "RELEASE SAVEPOINT level_%d", db->depth);
    PGresult *result = db->connection == NULL ? NULL : PQexec(db->connection, text);
    bool ok = is_good(result) || fail_with(s, db, result, "commit");
    if (ok && strcmp(PQcmdStatus(result), "ROLLBACK") == 0) // a statement in it had failed
        ok = fail(s, ERROR_BUG, "a failed transaction was to be committed");
    PQclear(result);
    if (ok)
        db->depth--;
    return ok;
}

bool
db_copy_open(struct scope *s, struct db *db, const struct query *q)
{
    assert(db->copy == NULL);
    if (!connection_ready(s, db))
        return false;
    PGresult *result = PQexec(db->connection, q->text);
    const bool ok = PQresultStatus(result) == PGRES_COPY_IN || fail_with(s, db, result, q->name);
    PQclear(result);
    if (ok)
        db->copy = copy_begin(&db->own, db->connection);
    return ok;
}

static bool
fail_unsent(struct scope *s, const struct db *db)
{
    return fail(s, ERROR_UNAVAILABLE, "could not send rows to the database: %s",
                words(s, PQerrorMessage(db->connection)));
}

bool
db_copy_put(struct scope *s, struct db *db, const void *bytes, size_t n)
{
    assert(db->copy != NULL);
    if (copy_add(db->copy, bytes, n))
        return true;
    copy_finish(db->copy);
    return fail_unsent(s, db);
}

bool
db_copy_close(struct scope *s, struct db *db, int64_t *n_rows)
{
    assert(db->copy != NULL);
    const bool is_sent = copy_finish(db->copy);
    copy_end(db);
    if (!is_sent || PQputCopyEnd(db->connection, NULL) != 1)
        return fail_unsent(s, db);
    bool ok = true;
    for (PGresult *result; (result = PQgetResult(db->connection)) != NULL; PQclear(result)) {
        ok = is_good(result) || fail_with(s, db, result, "copy");
        if (ok && n_rows != NULL)
            *n_rows = (int64_t)strtoll(PQcmdTuples(result), NULL, 10);
    }
    return ok;
}

// Reads a copy to its end, also where nobody takes it any more: the connection goes on after it.
static bool
copy_drain(struct scope *s, struct db *db, db_take take, void *context)
{
    bool ok = true;
    char *row;
    for (int n; (n = PQgetCopyData(db->connection, &row, 0)) > 0; PQfreemem(row))
        ok = ok && take(s, context, row, (size_t)n);
    return ok;
}

bool
db_copy_out(struct scope *s, struct db *db, const struct query *q, db_take take, void *context,
            int64_t *n_rows)
{
    assert(db->copy == NULL);
    if (!connection_ready(s, db))
        return false;
    PGresult *result = PQexec(db->connection, q->text);
    const bool is_begun =
        PQresultStatus(result) == PGRES_COPY_OUT || fail_with(s, db, result, q->name);
    PQclear(result);
    bool ok = is_begun && copy_drain(s, db, take, context);
    while (is_begun && (result = PQgetResult(db->connection)) != NULL) {
        ok = ok && (is_good(result) || fail_with(s, db, result, q->name));
        *n_rows = (int64_t)strtoll(PQcmdTuples(result), NULL, 10);
        PQclear(result);
    }
    return ok;
}

bool
db_lock(struct scope *s, struct db *db, const char *name)
{
    const struct rows *r = DB_QUERY(s, db, &sql_lock_take, name);
    if (r == NULL)
        return false;
    db->is_bound = true;
    if (!rows_bool(r, 0, "taken"))
        return fail(s, ERROR_CONFLICT, "another \"%s\" is running", name);
    return true;
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
    if (!connection_ready(s, db))
        return false;
    char *text = PQencryptPasswordConn(db->connection, password, user, "scram-sha-256");
    if (text == NULL)
        return fail(s, ERROR_BUG, "could not prepare a password: %s",
                    words(s, PQerrorMessage(db->connection)));
    *out = scope_copy(s, text);
    PQfreemem(text);
    return true;
}

bool
db_listen(struct scope *s, struct db *db, const char *channel)
{
    char *quoted = PQescapeIdentifier(db->connection, channel, strlen(channel));
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
    if (db->connection == NULL || PQstatus(db->connection) != CONNECTION_OK)
        return fail(s, ERROR_UNAVAILABLE, "lost the connection to the database");
    struct pollfd socket = {.fd = PQsocket(db->connection), .events = POLLIN};
    if (poll(&socket, 1, wait_ms) < 0 && errno != EINTR)
        return fail(s, ERROR_UNAVAILABLE, "could not wait: %s", strerror(errno));
    if (PQconsumeInput(db->connection) != 1)
        return fail(s, ERROR_UNAVAILABLE, "lost the connection to the database");
    for (PGnotify *word; (word = PQnotifies(db->connection)) != NULL; PQfreemem(word))
        *came = true;
    return true;
}
