// db/db.h: one connection to PostgreSQL, its statements, transactions and bulk copies.
//
// Statements come from .sql files (db/query.h), are prepared on first use and take their values as
// text parameters; NULL is SQL's NULL. A connection is used by one thread. When the server goes
// away a call under way fails with UNAVAILABLE; the next one outside a transaction connects again.
// So it is when the server is there and does not answer: nothing waits for ever. Without db_limit a
// statement may take its time, but after 30 silent seconds the server must take a new connection
// within 15 more, and so on.
#ifndef DB_DB_H
#define DB_DB_H

#include <stdint.h>

#include "base/buf.h"
#include "db/query.h"

struct db;
struct rows; // a result: rows by number, columns by name

// Connects. Sessions run in UTC, with ISO dates and `application_name` set to `who`.
//
//   owner   the scope
//   errors  UNAVAILABLE with the server's reason
struct db *db_open(struct scope *s, const char *url, const char *who) MUST_CHECK;

// The same, connecting at the first call only; for threads that may never need it.
struct db *db_open_lazily(struct scope *s, const char *url, const char *who);

// Has each statement fail as UNAVAILABLE in the end: the server ends it after half of limit_s, a
// wait for a lock among it. A server that has not even said so after limit_s, or does not take a
// connection within half of it, is taken for gone and left alone for 2 seconds. Call it before the
// connection is first used.
void db_limit(struct db *db, int limit_s);

// Runs a statement with n text parameters and reads its whole result.
//
//   owner   the scope; the rows go with it
//   errors  CONFLICT for a broken unique or exclusion rule; INPUT for other broken constraints and
//           for values that do not read as their type; UNAVAILABLE when the server is away or its
//           disk full, and after a deadlock; BUG for anything else
struct rows *db_query(struct scope *s, struct db *db, const struct query *q, size_t n,
                      const char *const values[]) MUST_CHECK;

// The same for a statement whose text was made for this one call: it is not kept prepared.
struct rows *db_query_once(struct scope *s, struct db *db, const struct query *q, size_t n,
                           const char *const values[]) MUST_CHECK;

// The same as db_query, with the rows in PostgreSQL's binary form, for much that db/array.h reads:
// only rows_bytes may be asked of them.
struct rows *db_query_binary(struct scope *s, struct db *db, const struct query *q, size_t n,
                             const char *const values[]) MUST_CHECK;

// Runs a statement whose rows nobody reads.
bool db_run(struct scope *s, struct db *db, const struct query *q, size_t n,
            const char *const values[]) MUST_CHECK;

// Counts and passes text parameters: DB_QUERY(s, db, &sql_run_find, run_id).
#define DB_VALUES(...)                                                                             \
    sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *), (const char *const[])       \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
#define DB_QUERY(s, db, q, ...) db_query((s), (db), (q), DB_VALUES(__VA_ARGS__))
#define DB_RUN(s, db, q, ...) db_run((s), (db), (q), DB_VALUES(__VA_ARGS__))

// Formats a parameter.
//
//   owner   the scope
const char *db_int(struct scope *s, int64_t x);
const char *db_number(struct scope *s, double x); // NULL for NaN
const char *db_time(struct scope *s, int64_t t);

// How many rows there are, and what stands in one. Naming a column that the statement does not
// return asserts. A NULL reads as "" / 0 / NaN / false; ask rows_is_null where it matters.
size_t rows_count(const struct rows *r);
bool rows_is_null(const struct rows *r, size_t i, const char *column);
const char *rows_text(const struct rows *r, size_t i, const char *column);
int64_t rows_int(const struct rows *r, size_t i, const char *column);
double rows_number(const struct rows *r, size_t i, const char *column);
bool rows_bool(const struct rows *r, size_t i, const char *column);

// What stands in a column of a row in binary form.
struct str rows_bytes(const struct rows *r, size_t i, const char *column);

// Rows that an INSERT, UPDATE or DELETE touched.
int64_t rows_touched(const struct rows *r);

// Begins a transaction. Until db_commit, closing or releasing the scope rolls it back.
bool db_begin(struct scope *s, struct db *db) MUST_CHECK;
bool db_commit(struct scope *s, struct db *db) MUST_CHECK;

// Runs `COPY … FROM STDIN` (text or CSV format, as the statement says): open, put any number of
// pieces, close. Where there is much, a second thread sends it, so that the caller makes the next
// rows while the server stores these. Leaving the scope without closing cancels the copy.
bool db_copy_open(struct scope *s, struct db *db, const struct query *q) MUST_CHECK;
bool db_copy_put(struct scope *s, struct db *db, const void *bytes, size_t n) MUST_CHECK;
bool db_copy_close(struct scope *s, struct db *db, int64_t *n_rows) MUST_CHECK;

// Runs `COPY … TO STDOUT` and hands over what comes, a row at a time.
typedef bool (*db_take)(struct scope *s, void *context, const char *bytes, size_t n);
bool db_copy_out(struct scope *s, struct db *db, const struct query *q, db_take take, void *context,
                 int64_t *n_rows) MUST_CHECK;

// Takes the session's advisory lock of that name, or fails with CONFLICT at once when another
// session has it. It goes with the connection or db_unlock.
bool db_lock(struct scope *s, struct db *db, const char *name) MUST_CHECK;
bool db_unlock(struct scope *s, struct db *db, const char *name) MUST_CHECK;

// The same, together with others that share it, and with nobody who has it alone by db_lock; until
// the connection goes.
bool db_lock_shared(struct scope *s, struct db *db, const char *name) MUST_CHECK;

// Works out what SCRAM keeps of a user's password, so that the password itself is not sent.
//
//   owner   the scope
bool db_password_verifier(struct scope *s, struct db *db, const char *user, const char *password,
                          const char **out) MUST_CHECK;

// Subscribes to a NOTIFY channel, and waits for a word on any channel for at most `wait_ms`;
// `*came` tells whether one came. All that are waiting are taken at once.
bool db_listen(struct scope *s, struct db *db, const char *channel) MUST_CHECK;
bool db_wait(struct scope *s, struct db *db, int wait_ms, bool *came) MUST_CHECK;

// Runs several statements of one text without parameters: a migration, or a test's preparation.
bool db_script(struct scope *s, struct db *db, const char *text) MUST_CHECK;

#endif
