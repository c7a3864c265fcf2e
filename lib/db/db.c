#include "db/db.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "db/result.h"
#include "db/session.h"

#define WATCH_S 30 // of silence, until a server with no limit is asked whether it lives

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
    wire_close(&db->wire);
}

static void
result_close(void *result)
{
    PQclear(result);
}

static void
notice_drop(void *context, const char *message)
{
    (void)context;
    (void)message;
}

// What the address says comes behind keepalives, so it may ask for others. A server whose client is
// gone stops what it does for it.
static bool
connect_now(struct scope *s, struct db *db)
{
    static const char *const names[WIRE_NAMES] = {"keepalives_idle",  "keepalives_interval",
                                                  "keepalives_count", "dbname",
                                                  "application_name", "options"};
    const char *options = scope_print(s,
                                      "-c timezone=UTC -c datestyle=ISO,YMD "
                                      "-c extra_float_digits=3 -c statement_timeout=%d "
                                      "-c client_connection_check_interval=1s",
                                      db->wire.patience_s * 500);
    const char *const values[WIRE_NAMES] = {"30", "10", "3", db->url, db->who, options};
    memcpy(db->wire.names, names, sizeof names);
    memcpy(db->wire.values, values, sizeof values);
    if (!wire_open(s, &db->wire))
        return false;
    PQsetNoticeProcessor(db->wire.connection, notice_drop, NULL);
    return true;
}

// A server that ended has said so to its idle connections; libpq learns it only by reading.
static bool
connection_lives(struct db *db)
{
    if (db->wire.connection == NULL)
        return false;
    struct pollfd one = {.fd = PQsocket(db->wire.connection), .events = POLLIN};
    const bool is_replaceable = db->depth == 0 && db->copy == NULL && !db->is_bound;
    while (is_replaceable && PQstatus(db->wire.connection) == CONNECTION_OK &&
           poll(&one, 1, 0) > 0 && PQconsumeInput(db->wire.connection) == 1)
        continue;
    return PQstatus(db->wire.connection) == CONNECTION_OK;
}

bool
db_ready(struct scope *s, struct db *db)
{
    if (connection_lives(db))
        return true;
    if (db->depth > 0)
        return fail(s, ERROR_UNAVAILABLE, "lost the connection to the database");
    if (db->wire.connection != NULL)
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
    db->wire.watch_s = WATCH_S;
    scope_defer(s, connection_close, db);
    return db;
}

void
db_limit(struct db *db, int limit_s)
{
    db->wire.patience_s = limit_s;
}

struct db *
db_open(struct scope *s, const char *url, const char *who)
{
    struct db *db = db_open_lazily(s, url, who);
    return db_ready(s, db) ? db : NULL;
}

