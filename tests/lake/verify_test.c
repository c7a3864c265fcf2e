#include "lake/verify.h"

#include <sys/stat.h>

#include "world.h"

static void
fault_note(void *context, const char *key, const char *fault)
{
    struct buf *out = context;
    buf_print(out, "%s %s\n", key, fault);
}

static const char *
verified(struct scope *s, struct db *db, struct store *store, struct verify_summary *got)
{
    struct buf *faults = scope_alloc(s, sizeof *faults);
    *faults = buf_open(s, 256);
    const struct verify_request request = {
        .prefix = "", .n_threads = 3, .is_quiet = true, .found = fault_note, .context = faults};
    CHECK(verify_run(s, store, db, &request, got));
    return faults->text;
}

TEST_WORLD(verify_finds_nothing_in_a_good_lake)
{
    struct verify_summary got;

    CHECK_TEXT(verified(s, db, store, &got), WORLD_ORPHAN " unreferenced\n");

    CHECK(verify_is_good(&got));
    // used 4, spent 5, dataset 7, live 4, dead 4, batch 5, orphan 6 bytes
    CHECK(got.n_objects == 7 && got.size_bytes == 35 && got.n_unreferenced == 1);
}

TEST_WORLD(verify_finds_what_is_missing_and_what_differs)
{
    struct verify_summary got;
    CHECK(store_delete(s, store, WORLD_DATASET) && store_delete(s, store, WORLD_BATCH));
    CHECK(store_delete(s, store, WORLD_LIVE));
    world_put(s, store, WORLD_LIVE, "other bytes, well recorded");

    CHECK_TEXT(verified(s, db, store, &got),
               scope_print(s, "%s damaged\n%s missing\n%s missing\n%s unreferenced\n", WORLD_LIVE,
                           WORLD_BATCH, WORLD_DATASET, WORLD_ORPHAN));

    CHECK(!verify_is_good(&got) && got.n_damaged == 1 && got.n_missing == 2);
}

TEST_WORLD(verify_misses_what_is_needed_though_it_once_expired)
{
    struct verify_summary got;
    world_sql(s, db,
              "INSERT INTO data.object_expired (key, sha256, size_bytes, reference, "
              "expired_as_of) VALUES ('" WORLD_LIVE "', '', 4, '', now()), ('" WORLD_DEAD
              "', '', 4, '', now())");
    CHECK(store_delete(s, store, WORLD_LIVE) && store_delete(s, store, WORLD_DEAD));

    CHECK_TEXT(verified(s, db, store, &got),
               WORLD_LIVE " missing\n" WORLD_ORPHAN " unreferenced\n");

    CHECK(got.n_missing == 1 && got.n_expired == 1);
}

struct meanwhile {
    struct db *db;
    struct store *store;
};

static void
dead_expire(void *context, const char *key, const char *fault)
{
    struct scope own = {0}, *s = &own;
    struct meanwhile *m = context;
    (void)key;
    (void)fault;
    world_sql(s, m->db,
              "INSERT INTO data.object_expired (key, sha256, size_bytes, reference, "
              "expired_as_of) VALUES ('" WORLD_DEAD "', '', 4, 'model version', now()) "
              "ON CONFLICT DO NOTHING");
    CHECK(store_delete(s, m->store, WORLD_DEAD));
    scope_close(s);
}

TEST_WORLD(verify_does_not_miss_what_expires_meanwhile)
{
    struct verify_summary got;
    struct meanwhile m = {db, store};
    const struct verify_request request = {.prefix = "artifacts/",
                                           .n_threads = 3,
                                           .is_quiet = true,
                                           .found = dead_expire,
                                           .context = &m};
    for (int i = 0; i < 256; i++) // the first batch: each is told as unreferenced
        world_put(s, store, scope_print(s, "artifacts/models/a/%d", i), "x");

    CHECK(verify_run(s, store, db, &request, &got));

    CHECK(verify_is_good(&got) && got.n_expired == 1 && got.n_objects == 257);
}

TEST_DB(verify_goes_on_after_an_object_that_cannot_be_read)
{
    const char *path = test_folder(s);
    struct verify_summary got;
    struct store *store = store_open_dir(s, path);
    world_make(s, store, db);
    CHECK(chmod(path, 0755) == 0);
    CHECK(chmod(scope_print(s, "%s/%s", path, WORLD_DEAD), 0) == 0);
    const uid_t me = geteuid();

    CHECK(me != 0 || seteuid(65534) == 0); // to root nothing is forbidden
    const char *faults = verified(s, db, store, &got);
    CHECK(me != 0 || seteuid(0) == 0);

    CHECK_TEXT(faults, WORLD_DEAD " unreadable\n" WORLD_ORPHAN " unreferenced\n");
    CHECK(!verify_is_good(&got) && got.n_unreadable == 1 && got.n_objects == 7);
}

TEST_DB(verify_tells_an_object_that_fails_from_a_lake_that_is_away)
{
    struct config *c = test_s3_config(s);
    struct verify_summary got;
    const struct verify_request request = {.prefix = "", .n_threads = 2, .is_quiet = true};
    struct store *store = store_open(s, c);
    world_make(s, store, db);
    test_s3_faults(s, "{\"error\": 1000, \"only\": \"HEAD\"}"); // what asks for recorded hashes

    CHECK(verify_run(s, store, db, &request, &got));
    CHECK(got.n_unreadable == 2 && got.n_objects == 7); // the database knows the others' hashes

    c->s3.endpoint = "http://127.0.0.1:9";
    CHECK(!verify_run(s, store, db, &request, &got) && s->kind == ERROR_UNAVAILABLE);
}

TEST_WORLD(verify_of_a_prefix_looks_nowhere_else)
{
    struct verify_summary got;
    const struct verify_request request = {
        .prefix = "artifacts/", .n_threads = 1, .is_quiet = true};
    CHECK(store_delete(s, store, WORLD_DATASET));

    CHECK(verify_run(s, store, db, &request, &got));

    CHECK(verify_is_good(&got) && got.n_objects == 2);
}
