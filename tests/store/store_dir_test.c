#include "store/store.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/time.h"
#include "folder.h"

static struct str
text(const char *of)
{
    return (struct str){of, strlen(of)};
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

static void
overwrite(struct scope *s, const char *path, const char *bytes)
{
    CHECK(file_write(s, path, text(bytes), 0644));
}

TEST(folder_keeps_no_temporary_files_and_sweeps_those_of_the_dead)
{
    const char *path = test_folder(s);
    struct store *store = store_open_dir(s, path);
    CHECK(store != NULL && store_check(s, store));
    CHECK(n_entries(scope_print(s, "%s/~", path)) == 0);
    CHECK(n_entries(scope_print(s, "%s/health", path)) == 0);
    CHECK(n_entries(scope_print(s, "%s/~sum/health", path)) == 0);

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

TEST(folder_sweeps_what_was_left_under_a_number_that_another_process_has)
{
    const char *path = test_folder(s);
    struct store *store = store_open_dir(s, path);
    const char *mine = scope_print(s, "%s/~/%ld-abcdef", path, (long)getpid());
    const char *old = scope_print(s, "%s/~/%ld-fedcba", path, (long)getpid());
    const struct timespec then[2] = {{.tv_sec = time_now() - 90000},
                                     {.tv_sec = time_now() - 90000}};
    size_t n;
    CHECK(file_write(s, mine, text("half"), 0600) && file_write(s, old, text("half"), 0600));
    CHECK(utimensat(AT_FDCWD, old, then, 0) == 0);

    CHECK(store_sweep(s, store, 86400, false, &n) && n == 1);

    CHECK(access(old, F_OK) != 0 && access(mine, F_OK) == 0);
}

TEST(folder_that_is_full_keeps_nothing_of_an_object)
{
    struct store *store = store_open_dir(s, test_folder(s));
    char *much = scope_alloc(s, 100000);
    const struct rlimit small = {4096, 4096}; // stands in for a full disk: write fails half-way
    signal(SIGXFSZ, SIG_IGN);
    CHECK(store != NULL && setrlimit(RLIMIT_FSIZE, &small) == 0);

    CHECK_FAILS(store_put(s, store, "a/b", (struct str){much, 100000}), ERROR_UNAVAILABLE,
                "could not keep object \"a/b\": File too large");

    struct str got;
    CHECK_FAILS(store_get(s, store, "a/b", 100, NULL, &got), ERROR_MISSING,
                "there is no object \"a/b\"");
}

TEST(folder_objects_that_were_damaged_are_not_read)
{
    const char *path = test_folder(s);
    struct store *store = store_open_dir(s, path);
    struct store_kept kept;
    struct str got;
    int fd;
    overwrite(s, scope_print(s, "%s/in", path), "abc");
    CHECK(file_open(s, scope_print(s, "%s/in", path), &fd));
    CHECK(store_put_stream(s, store, fd, "raw_data", ".csv", &kept));
    CHECK(store_put(s, store, "predictions/a", text("abc")));

    overwrite(s, scope_print(s, "%s/%s", path, kept.key), "abd");
    overwrite(s, scope_print(s, "%s/predictions/a", path), "abd");

    CHECK(!store_open_object(s, store, kept.key, NULL, &fd) && s->kind == ERROR_CONFLICT);
    scope_forgive(s);
    CHECK(!store_get(s, store, kept.key, 10, NULL, &got) && s->kind == ERROR_CONFLICT);
    scope_forgive(s);
    CHECK_FAILS(store_get(s, store, "predictions/a", 10, NULL, &got), ERROR_CONFLICT,
                "object \"predictions/a\" is damaged: its hash is "
                "a52d159f262b2c6ddb724a61840befc36eb30c88877a4030b65cbe86298449c9, not "
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(folder_objects_of_unknown_hash_are_not_read_until_they_are_adopted)
{
    const char *path = test_folder(s);
    struct store *store = store_open_dir(s, path);
    struct str got;
    CHECK(store_put(s, store, "predictions/a", text("abc")));
    CHECK(unlink(scope_print(s, "%s/~sum/predictions/a", path)) == 0); // as older programs left it

    CHECK_FAILS(store_get(s, store, "predictions/a", 10, NULL, &got), ERROR_CONFLICT,
                "no hash of object \"predictions/a\" is known; if its bytes are right, record the "
                "one they have by: airwatch lake verify predictions/a --adopt");
    CHECK(store_adopt(s, store, "predictions/a"));
    CHECK(store_get(s, store, "predictions/a", 10, NULL, &got) && str_is(got, "abc"));

    CHECK(unlink(scope_print(s, "%s/~sum/predictions/a", path)) == 0);
    CHECK(store_put(s, store, "predictions/a", text("abc"))); // the same bytes, put again
    CHECK(store_get(s, store, "predictions/a", 10, NULL, &got) && str_is(got, "abc"));
}

static bool
mended(struct scope *s, struct store *store, const char *key, const char *bytes)
{
    const char *path = scope_print(s, "%s/in", test_folder(s));
    struct store_kept kept;
    bool is_mended;
    int fd;
    overwrite(s, path, bytes);
    CHECK(file_open(s, path, &fd));
    return store_mend(s, store, key, fd, NULL, &kept, &is_mended) && is_mended;
}

TEST(folder_objects_that_were_damaged_are_mended_by_their_own_bytes)
{
    const char *path = test_folder(s);
    const char *keys[] = {"predictions/a", "raw_data/ba/ba7816bf8f01cfea414140de5dae2223b00361a396"
                                           "177a9cb410ff61f20015ad.csv"};
    struct store *store = store_open_dir(s, path);
    struct str got;
    for (int i = 0; i < 2; i++) {
        CHECK(store_put(s, store, keys[i], text("abc")));
        overwrite(s, scope_print(s, "%s/%s", path, keys[i]), "abd");

        CHECK(!mended(s, store, keys[i], "abd") && s->kind == ERROR_CONFLICT);
        scope_forgive(s);
        CHECK(mended(s, store, keys[i], "abc"));

        CHECK(store_get(s, store, keys[i], 10, NULL, &got) && str_is(got, "abc"));
        CHECK(n_entries(scope_print(s, "%s/~", path)) == 0);
    }
    CHECK(unlink(scope_print(s, "%s/~sum/%s", path, keys[0])) == 0);
    CHECK(!mended(s, store, keys[0], "abd")); // for all that is known it was never otherwise
    CHECK(strstr(s->message, "the key holds other bytes") != NULL);
    scope_forgive(s);
    CHECK(!mended(s, store, keys[0], "abc") && s->kind == ERROR_NONE);
    CHECK(store_get(s, store, keys[0], 10, NULL, &got) && str_is(got, "abc"));
}

TEST(folder_takes_the_longest_names_a_key_may_have)
{
    struct store *store = store_open_dir(s, test_folder(s));
    struct str got;
    char *key = scope_alloc(s, 512);
    memset(key, 'a', 511);
    key[255] = '/'; // 255 and 255 bytes

    CHECK(store_put(s, store, key, text("x")));
    CHECK(store_get(s, store, key, 1, NULL, &got));
}

TEST(folder_says_where_an_object_and_a_folder_cannot_be_both)
{
    struct store *store = store_open_dir(s, test_folder(s));
    CHECK(store_put(s, store, "a/b", text("abc")) && store_put(s, store, "c", text("abc")));

    CHECK_FAILS(store_put(s, store, "a", text("abc")), ERROR_CONFLICT,
                "could not keep object \"a\": there are objects below \"a/\", so none can be "
                "there here");
    CHECK_FAILS(store_put(s, store, "c/d/e", text("abc")), ERROR_CONFLICT,
                "could not keep object \"c/d/e\": \"c\" is an object, so none can be below it "
                "here");
}

TEST(folder_that_may_only_be_read_is_read)
{
    const char *path = test_folder(s);
    struct str got;
    overwrite(s, scope_print(s, "%s/0123", path), "abc");
    CHECK(chmod(path, 0555) == 0);

    const pid_t child = fork(); // somebody who may not write there
    if (child == 0) {
        struct scope own = {0};
        if (geteuid() == 0 && setuid(65534) != 0)
            _exit(2);
        struct store *store = store_open_dir(&own, path);
        _exit(store != NULL &&
                      store_get(&own, store, "0123", 3,
                                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61"
                                "f20015ad",
                                &got) &&
                      !store_put(&own, store, "x", text("x"))
                  ? 0
                  : 1);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(chmod(path, 0755) == 0);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(n_entries(path) == 1);
}

TEST(folder_records_are_what_sha256sum_writes)
{
    const char *path = test_folder(s);
    struct store *store = store_open_dir(s, path);
    CHECK(store_put(s, store, "predictions/a", text("abc")));

    CHECK(system(scope_print(s, "cd '%s' && sha256sum --status -c '~sum/predictions/a'", path)) ==
          0);
}

TEST(folder_lists_strange_files_as_foreign)
{
    const char *path = test_folder(s);
    struct store *store = store_open_dir(s, path);
    struct store_page page;
    CHECK(store_put(s, store, "a/b", text("abc")));
    overwrite(s, scope_print(s, "%s/a/with blank", path), "x");
    CHECK(symlink("/etc/passwd", scope_print(s, "%s/a/link", path)) == 0);

    CHECK(store_list(s, store, "", "", &page));
    CHECK(page.n == 1 && page.n_foreign == 2 && page.next == NULL);
}

// Puts objects, large and small, until it is killed.
static void
putter_run(const char *path, const char *in)
{
    struct scope own = {0};
    struct store *store = store_open_dir(&own, path);
    for (int i = 0; store != NULL; i++) {
        struct scope one = {0};
        struct store_kept kept;
        int fd;
        if (!file_open(&one, in, &fd) ||
            !store_put_fd(&one, store, scope_print(&one, "k/%d", i), fd, &kept))
            break;
        scope_close(&one);
    }
    _exit(1);
}

TEST(folder_holds_only_whole_objects_after_a_kill)
{
    const char *path = test_folder(s), *in = scope_print(s, "%s/in", test_folder(s));
    char *bytes = scope_alloc(s, 300000);
    struct store_page page;
    struct str got;
    size_t n = 0, n_swept;
    memset(bytes, 'x', 300000);
    CHECK(file_write(s, in, (struct str){bytes, 300000}, 0600));

    for (unsigned turn = 0; turn < 25; turn++) {
        const pid_t child = fork();
        if (child == 0)
            putter_run(path, in);
        const char *next = scope_print(s, "%s/k/%u", path, turn / 2); // there, or soon
        while (access(next, F_OK) != 0)
            sched_yield();
        CHECK(kill(child, SIGKILL) == 0 && waitpid(child, NULL, 0) == child);
        struct store *store = store_open_dir(s, path);
        CHECK(store != NULL && store_list(s, store, "", "", &page));
        for (size_t i = 0; i < page.n; i++, n++)
            CHECK(store_get(s, store, page.entries[i].key, 300000, NULL, &got) && got.n == 300000);
        CHECK(store_sweep(s, store, 0, false, &n_swept) && n_swept == 0);
        CHECK(n_entries(scope_print(s, "%s/~", path)) == 0);
    }
    CHECK(n > 0);
}
