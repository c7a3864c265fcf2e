#include "lake/expire.h"

#include "base/time.h"
#include "lake/verify.h"
#include "world.h"

#define DAY_S 86400

static void
key_note(void *context, const char *key, int64_t size_bytes, const char *what)
{
    struct buf *out = context;
    buf_print(out, "%s %lld %s\n", key, (long long)size_bytes, what);
}

// Expires as if so many days had passed since the objects were put.
static const char *
expired(struct scope *s, struct db *db, struct store *store, int64_t days,
        struct expire_request request)
{
    struct expire_summary got;
    struct buf *keys = scope_alloc(s, sizeof *keys);
    *keys = buf_open(s, 256);
    request.prefix = request.prefix == NULL ? "" : request.prefix;
    request.as_of = time_now() + days * DAY_S + 60;
    request.is_quiet = true;
    request.found = key_note;
    request.context = keys;
    CHECK(expire_run(s, store, db, &request, &got));
    return keys->text;
}

static bool
is_there(struct scope *s, struct store *store, const char *key)
{
    struct store_about about;
    const bool ok = store_stat(s, store, key, &about);
    CHECK(ok || s->kind == ERROR_MISSING);
    scope_forgive(s);
    return ok;
}

static int64_t
counted(struct scope *s, struct db *db, const struct query *q)
{
    const struct rows *r = db_query(s, db, q, 0, NULL);
    CHECK(r != NULL);
    return rows_int(r, 0, "n");
}

static const struct query n_expired = {
    "t_expired", "SELECT count(*) AS n FROM data.object_expired WHERE reference = 'model version' "
                 "AND size_bytes = 4"};
static const struct query n_audited = {
    "t_audited", "SELECT count(*) AS n FROM auth.audit WHERE action = 'object.expired' "
                 "AND object = '" WORLD_DEAD "'"};
static const struct query n_observations = {"t_observations",
                                            "SELECT count(*) AS n FROM data.observation"};

TEST_WORLD(expire_follows_the_policy_and_keeps_what_is_needed)
{
    struct verify_summary after;
    const struct verify_request all = {.prefix = "", .n_threads = 2, .is_quiet = true};

    CHECK_TEXT(expired(s, db, store, 364, (struct expire_request){0}), "");
    CHECK_TEXT(expired(s, db, store, 3650, (struct expire_request){.is_dry_run = true}),
               WORLD_DEAD " 4 model version\n");
    CHECK(is_there(s, store, WORLD_DEAD));
    CHECK_TEXT(expired(s, db, store, 3650, (struct expire_request){0}),
               WORLD_DEAD " 4 model version\n");

    CHECK(!is_there(s, store, WORLD_DEAD));
    CHECK(counted(s, db, &n_expired) == 1);
    CHECK(counted(s, db, &n_audited) == 1);
    CHECK(verify_run(s, store, db, &all, &after));
    CHECK(verify_is_good(&after) && after.n_expired == 1 && after.n_objects == 6);
    CHECK_TEXT(expired(s, db, store, 3650, (struct expire_request){0}), "");
}

TEST_WORLD(expire_takes_raw_objects_only_where_nothing_came_from_them)
{
    const struct expire_request raw = {.prefix = "raw_data/", .older_days = 30};
    const char *spent = world_raw(s, "spent"), *used = world_raw(s, "used");

    const char *gone = expired(s, db, store, 31, raw);

    CHECK_TEXT(gone, scope_print(s, "%s 5 raw object\n%s 6 \n", spent, WORLD_ORPHAN));
    CHECK(is_there(s, store, used) && !is_there(s, store, spent));
}

TEST_WORLD(expire_takes_what_rows_refer_to_where_the_policy_says_so)
{
    const char *used = world_raw(s, "used");
    const struct expire_policy policy = {"raw_data/", false, 10, true};
    CHECK(expire_policy_set(s, db, &policy, "test"));
    world_sql(s, db,
              "INSERT INTO data.dataset_object SELECT dataset_id, object_id FROM "
              "data.dataset_version, data.object WHERE name = 'used'");

    expired(s, db, store, 11, (struct expire_request){0});
    CHECK(is_there(s, store, used)); // a dataset version was made of it

    world_sql(s, db, "DELETE FROM data.dataset_object");
    expired(s, db, store, 11, (struct expire_request){0});
    CHECK(!is_there(s, store, used));
    CHECK(counted(s, db, &n_observations) == 1); // the rows stay
    CHECK(is_there(s, store, WORLD_DATASET) && is_there(s, store, WORLD_LIVE));
}