// Sorts SQLSTATE classes into our kinds.
//
//   source  PostgreSQL 15, appendix A
static enum error_kind
state_kind(const PGconn *connection, const char *state)
{
    if (state == NULL || PQstatus(connection) != CONNECTION_OK || strncmp(state, "08", 2) == 0 ||
        strncmp(state, "57", 2) == 0 || strncmp(state, "53", 2) == 0 || // 53: its disk is full
        strncmp(state, "58", 2) == 0 ||                                 // 58: its system failed
        strncmp(state, "40", 2) == 0) // 40: a deadlock, or others were first; again it would do
        return ERROR_UNAVAILABLE;
    if (strcmp(state, "23505") == 0 || strcmp(state, "23P01") == 0)
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
        primary = PQerrorMessage(db->wire.connection);
    fail(s, state_kind(db->wire.connection, state), "%s%s%s%s", wire_words(s, primary),
         detail == NULL ? "" : " (", detail == NULL ? "" : wire_words(s, detail),
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

// Runs a text without parameters.
static PGresult *
text_run(struct scope *s, struct db *db, const char *text)
{
    return wire_answer(s, &db->wire, PQsendQuery(db->wire.connection, text));
}

static bool
prepare(struct scope *s, struct db *db, const struct query *q)
{
    for (size_t i = 0; i < db->n_prepared; i++)
        if (db->prepared[i] == q)
            return true;
    PGresult *result =
        wire_answer(s, &db->wire, PQsendPrepare(db->wire.connection, q->name, q->text, 0, NULL));
    const bool ok = is_good(result) || fail_with(s, db, result, q->name);
    PQclear(result);
    assert(db->n_prepared < DB_PREPARED);
    if (ok)
        db->prepared[db->n_prepared++] = q;
    return ok;
}

// Keeps a result, or fails with what the server said instead.
static struct rows *
rows_keep(struct scope *s, struct db *db, PGresult *result, const char *what)
{
    scope_defer(s, result_close, result);
    if (!is_good(result)) {
        fail_with(s, db, result, what);
        return NULL;
    }
    struct rows *rows = scope_alloc(s, sizeof *rows);
    rows->result = result;
    return rows;
}

static struct rows *
prepared_query(struct scope *s, struct db *db, const struct query *q, size_t n,
               const char *const values[], bool is_binary)
{
    assert(db->copy == NULL);
    if (!db_ready(s, db) || !prepare(s, db, q))
        return NULL;
    const int is_given = PQsendQueryPrepared(db->wire.connection, q->name, (int)n,
                                             n == 0 ? NULL : values, NULL, NULL, is_binary);
    return rows_keep(s, db, wire_answer(s, &db->wire, is_given), q->name);
}

struct rows *
db_query(struct scope *s, struct db *db, const struct query *q, size_t n,
         const char *const values[])
{
    return prepared_query(s, db, q, n, values, false);
}

struct rows *
db_query_binary(struct scope *s, struct db *db, const struct query *q, size_t n,
                const char *const values[])
{
    return prepared_query(s, db, q, n, values, true);
}

struct rows *
db_query_once(struct scope *s, struct db *db, const struct query *q, size_t n,
              const char *const values[])
{
    assert(db->copy == NULL);
    if (!db_ready(s, db))
        return NULL;
    const int is_given = PQsendQueryParams(db->wire.connection, q->text, (int)n, NULL,
                                           n == 0 ? NULL : values, NULL, NULL, 0);
    return rows_keep(s, db, wire_answer(s, &db->wire, is_given), q->name);
}

bool
db_run(struct scope *s, struct db *db, const struct query *q, size_t n, const char *const values[])
{
    return db_query(s, db, q, n, values) != NULL;
}

bool
db_script(struct scope *s, struct db *db, const char *text)
{
    if (!db_ready(s, db))
        return false;
    PGresult *result = text_run(s, db, text);
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
    struct scope own = {0};

    if (db->depth < t->depth)
        return; // committed
    if (t->depth > 1)
        snprintf(text, sizeof text, "ROLLBACK TO level_%d", t->depth);
    db->depth = t->depth - 1;
    if (db->copy != NULL) {
        copy_end(db);
        PQclear(
            wire_answer(&own, &db->wire, PQputCopyEnd(db->wire.connection, "left before its end")));
    }
    if (db->wire.connection != NULL)
        PQclear(text_run(&own, db, text));
    scope_close(&own);
}

bool
db_begin(struct scope *s, struct db *db)
{
    if (db->depth == 0 && !db_ready(s, db))
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
    PGresult *result = db->wire.connection == NULL ? NULL : text_run(s, db, text);
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
    if (!db_ready(s, db))
        return false;
    PGresult *result = text_run(s, db, q->text);
    const bool ok = PQresultStatus(result) == PGRES_COPY_IN || fail_with(s, db, result, q->name);
    PQclear(result);
    if (ok)
        db->copy = copy_begin(&db->own, &db->wire);
    return ok;
}

bool
db_copy_put(struct scope *s, struct db *db, const void *bytes, size_t n)
{
    assert(db->copy != NULL);
    return copy_add(db->copy, bytes, n) || copy_finish(s, db->copy);
}

bool
db_copy_close(struct scope *s, struct db *db, int64_t *n_rows)
{
    assert(db->copy != NULL);
    const bool is_sent = copy_finish(s, db->copy);
    copy_end(db);
    if (!is_sent)
        return false;
    PGresult *result = wire_answer(s, &db->wire, PQputCopyEnd(db->wire.connection, NULL));
    const bool ok = is_good(result) || fail_with(s, db, result, "copy");
    if (ok && n_rows != NULL)
        *n_rows = (int64_t)strtoll(PQcmdTuples(result), NULL, 10);
    PQclear(result);
    return ok;
}

// Reads a copy to its end, also where nobody takes it any more: the connection goes on after it.
static bool
copy_drain(struct scope *s, struct db *db, db_take take, void *context)
{
    bool ok = true;
    char *row;
    size_t n;
    struct scope own = {0}; // of the reading, which goes on after a failure to take
    while (wire_get(&own, &db->wire, &row, &n) && n > 0) {
        ok = ok && take(s, context, row, n);
        PQfreemem(row);
    }
    if (own.kind != ERROR_NONE && ok)
        ok = fail_as(s, &own);
    scope_close(&own);
    return ok;
}

bool
db_copy_out(struct scope *s, struct db *db, const struct query *q, db_take take, void *context,
            int64_t *n_rows)
{
    assert(db->copy == NULL);
    if (!db_ready(s, db))
        return false;
    PGresult *result = text_run(s, db, q->text);
    const bool is_begun =
        PQresultStatus(result) == PGRES_COPY_OUT || fail_with(s, db, result, q->name);
    PQclear(result);
    if (!is_begun)
        return false;
    bool ok = copy_drain(s, db, take, context);
    if (db->wire.connection == NULL)
        return false;
    result = wire_answer(s, &db->wire, 1);
    ok = ok && (is_good(result) || fail_with(s, db, result, q->name));
    if (ok)
        *n_rows = (int64_t)strtoll(PQcmdTuples(result), NULL, 10);
    PQclear(result);
    return ok;
}
