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

// Text of so many rows of t: several times what is under way at once.
static struct buf
rows_text_make(struct scope *s, int n)
{
    struct buf text = buf_open(s, 1 << 20);
    for (int i = 0; i < n; i++)
        buf_print(&text, "%d\t%060d\n", i, i);
    return text;
}

TEST_DB(db_copies_much_in_pieces_of_any_size)
{
    int64_t n_rows = 0;
    const struct buf text = rows_text_make(s, 100000);
    CHECK(db_run(s, db, &make_table, 0, NULL));

    CHECK(db_copy_open(s, db, &copy_in));
    for (size_t at = 0, n = 1; at < text.n; at += n, n = n * 7 % 300007) {
        n = n < text.n - at ? n : text.n - at;
        CHECK(db_copy_put(s, db, text.text + at, n));
    }
    CHECK(db_copy_close(s, db, &n_rows));

    static const struct query sums = {
        "t_sums", "SELECT count(*) AS n, sum(a) AS a, sum(b::bigint) AS b FROM t"};
    const struct rows *r = db_query(s, db, &sums, 0, NULL);
    CHECK(n_rows == 100000);
    CHECK(r != NULL && rows_int(r, 0, "n") == 100000);
    CHECK(rows_int(r, 0, "a") == INT64_C(99999) * 100000 / 2); // 0 + 1 + … + 99,999
    CHECK(rows_int(r, 0, "b") == INT64_C(99999) * 100000 / 2);
}

TEST_DB(db_copy_that_repeats_a_key_is_a_conflict_and_the_connection_goes_on)
{
    struct scope own = {0};
    const struct buf text = rows_text_make(s, 100000);
    CHECK(db_run(s, db, &make_table, 0, NULL));
    CHECK(DB_RUN(s, db, &put_row, "7", "seven"));

    CHECK(db_begin(&own, db));
    CHECK(db_copy_open(&own, db, &copy_in));
    for (size_t at = 0; at < text.n; at += 10000)
        CHECK(db_copy_put(&own, db, text.text + at, text.n - at < 10000 ? text.n - at : 10000));
    CHECK(!db_copy_close(&own, db, NULL));
    CHECK(own.kind == ERROR_CONFLICT);
    scope_close(&own);

    const struct rows *r = db_query(s, db, &count_rows, 0, NULL);
    CHECK(r != NULL && rows_int(r, 0, "n") == 1);
}

TEST_DB(db_copy_left_before_its_end_leaves_nothing)
{
    struct scope own = {0};
    const struct buf text = rows_text_make(s, 100000);
    CHECK(db_run(s, db, &make_table, 0, NULL));

    CHECK(db_begin(&own, db));
    CHECK(db_copy_open(&own, db, &copy_in));
    CHECK(db_copy_put(&own, db, text.text, text.n));
    scope_close(&own);

    const struct rows *r = db_query(s, db, &count_rows, 0, NULL);
    CHECK(r != NULL && rows_int(r, 0, "n") == 0);
}

static const struct query end_backend = {
    "t_end", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = "
             "'victim'"};

TEST_DB(db_copy_says_when_the_server_ends_it)
{
    const struct buf text = rows_text_make(s, 100000);
    static const struct query make_shared = {
        "t_make", "CREATE TEMPORARY TABLE t (a int PRIMARY KEY, b text)"};
    struct db *victim = db_open(s, getenv("TEST_DATABASE_URL"), "victim");
    CHECK(victim != NULL && db_run(s, victim, &make_shared, 0, NULL));
    CHECK(db_copy_open(s, victim, &copy_in));
    CHECK(db_run(s, db, &end_backend, 0, NULL));

    bool ok = true;
    for (int i = 0; i < 100 && ok; i++) // some 700 MB, were it still there
        ok = db_copy_put(s, victim, text.text, text.n);

    CHECK(!ok || !db_copy_close(s, victim, NULL));
    CHECK(s->kind == ERROR_UNAVAILABLE);
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

TEST_DB(db_lock_that_is_shared_keeps_out_only_who_wants_it_alone)
{
    const char *url = getenv("TEST_DATABASE_URL");
    struct db *first = db_open(s, url, "test"), *second = db_open(s, url, "test");
    CHECK(first != NULL && second != NULL);
    CHECK(db_lock_shared(s, first, "a job") && db_lock_shared(s, second, "a job"));

    CHECK_FAILS(db_lock(s, second, "a job"), ERROR_CONFLICT, "another \"a job\" is running");
}