TEST_WORLD(expire_keeps_artifacts_that_an_alias_names)
{
    world_sql(s, db,
              "INSERT INTO ml.alias SELECT model_id, 'champion', version_id FROM ml.version "
              "WHERE stage = 'archived'");

    CHECK_TEXT(expired(s, db, store, 3650, (struct expire_request){0}), "");
}

TEST_WORLD(expire_finishes_what_was_noted_before_a_kill)
{
    world_sql(s, db,
              "INSERT INTO data.object_expired (key, sha256, size_bytes, reference, "
              "expired_as_of) VALUES ('" WORLD_DEAD "', '', 4, 'model version', now())");

    CHECK_TEXT(expired(s, db, store, 3650, (struct expire_request){0}),
               WORLD_DEAD " 4 model version\n");
    CHECK(!is_there(s, store, WORLD_DEAD));
}

// Somebody gives the archived version an alias, as soon as anything has been deleted.
static void
dead_revive(void *context, const char *key, int64_t size_bytes, const char *what)
{
    struct scope own = {0};
    (void)key;
    (void)size_bytes;
    (void)what;
    world_sql(&own, context,
              "INSERT INTO ml.alias SELECT model_id, 'challenger', version_id FROM ml.version "
              "WHERE stage = 'archived' ON CONFLICT DO NOTHING");
    scope_close(&own);
}

TEST_WORLD(expire_keeps_artifacts_that_get_an_alias_meanwhile)
{
    static const struct query n_noted = {
        "t_noted", "SELECT count(*) AS n FROM data.object_expired WHERE key = '" WORLD_DEAD "'"};
    struct expire_summary got;
    for (int i = 0; i < 256; i++) // the first batch
        world_put(s, store, scope_print(s, "artifacts/models/a/%d", i), "x");
    const struct expire_request request = {.prefix = "artifacts/",
                                           .as_of = time_now() + 3650 * (int64_t)DAY_S,
                                           .is_quiet = true,
                                           .found = dead_revive,
                                           .context = db};

    CHECK(expire_run(s, store, db, &request, &got));

    CHECK(got.n_expired == 256 && got.n_held == 2); // the live one, and this
    CHECK(is_there(s, store, WORLD_DEAD));
    CHECK(counted(s, db, &n_noted) == 0);
}

TEST_DB(expire_stays_away_while_objects_may_be_put)
{
    struct expire_summary got;
    struct db *other = db_open(s, getenv("TEST_DATABASE_URL"), "other");
    struct store *store = store_open_dir(s, test_folder(s));
    const struct expire_request request = {.prefix = "", .as_of = time_now(), .is_quiet = true};
    CHECK(other != NULL && store != NULL && db_lock(s, other, "train"));

    CHECK(!expire_run(s, store, db, &request, &got));
    CHECK(s->kind == ERROR_CONFLICT);
    CHECK(strstr(s->message, "could not expire objects while others may be put") != NULL);
}

TEST(expire_goes_by_the_longest_prefix)
{
    const struct expire_policy policies[] = {
        {"a/b/", false, 1, false}, {"a/", false, 2, false}, {"", true, 0, false}};

    CHECK(expire_policy_of(3, policies, "a/b/c")->keep_days == 1);
    CHECK(expire_policy_of(3, policies, "a/bc")->keep_days == 2);
    CHECK(expire_policy_of(3, policies, "b")->is_for_ever);
    CHECK(expire_policy_of(0, policies, "a/b/c")->is_for_ever);
}

TEST_DB(expire_refuses_policies_that_make_no_sense)
{
    const struct expire_policy cut = {"raw_data", false, 1, false}, none = {"a/", false, 0, false};

    CHECK_FAILS(expire_policy_set(s, db, &cut, "test"), ERROR_INPUT,
                "prefix \"raw_data\" does not end with \"/\"");
    CHECK_FAILS(expire_policy_set(s, db, &none, "test"), ERROR_INPUT,
                "0 days are not from 1 to 36500");
}
