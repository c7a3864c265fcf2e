#include "db/db.h"

#include "db.h"

static const struct query add_one = {"t_add", "SELECT $1::int + 1 AS sum, NULL::text AS nothing"};
static const struct query make_table = {"t_make", "CREATE TABLE t (a int PRIMARY KEY, b text)"};
static const struct query put_row = {"t_put", "INSERT INTO t VALUES ($1::int, $2::text)"};
static const struct query count_rows = {"t_count", "SELECT count(*) AS n FROM t"};
static const struct query copy_in = {"t_copy", "COPY t FROM STDIN"};
static const struct query read_rows = {"t_rows", "SELECT a, b FROM t ORDER BY a"};

TEST_DB(db_reads_columns_by_name)
{
    const struct rows *r = DB_QUERY(s, db, &add_one, "41");

    CHECK(r != NULL);
    CHECK(rows_count(r) == 1);
    CHECK(rows_int(r, 0, "sum") == 42);
    CHECK(rows_is_null(r, 0, "nothing"));
}

TEST_DB(db_bad_value_is_an_input_error)
{
    CHECK_FAILS(DB_QUERY(s, db, &add_one, "x"), ERROR_INPUT,
                "statement \"t_add\": invalid input syntax for type integer: \"x\"");
}

TEST_DB(db_broken_unique_rule_is_a_conflict)
{
    CHECK(db_run(s, db, &make_table, 0, NULL));
    CHECK(DB_RUN(s, db, &put_row, "1", "one"));

    CHECK(!DB_RUN(s, db, &put_row, "1", "uno"));
    CHECK(s->kind == ERROR_CONFLICT);
}

TEST_DB(db_released_transaction_leaves_nothing)
{
    CHECK(db_run(s, db, &make_table, 0, NULL));
    const struct scope_mark mark = scope_mark(s);
    CHECK(db_begin(s, db));
    CHECK(DB_RUN(s, db, &put_row, "1", "one"));
    scope_release(s, mark);

    const struct rows *r = db_query(s, db, &count_rows, 0, NULL);

    CHECK(r != NULL && rows_int(r, 0, "n") == 0);
}

TEST_DB(db_copies_pieces_in)
{
    int64_t n_rows = 0;
    CHECK(db_run(s, db, &make_table, 0, NULL));
    CHECK(db_copy_open(s, db, &copy_in));
    CHECK(db_copy_put(s, db, "2\ttwo\n1\t", 8));
    CHECK(db_copy_put(s, db, "one\n", 4));
    CHECK(db_copy_close(s, db, &n_rows));

    const struct rows *r = db_query(s, db, &read_rows, 0, NULL);
    CHECK(n_rows == 2);
    CHECK(r != NULL && rows_count(r) == 2);
    CHECK_TEXT(rows_text(r, 0, "b"), "one");
    CHECK(rows_int(r, 1, "a") == 2);
}

TEST(db_says_when_the_server_is_away)
{
    CHECK(db_open(s, "host=/nowhere dbname=x", "test") == NULL);
    CHECK(s->kind == ERROR_UNAVAILABLE);
}

TEST_DB(db_lock_is_refused_to_a_second_session)
{
    const char *url = getenv("TEST_DATABASE_URL");
    struct db *first = db_open(s, url, "test"), *second = db_open(s, url, "test");
    CHECK(first != NULL && second != NULL);
    CHECK(db_lock(s, first, "a job"));

    CHECK_FAILS(db_lock(s, second, "a job"), ERROR_CONFLICT, "another \"a job\" is running");
    CHECK(db_unlock(s, first, "a job"));
    CHECK(db_lock(s, second, "a job"));
}
