#include "lake/sync.h"

#include "base/file.h"
#include "world.h"

static struct sync_summary
synced(struct scope *s, struct db *db, struct store *from, struct store *to)
{
    struct sync_summary got;
    const struct sync_request request = {
        .from = from, .to = to, .db = db, .prefix = "", .n_threads = 3, .is_quiet = true};
    CHECK(sync_run(s, &request, &got));
    return got;
}

TEST_WORLD(sync_copies_what_is_missing_and_nothing_twice)
{
    struct str got;
    struct store *to = store_open_dir(s, scope_print(s, "%s/to", test_folder(s)));
    world_put(s, to, WORLD_LIVE, "live");
    world_put(s, to, "its/own", "x");

    const struct sync_summary first = synced(s, db, store, to), second = synced(s, db, store, to);

    CHECK(first.n_copied == 6 && first.n_same == 1 && first.n_failed == 0);
    CHECK(first.copied_bytes == 31);
    CHECK(second.n_copied == 0 && second.n_same == 7);
    CHECK(store_get(s, to, WORLD_BATCH, 10, NULL, &got) && str_is(got, "batch"));
    CHECK(store_get(s, to, "its/own", 10, NULL, &got));
}

TEST_WORLD(sync_replaces_nothing_and_goes_on_after_an_object_that_fails)
{
    struct str got;
    struct store *to = store_open_dir(s, scope_print(s, "%s/to", test_folder(s)));
    world_put(s, to, WORLD_LIVE, "others");

    const struct sync_summary sum = synced(s, db, store, to);

    CHECK(sum.n_failed == 1 && sum.n_copied == 6);
    CHECK(store_get(s, to, WORLD_LIVE, 10, NULL, &got) && str_is(got, "others"));
}

TEST_DB(sync_takes_the_hash_of_an_older_home_from_the_database)
{
    const char *path = scope_print(s, "%s/from", test_folder(s));
    struct store *from = store_open_dir(s, path), *to = store_open(s, test_s3_config(s));
    struct str got;
    world_make(s, from, db);
    test_folder_remove(scope_print(s, "%s/~sum/artifacts", path)); // as older programs left it
    test_folder_remove(scope_print(s, "%s/~sum/predictions", path));

    const struct sync_summary sum = synced(s, db, from, to);

    CHECK(sum.n_copied == 6 && sum.n_failed == 1); // nobody knows the batch's
    CHECK(store_get(s, to, WORLD_LIVE, 10, NULL, &got) && str_is(got, "live"));
}

TEST_DB(sync_ends_when_a_lake_is_away)
{
    struct config *c = test_s3_config(s);
    struct store *from = store_open_dir(s, test_folder(s));
    struct sync_summary got;
    world_put(s, from, "a", "x");
    c->s3.endpoint = "http://127.0.0.1:9";
    const struct sync_request request = {.from = from,
                                         .to = store_open(s, c),
                                         .db = db,
                                         .prefix = "",
                                         .n_threads = 3,
                                         .is_quiet = true};

    CHECK(!sync_run(s, &request, &got));
    CHECK(s->kind == ERROR_UNAVAILABLE);
}

TEST(sync_names_lakes_by_dir_and_s3)
{
    struct config *c = test_s3_config(s);
    CHECK_TEXT(store_place(sync_open(s, c, scope_print(s, "dir:%s", c->home), true)),
               scope_print(s, "folder \"%s\"", c->home));
    CHECK_TEXT(store_place(sync_open(s, c, "s3://other/x/y", false)), "bucket \"other\"");
    CHECK_FAILS(sync_open(s, c, "s3:///x", false), ERROR_USAGE,
                "\"s3:///x\" is neither dir:PATH nor s3://BUCKET[/PREFIX]");
    CHECK_FAILS(sync_open(s, c, "dir:/does/not/exist", true), ERROR_MISSING,
                "could not open folder \"/does/not/exist\": No such file or directory");
}

static struct sync_summary
mended(struct scope *s, struct db *db, struct store *from, struct store *to, bool is_dry_run)
{
    struct sync_summary got;
    const struct sync_request request = {.from = from,
                                         .to = to,
                                         .db = db,
                                         .prefix = "",
                                         .n_threads = 3,
                                         .mends = true,
                                         .is_dry_run = is_dry_run,
                                         .is_quiet = true};
    CHECK(sync_run(s, &request, &got));
    return got;
}

TEST_WORLD(sync_mends_what_is_damaged_and_replaces_nothing_else)
{
    const char *path = scope_print(s, "%s/to", test_folder(s));
    struct store *to = store_open_dir(s, path);
    struct str got;
    world_put(s, store, "its/own", "one");
    world_put(s, to, "its/own", "other");
    synced(s, db, store, to);
    CHECK(
        file_write(s, scope_print(s, "%s/%s", path, WORLD_BATCH), (struct str){"BATCH", 5}, 0600));
    CHECK(file_write(s, scope_print(s, "%s/%s", path, WORLD_LIVE), (struct str){"l", 1}, 0600));

    CHECK(synced(s, db, store, to).n_same == 6); // by what was recorded; live's size differs
    CHECK(mended(s, db, store, to, true).n_mended == 2);
    const struct sync_summary sum = mended(s, db, store, to, false);

    CHECK(sum.n_mended == 2 && sum.n_same == 5 && sum.n_copied == 0 && sum.n_failed == 1);
    CHECK(store_get(s, to, WORLD_BATCH, 10, NULL, &got) && str_is(got, "batch"));
    CHECK(store_get(s, to, WORLD_LIVE, 10, NULL, &got) && str_is(got, "live"));
    CHECK(store_get(s, to, "its/own", 10, NULL, &got) && str_is(got, "other"));
    CHECK(mended(s, db, store, to, false).n_mended == 0);
}

static void
object_vanish(void *context, const char *key, const char *why)
{
    struct scope own = {0}, *s = &own;
    (void)key;
    (void)why;
    CHECK(store_delete(s, context, "z/last"));
    scope_close(s);
}

TEST_DB(sync_passes_over_what_goes_meanwhile)
{
    struct store *from = store_open_dir(s, test_folder(s)), *to = store_open_dir(s, test_folder(s));
    struct sync_summary got;
    world_put(s, from, "a", "one");
    world_put(s, to, "a", "other"); // is told at the end of the first batch
    for (int i = 0; i < 256; i++)
        world_put(s, from, scope_print(s, "m/%d", i), "x");
    world_put(s, from, "z/last", "x"); // as of /health
    const struct sync_request request = {.from = from,
                                         .to = to,
                                         .db = db,
                                         .prefix = "",
                                         .n_threads = 3,
                                         .is_quiet = true,
                                         .failed = object_vanish,
                                         .context = from};

    CHECK(sync_run(s, &request, &got));

    CHECK(got.n_copied == 256 && got.n_same == 0 && got.n_failed == 1);
}
