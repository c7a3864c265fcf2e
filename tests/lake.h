// tests/lake.h: lakes for tests: in a folder, and in the S3 that tests/with-s3 started.
//
// Tests run side by side in the same bucket, each below a prefix of its own.
#ifndef TESTS_LAKE_H
#define TESTS_LAKE_H

#include "base/config.h"
#include "net/exchange.h"
#include "store/store.h"
#include "store/store_s3.h"

#include "folder.h"

static inline const char *
test_s3_url(struct scope *s)
{
    const char *url = getenv("TEST_S3_URL");
    if (url == NULL)
        TEST_DIE("TEST_S3_URL is not set; run the tests by make unit");
    return scope_copy(s, url);
}

static inline const char *
test_s3_setting(const char *name, const char *usual)
{
    const char *value = getenv(name);
    return value == NULL ? usual : value;
}

// Settings for the test's own part of the S3, in a home of its own.
static inline struct config *
test_s3_config(struct scope *s)
{
    struct config *c = scope_alloc(s, sizeof *c);
    *c = (struct config){
        .home = test_folder(s),
        .use_s3 = "true",
        .s3 = {.bucket = "lake",
               .prefix = scope_print(s, "test-%ld", (long)getpid()),
               .endpoint = test_s3_url(s),
               .addressing = "auto",
               .region = test_s3_setting("TEST_S3_REGION", "eu-test-1"),
               .part_bytes = 5 << 20},
        .aws = {.key_id = test_s3_setting("TEST_S3_KEY", "AKIDTEST"),
                .secret_key = {test_s3_setting("TEST_S3_SECRET", "a/secret+key")},
                .machine_url = "http://127.0.0.1:9",
                .machine_is_off = "true"},
    };
    return c;
}

// Has the S3 fail as JSON says (tests/whole/s3.mjs), for this test's own objects.
static inline void
test_s3_faults(struct scope *s, const char *json)
{
    struct exchange_answer answer;
    const struct exchange_request request = {
        .method = "POST",
        .url = scope_print(s, "%s/-/faults/test-%ld", test_s3_url(s), (long)getpid()),
        .has_body = true,
        .bytes = {json, strlen(json)},
    };
    CHECK(exchange(s, exchanger_open(s), &request, &answer) && answer.status == 200);
}

// Declares a test over both kinds; the body receives a scope `s` and an open `store`.
#define TEST_LAKE(id)                                                                              \
    static void test_lake_##id(struct scope *s, struct store *store);                              \
    TEST(id##_in_a_folder)                                                                         \
    {                                                                                              \
        struct store *store = store_open_dir(s, scope_print(s, "%s/lake", test_folder(s)));        \
        CHECK(store != NULL);                                                                      \
        test_lake_##id(s, store);                                                                  \
    }                                                                                              \
    TEST(id##_in_s3)                                                                               \
    {                                                                                              \
        struct store *store = store_open(s, test_s3_config(s));                                    \
        CHECK(store != NULL);                                                                      \
        test_lake_##id(s, store);                                                                  \
    }                                                                                              \
    static void test_lake_##id(struct scope *s, struct store *store)

#endif
