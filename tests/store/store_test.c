#include "store/store.h"

#include <fcntl.h>
#include <pthread.h>

#include "base/file.h"
#include "base/time.h"
#include "lake.h"

// SHA-256 of "abc": FIPS 180-2, appendix B.1.
#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static struct str
text(const char *of)
{
    return (struct str){of, strlen(of)};
}

static int
file_of(struct scope *s, struct str bytes)
{
    int fd;
    const char *path = scope_print(s, "%s/in", test_folder(s));
    CHECK(file_write(s, path, bytes, 0600));
    CHECK(file_open(s, path, &fd));
    return fd;
}

// Bytes that repeat at no power of two.
static struct str
much(struct scope *s, size_t n)
{
    char *bytes = scope_alloc(s, n);
    for (size_t i = 0; i < n; i++)
        bytes[i] = (char)((i * 2654435761u) >> 13);
    return (struct str){bytes, n};
}

TEST_LAKE(lake_gives_back_what_was_put)
{
    struct str got;

    CHECK(store_put(s, store, "raw_data/ab/one.csv", text("a,b\n1,2\n")));
    CHECK(store_get(s, store, "raw_data/ab/one.csv", 100, NULL, &got));
    CHECK(str_is(got, "a,b\n1,2\n"));
}

TEST_LAKE(lake_takes_every_character_a_key_may_have)
{
    struct str got;
    const char *key = "Az09._=+-/.hidden/a=b+c.d_e-f";

    CHECK(store_put(s, store, key, text("x")));
    CHECK(store_get(s, store, key, 1, NULL, &got) && str_is(got, "x"));
    CHECK(store_delete(s, store, key));
}

TEST_LAKE(lake_keeps_empty_objects)
{
    struct str got;
    struct store_kept kept;

    CHECK(store_put(s, store, "a/empty", text("")));
    CHECK(store_get(s, store, "a/empty", 0, NULL, &got) && got.n == 0);
    CHECK(store_put_stream(s, store, file_of(s, text("")), "a", "", &kept));
    CHECK(kept.size_bytes == 0 && store_get(s, store, kept.key, 0, NULL, &got) && got.n == 0);
}

TEST_LAKE(lake_keeps_the_same_bytes_twice_and_refuses_others)
{
    struct str got;
    CHECK(store_put(s, store, "a/b", text("one")));

    CHECK(store_put(s, store, "a/b", text("one")));
    CHECK_FAILS(store_put(s, store, "a/b", text("two")), ERROR_CONFLICT,
                "could not keep object \"a/b\": the key holds other bytes (hash "
                "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed)");
    CHECK(store_get(s, store, "a/b", 100, NULL, &got) && str_is(got, "one"));
}

TEST_LAKE(lake_refuses_keys_that_could_leave_it)
{
    const char *const bad[] = {"",   "/etc/passwd", "../x", "a/../b", "a/./b", "a//b",
                               "a/", "~/1",         "a b",  "a\nb",   "ü",     "a\\b"};
    char longer[600], segment[257];
    memset(longer, 'a', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    memset(segment, 'a', sizeof segment - 1);
    segment[sizeof segment - 1] = '\0';

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK(!store_put(s, store, bad[i], text("x")));
        CHECK(s->kind == ERROR_INPUT);
        scope_forgive(s);
    }
    CHECK(!store_put(s, store, longer, text("x")));
    CHECK(s->kind == ERROR_INPUT);
    scope_forgive(s);
    CHECK(!store_put(s, store, segment, text("x")) && s->kind == ERROR_INPUT);
    scope_forgive(s);
    CHECK_FAILS(store_put(s, store, "a/../b", text("x")), ERROR_INPUT,
                "\"a/../b\" cannot be an object's key");
}

TEST_LAKE(lake_streams_under_the_hash_of_the_bytes)
{
    struct store_kept kept;
    struct str got;

    CHECK(store_put_stream(s, store, file_of(s, text("abc")), "raw_data", ".csv", &kept));

    CHECK_TEXT(kept.sha256, ABC);
    CHECK_TEXT(kept.key, "raw_data/ba/" ABC ".csv");
    CHECK(kept.size_bytes == 3);
    CHECK(file_read_fd(s, kept.fd, 10, &got) && str_is(got, "abc"));
    CHECK(store_put_stream(s, store, file_of(s, text("abc")), "raw_data", ".csv", &kept));
    CHECK(file_read_fd(s, kept.fd, 10, &got) && str_is(got, "abc"));
}

