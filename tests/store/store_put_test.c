#include "store/store.h"

#include "base/file.h"
#include "folder.h"

// SHA-256 of "abc": FIPS 180-2, appendix B.1.
#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

// An object of its own, begun to be put.
struct put {
    const char *folder;
    struct store *store;
    int fd;
    struct store_kept kept; // of an object that was there before
    struct store_put *put;
    int copy; // its bytes, as far as they have been copied
};

static struct put
begun(struct scope *s, struct str bytes, const char *taken_by)
{
    struct put p = {.folder = test_folder(s)};
    const char *path = scope_print(s, "%s/in", p.folder);
    p.store = store_open_dir(s, scope_print(s, "%s/lake", p.folder));
    CHECK(p.store != NULL);
    CHECK(file_write(s, path, bytes, 0600) && file_open(s, path, &p.fd));
    if (taken_by != NULL) { // somebody wrote over the bytes of the object in the lake
        CHECK(store_put_stream(s, p.store, p.fd, "raw_data", ".csv", &p.kept));
        path = scope_print(s, "%s/lake/%s", p.folder, p.kept.key);
        CHECK(file_write(s, path, (struct str){taken_by, strlen(taken_by)}, 0600));
        CHECK(lseek(p.fd, 0, SEEK_SET) == 0);
    }
    p.put = store_put_begin(s, p.store, p.fd, "raw_data", ".csv", &p.copy);
    return p;
}

TEST(store_lets_bytes_be_read_before_they_have_been_kept)
{
    struct str got;
    struct buf text = buf_open(s, 1 << 20);
    for (int i = 0; text.n < 1 << 20; i++)
        buf_print(&text, "%d\n", i);
    const struct str bytes = {text.text, text.n};

    struct put p = begun(s, bytes, NULL);

    CHECK(p.put != NULL);
    CHECK(store_put_await(p.put, 0) && store_put_await(p.put, (int64_t)text.n - 1));
    CHECK(file_read_fd(s, p.copy, 2 << 20, &got) && str_is(got, text.text));
    CHECK(!store_put_await(p.put, (int64_t)text.n));
    CHECK(store_put_hashed(s, p.put, &p.kept) && p.kept.size_bytes == (int64_t)text.n);
    CHECK(store_put_finish(s, p.put));
    CHECK(store_get(s, p.store, p.kept.key, 2 << 20, p.kept.sha256, &got));
    CHECK(str_is(got, text.text));
}

TEST(store_tells_when_it_is_asked_that_bytes_could_not_be_kept)
{
    struct put p = begun(s, (struct str){"abc", 3}, "abd");

    CHECK(p.put == NULL || !store_put_finish(s, p.put));
    CHECK(s->kind == ERROR_CONFLICT);
    CHECK_TEXT(
        s->message,
        "could not keep an object under \"raw_data\": object \"raw_data/ba/" ABC ".csv\" is "
        "damaged: its hash is a52d159f262b2c6ddb724a61840befc36eb30c88877a4030b65cbe86298449c9; "
        "mend it by: airwatch lake put FILE raw_data/ba/" ABC ".csv");
}
