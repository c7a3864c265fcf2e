#include "store/store.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

#include "folder.h"

static struct store *
opened(struct scope *s)
{
    struct store *store = store_open_dir(s, scope_print(s, "%s/lake", test_folder(s)));
    CHECK(store != NULL);
    return store;
}

static struct str
text(const char *of)
{
    return (struct str){of, strlen(of)};
}

static int
file_of(struct scope *s, const char *content)
{
    int fd;
    const char *path = scope_print(s, "%s/in", test_folder(s));
    CHECK(file_write(s, path, text(content), 0600));
    CHECK(file_open(s, path, &fd));
    return fd;
}

static size_t
n_entries(const char *path)
{
    size_t n = 0;
    DIR *folder = opendir(path);
    while (folder != NULL && readdir(folder) != NULL)
        n++;
    if (folder != NULL)
        closedir(folder);
    return n - 2; // "." and ".."
}

TEST(store_gives_back_what_was_put)
{
    struct store *store = opened(s);
    struct str got;

    CHECK(store_put(s, store, "raw_data/ab/one.csv", text("a,b\n1,2\n")));
    CHECK(store_get(s, store, "raw_data/ab/one.csv", 100, NULL, &got));
    CHECK(str_is(got, "a,b\n1,2\n"));
}

TEST(store_keeps_the_same_bytes_twice_and_refuses_others)
{
    struct store *store = opened(s);
    struct str got;
    CHECK(store_put(s, store, "a/b", text("one")));

    CHECK(store_put(s, store, "a/b", text("one")));
    CHECK_FAILS(store_put(s, store, "a/b", text("two")), ERROR_CONFLICT,
                "could not keep object \"a/b\": the key holds other bytes (hash "
                "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed)");
    CHECK(store_get(s, store, "a/b", 100, NULL, &got) && str_is(got, "one"));
}

TEST(store_refuses_keys_that_could_leave_it)
{
    struct store *store = opened(s);
    const char *const bad[] = {"",   "/etc/passwd", "../x", "a/../b", "a/./b", "a//b",
                               "a/", "~/1",         "a b",  "a\nb",   "ü",     "a\\b"};
    char longer[600];
    memset(longer, 'a', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK(!store_put(s, store, bad[i], text("x")));
        CHECK(s->kind == ERROR_INPUT);
        scope_forgive(s);
    }
    CHECK(!store_put(s, store, longer, text("x")));
    CHECK(s->kind == ERROR_INPUT);
    scope_forgive(s);
    CHECK_FAILS(store_put(s, store, "a/../b", text("x")), ERROR_INPUT,
                "\"a/../b\" cannot be an object's key");
}

TEST(store_streams_under_the_hash_of_the_bytes)
{
    struct store *store = opened(s);
    struct store_kept kept;
    struct str got;

    CHECK(store_put_stream(s, store, file_of(s, "abc"), "raw_data", ".csv", &kept));

    // SHA-256 of "abc": FIPS 180-2, appendix B.1.
    CHECK_TEXT(kept.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK_TEXT(kept.key, "raw_data/ba/"
                         "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad.csv");
    CHECK(kept.size_bytes == 3);
    CHECK(file_read_fd(s, kept.fd, 10, &got) && str_is(got, "abc"));
    CHECK(store_put_stream(s, store, file_of(s, "abc"), "raw_data", ".csv", &kept));
    CHECK(file_read_fd(s, kept.fd, 10, &got) && str_is(got, "abc"));
}

TEST(store_tells_missing_changed_and_too_large_objects)
{
    struct store *store = opened(s);
    struct str got;
    CHECK(store_put(s, store, "a/b", text("abc")));

    CHECK_FAILS(store_get(s, store, "a/c", 10, NULL, &got), ERROR_MISSING,
                "there is no object \"a/c\"");
    CHECK_FAILS(store_get(s, store, "a", 10, NULL, &got), ERROR_MISSING,
                "there is no object \"a\"");
    CHECK_FAILS(store_get(s, store, "a/b", 2, NULL, &got), ERROR_LIMIT,
                "could not read object \"a/b\": more than 2 bytes");
    CHECK_FAILS(store_get(s, store, "a/b", 10, "0000", &got), ERROR_CONFLICT,
                "object \"a/b\" is damaged: its hash is "
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad, not 0000");
}

TEST(store_leaves_no_temporary_files_and_sweeps_those_of_the_dead)
{
    const char *path = test_folder(s);
    struct store *store = store_open_dir(s, path);
    CHECK(store != NULL && store_check(s, store));
    CHECK(n_entries(scope_print(s, "%s/~", path)) == 0);
    CHECK(n_entries(scope_print(s, "%s/health", path)) == 0 &&
          n_entries(scope_print(s, "%s/~sum/health", path)) == 0);

    const pid_t child = fork();
    if (child == 0)
        _exit(0);
    CHECK(waitpid(child, NULL, 0) == child);
    const char *dead = scope_print(s, "%s/~/%ld-abcdef", path, (long)child);
    const char *mine = scope_print(s, "%s/~/%ld-abcdef", path, (long)getpid());
    CHECK(file_write(s, dead, text("half"), 0600) && file_write(s, mine, text("half"), 0600));

    CHECK(store_open_dir(s, path) != NULL);
    CHECK(access(dead, F_OK) != 0);
    CHECK(access(mine, F_OK) == 0);
}

TEST(store_says_limit_when_there_is_no_room)
{
    struct store *store = opened(s);
    char *much = scope_alloc(s, 100000);
    const struct rlimit small = {4096, 4096}; // stands in for a full disk: write fails half-way
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit before;
    CHECK(getrlimit(RLIMIT_FSIZE, &before) == 0);
    CHECK(setrlimit(RLIMIT_FSIZE, &small) == 0);

    CHECK_FAILS(store_put(s, store, "a/b", (struct str){much, 100000}), ERROR_UNAVAILABLE,
                "could not keep object \"a/b\": File too large");

    struct str got;
    CHECK_FAILS(store_get(s, store, "a/b", 100, NULL, &got), ERROR_MISSING,
                "there is no object \"a/b\"");
}