TEST_LAKE(lake_refuses_bytes_under_another_hash)
{
    CHECK_FAILS(store_put(s, store, "raw_data/ba/" ABC ".csv", text("abd")), ERROR_CONFLICT,
                "could not keep object \"raw_data/ba/" ABC ".csv\": the bytes have another hash "
                "than the key names "
                "(a52d159f262b2c6ddb724a61840befc36eb30c88877a4030b65cbe86298449c9)");
}

TEST_LAKE(lake_streams_under_a_key_that_was_chosen)
{
    struct store_kept kept;
    struct str got;

    CHECK(store_put_fd(s, store, "predictions/a.csv", file_of(s, text("abc")), &kept));

    CHECK_TEXT(kept.sha256, ABC);
    CHECK(store_get(s, store, "predictions/a.csv", 3, ABC, &got) && str_is(got, "abc"));
}

TEST_LAKE(lake_streams_from_a_pipe)
{
    int ends[2];
    struct store_kept kept;
    CHECK(pipe(ends) == 0);
    file_defer_close(s, ends[0]);
    CHECK(write(ends[1], "abc", 3) == 3);
    close(ends[1]);

    CHECK(store_put_stream(s, store, ends[0], "raw_data", "", &kept));
    CHECK_TEXT(kept.sha256, ABC);
}

TEST_LAKE(lake_gives_back_objects_larger_than_a_part)
{
    struct store_kept kept;
    struct store_about about;
    struct str got;
    int fd;
    const struct str bytes = much(s, (11 << 20) + 12345); // two parts of 5 MiB and one of 1.01 MiB

    CHECK(store_put_fd(s, store, "big/one", file_of(s, bytes), &kept));
    CHECK(store_get(s, store, "big/one", bytes.n, NULL, &got));
    CHECK(got.n == bytes.n && memcmp(got.at, bytes.at, got.n) == 0);
    CHECK(store_open_object(s, store, "big/one", kept.sha256, &fd));
    CHECK(file_read_fd(s, fd, bytes.n, &got) && got.n == bytes.n);
    CHECK(memcmp(got.at, bytes.at, got.n) == 0);
    CHECK(store_stat(s, store, "big/one", &about));
    CHECK_TEXT(about.sha256, kept.sha256);
    CHECK(store_put(s, store, "big/one", bytes));
    CHECK(store_put(s, store, "big/two", bytes));
    CHECK(store_get(s, store, "big/two", bytes.n, kept.sha256, &got));
}

TEST_LAKE(lake_tells_missing_changed_and_too_large_objects)
{
    struct str got;
    struct store_about about;
    int fd;
    CHECK(store_put(s, store, "a/b", text("abc")));

    CHECK_FAILS(store_get(s, store, "a/c", 10, NULL, &got), ERROR_MISSING,
                "there is no object \"a/c\"");
    CHECK_FAILS(store_get(s, store, "a", 10, NULL, &got), ERROR_MISSING,
                "there is no object \"a\"");
    CHECK_FAILS(store_stat(s, store, "a/c", &about), ERROR_MISSING, "there is no object \"a/c\"");
    CHECK_FAILS(store_open_object(s, store, "a/c", NULL, &fd), ERROR_MISSING,
                "there is no object \"a/c\"");
    CHECK_FAILS(store_get(s, store, "a/b", 2, NULL, &got), ERROR_LIMIT,
                "could not read object \"a/b\": more than 2 bytes");
    CHECK_FAILS(store_get(s, store, "a/b", 10, "0000", &got), ERROR_CONFLICT,
                "object \"a/b\" is damaged: its hash is " ABC ", not 0000");
    CHECK_FAILS(store_open_object(s, store, "a/b", "0000", &fd), ERROR_CONFLICT,
                "object \"a/b\" is damaged: its hash is " ABC ", not 0000");
}

TEST_LAKE(lake_tells_size_time_and_hash_of_an_object)
{
    struct store_about about;
    const int64_t before = time_now();
    CHECK(store_put(s, store, "a/b", text("abc")));

    CHECK(store_stat(s, store, "a/b", &about));

    CHECK(about.size_bytes == 3);
    CHECK(about.put_at >= before - 1 && about.put_at <= time_now() + 1);
    CHECK_TEXT(about.sha256, ABC);
}

TEST_LAKE(lake_forgets_what_is_deleted)
{
    struct str got;
    CHECK(store_put(s, store, "a/b", text("one")));

    CHECK(store_delete(s, store, "a/b"));

    CHECK_FAILS(store_get(s, store, "a/b", 10, NULL, &got), ERROR_MISSING,
                "there is no object \"a/b\"");
    CHECK(store_delete(s, store, "a/b"));
    CHECK(store_put(s, store, "a/b", text("two")));
    CHECK(store_get(s, store, "a/b", 10, NULL, &got) && str_is(got, "two"));
}

