// tests/db.h: a test against a real, migrated PostgreSQL; what it does is rolled back.
#ifndef TESTS_DB_H
#define TESTS_DB_H

#include "test.h"

#include "db/db.h"
#include "db/migrate.h"

// Connects to the throwaway server, migrates it if nobody has yet, and begins a transaction that
// the end of the test rolls back.
static inline struct db *
test_db_open(struct scope *s)
{
    const char *url = getenv("TEST_DATABASE_URL");
    int n_applied;
    if (url == NULL)
        TEST_DIE("TEST_DATABASE_URL is not set; run the tests by make unit");
    struct db *db = db_open(s, url, "test");
    for (bool is_done = false; db != NULL && !is_done;) { // tests start side by side
        struct scope one = {0};
        is_done = migrate_run(&one, db, &n_applied);
        if (!is_done && one.kind != ERROR_CONFLICT)
            TEST_DIE("%s", one.message);
        scope_close(&one);
    }
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
    static void test_db_##id(__attribute__((unused)) struct scope *s, struct db *db)

#endif
