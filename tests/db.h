// tests/db.h: a test against a real, migrated PostgreSQL, in a database of its own.
//
// Tests run side by side; in one database their locks would meet. Each gets a copy of a migrated
// one instead, and its own process finds that by TEST_DATABASE_URL, too. What the test does lies in
// a transaction that nobody commits, so that savepoints are tried as well.
#ifndef TESTS_DB_H
#define TESTS_DB_H

#include <unistd.h>

#include "test.h"

#include "db/db.h"
#include "db/migrate.h"

struct test_database {
    struct scope own; // of the connection that makes and drops databases
    struct db *admin;
    char name[32];
};

static inline void
test_database_script(struct test_database *t, const char *text)
{
    if (!db_script(&t->own, t->admin, text))
        TEST_DIE("%s", t->own.message);
}

static inline void
test_database_drop(void *thing)
{
    struct test_database *t = thing;
    test_database_script(t,
                         scope_print(&t->own, "DROP DATABASE IF EXISTS %s WITH (FORCE)", t->name));
    scope_close(&t->own);
}

// Makes the database that the others are copies of, if nobody has yet.
static inline void
test_database_ready(struct test_database *t, const char *url)
{
    static const struct query find = {
        "t_ready", "SELECT count(*) AS n FROM pg_database WHERE datname = 'ready'"};
    struct scope one = {0};
    int n_applied;
    const struct rows *r = db_query(&t->own, t->admin, &find, 0, NULL);
    if (r == NULL)
        TEST_DIE("%s", t->own.message);
    if (rows_int(r, 0, "n") > 0)
        return;
    struct db *db = db_open(&one, url, "test");
    if (db == NULL || !migrate_run(&one, db, &n_applied))
        TEST_DIE("%s", one.message);
    scope_close(&one);
    test_database_script(t, "CREATE DATABASE ready TEMPLATE airwatch");
}

static inline struct db *
test_db_open(struct scope *s)
{
    const char *url = getenv("TEST_DATABASE_URL");
    struct test_database *t = scope_alloc(s, sizeof *t);
    if (url == NULL)
        TEST_DIE("TEST_DATABASE_URL is not set; run the tests by make unit");
    t->admin = db_open(&t->own, scope_print(s, "%s dbname=postgres", url), "test");
    if (t->admin == NULL)
        TEST_DIE("%s", t->own.message);
    snprintf(t->name, sizeof t->name, "test_%ld", (long)getpid());
    test_database_script(t, "SELECT pg_advisory_lock(1)"); // one at a time
    test_database_ready(t, url);
    test_database_script(t, scope_print(s, "CREATE DATABASE %s TEMPLATE ready", t->name));
    test_database_script(t, "SELECT pg_advisory_unlock(1)");
    scope_defer(s, test_database_drop, t);

    setenv("TEST_DATABASE_URL", scope_print(s, "%s dbname=%s", url, t->name), 1);
    struct db *db = db_open(s, getenv("TEST_DATABASE_URL"), "test");
    CHECK(db != NULL);
    CHECK(db_begin(s, db));
    return db;
}

// Declares a test that receives a scope `s` and a database `db`.
#define TEST_DB(id)                                                                                \
    static void test_db_##id(struct scope *s, struct db *db);                                      \
    TEST(id)                                                                                       \
    {                                                                                              \
        test_db_##id(s, test_db_open(s));                                                          \
    }                                                                                              \
    static void test_db_##id(__attribute__((unused)) struct scope *s,                              \
                             __attribute__((unused)) struct db *db)

#endif