// Joins the keys of a prefix, page by page.
static const char *
listed(struct scope *s, struct store *store, const char *prefix)
{
    struct buf out = buf_open(s, 64);
    for (const char *after = ""; after != NULL;) {
        struct store_page page;
        CHECK(store_list(s, store, prefix, after, &page));
        for (size_t i = 0; i < page.n; i++)
            buf_print(&out, "%s ", page.entries[i].key);
        after = page.next;
    }
    return out.text;
}

TEST_LAKE(lake_lists_in_the_order_of_whole_keys)
{
    const char *const keys[] = {"a/c", "a.b/x", "b", "a-b", "a/b/d", "a0", "A", "a/b.c", "a=1/z"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        CHECK(store_put(s, store, keys[i], text(keys[i])));

    CHECK_TEXT(listed(s, store, ""), "A a-b a.b/x a/b.c a/b/d a/c a0 a=1/z b ");
    CHECK_TEXT(listed(s, store, "a/"), "a/b.c a/b/d a/c ");
    CHECK_TEXT(listed(s, store, "a/b"), "a/b.c a/b/d ");
    CHECK_TEXT(listed(s, store, "a="), "a=1/z ");
    CHECK_TEXT(listed(s, store, "c"), "");
    struct store_page page;
    CHECK(store_list(s, store, "", "a/b.c", &page) && page.n == 5);
    CHECK_TEXT(page.entries[0].key, "a/b/d");
    CHECK(page.entries[0].size_bytes == 5);
    CHECK(page.entries[0].put_at > time_now() - 60);
}

struct putter {
    struct store *store;
    int i, step;
};

static void *
put_some(void *context)
{
    struct putter *p = context;
    for (int i = p->i; i < 1100; i += p->step) {
        struct scope own = {0};
        char key[32];
        snprintf(key, sizeof key, "n/%03d/%04d", i % 100, i);
        const bool ok = store_put(&own, p->store, key, (struct str){"x", 1});
        scope_close(&own);
        if (!ok)
            return p;
    }
    return NULL;
}

TEST_LAKE(lake_is_shared_by_threads_and_lists_page_by_page)
{
    pthread_t threads[6];
    struct putter putters[6];
    for (int i = 0; i < 6; i++) {
        putters[i] = (struct putter){store, i, 6};
        CHECK(pthread_create(&threads[i], NULL, put_some, &putters[i]) == 0);
    }
    for (int i = 0; i < 6; i++) {
        void *failed;
        CHECK(pthread_join(threads[i], &failed) == 0 && failed == NULL);
    }

    struct store_page page;
    size_t n = 0, n_pages = 0;
    const char *last = "";
    for (const char *after = ""; after != NULL; after = page.next, n_pages++) {
        CHECK(store_list(s, store, "n/", after, &page));
        for (size_t i = 0; i < page.n; i++, n++) {
            CHECK(strcmp(last, page.entries[i].key) < 0);
            last = page.entries[i].key;
        }
    }
    CHECK(n == 1100 && n_pages == 2);
}

TEST_LAKE(lake_is_checked_by_writing_and_leaves_nothing_of_it)
{
    CHECK(store_check(s, store));
    CHECK_TEXT(listed(s, store, ""), "");
}

TEST_LAKE(lake_sweeps_nothing_that_is_whole)
{
    size_t n;
    struct str got;
    CHECK(store_put(s, store, "a/b", text("one")));

    CHECK(store_sweep(s, store, 0, false, &n));

    CHECK(n == 0 && store_get(s, store, "a/b", 10, NULL, &got));
}

TEST_LAKE(lake_mends_nothing_that_is_whole)
{
    struct store_kept kept;
    struct str got;
    bool is_mended;

    CHECK(store_mend(s, store, "a/b", file_of(s, text("abc")), NULL, &kept, &is_mended));
    CHECK(!is_mended && store_get(s, store, "a/b", 3, NULL, &got) && str_is(got, "abc"));
    CHECK(store_mend(s, store, "a/b", file_of(s, text("abc")), ABC, &kept, &is_mended));
    CHECK(!is_mended);

    CHECK(!store_mend(s, store, "a/b", file_of(s, text("xyz")), NULL, &kept, &is_mended));
    CHECK(s->kind == ERROR_CONFLICT && !is_mended);
    scope_forgive(s);
    CHECK_FAILS(store_mend(s, store, "a/c", file_of(s, text("abd")), ABC, &kept, &is_mended),
                ERROR_CONFLICT,
                "could not keep object \"a/c\": its hash is " ABC ", and that of the bytes "
                "a52d159f262b2c6ddb724a61840befc36eb30c88877a4030b65cbe86298449c9");
}
