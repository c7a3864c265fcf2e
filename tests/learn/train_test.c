#include "learn/train.h"

#include "learn/publish.h"
#include "world.h"

static const struct query versions = {"t_versions",
                                      "SELECT version, stage FROM ml.version ORDER BY number"};
static const struct query counts = {
    "t_counts",
    "SELECT (SELECT count(*) FROM ml.version) AS versions, (SELECT count(*) FROM ml.run) AS runs,"
    " (SELECT count(*) FROM ml.metric) AS metrics, (SELECT count(*) FROM auth.audit) AS audits,"
    " (SELECT count(*) FROM data.dataset_version) AS datasets,"
    " (SELECT count(*) FROM data.quality_run) AS reports,"
    " (SELECT count(*) FROM ops.alert WHERE closed_as_of IS NULL) AS alerts"};
static const struct query alert_words = {"t_alert", "SELECT cause, message FROM ops.alert"};
static const struct query mutilate = {
    "t_mutilate", "UPDATE data.observation SET value = 900 WHERE day > $1::date"};
static const struct query tags = {
    "t_tags", "SELECT key, value FROM ml.tag WHERE run_id = $1::text ORDER BY key"};

static struct train_request
request_of(const struct recipe *recipe, struct day as_of)
{
    return (struct train_request){
        .recipe = recipe,
        .as_of = time_of_day(as_of) + 86399,
        .actor = "tester",
        .revision = "0123456789ab",
        .is_quiet = true,
    };
}

static struct train_summary
trained(struct scope *s, struct db *db, struct store *store, struct world_recipe want,
        struct day as_of)
{
    struct train_summary out;
    const struct recipe recipe = world_recipe_read(s, want);
    const struct train_request request = request_of(&recipe, as_of);
    CHECK(learn_train(s, db, store, &request, &out));
    return out;
}

TEST_DB(train_numbers_refit_recipe_and_tag)
{
    const struct {
        const char *version, *stage;
    } due[] = {{"V1.0.0", "archived"},
               {"V1.0.1", "archived"},
               {"V1.1.0", "archived"},
               {"V2.0.0", "production"}};
    struct store *store = world_store(s);
    world_make(s, db);
    const struct world_recipe usual = {0}, changed = {.description = "changed"},
                              tagged = {.tag = 2};
    trained(s, db, store, usual, day_add(WORLD_LAST, -1));
    trained(s, db, store, usual, WORLD_LAST);
    trained(s, db, store, changed, WORLD_LAST);
    const struct train_summary last = trained(s, db, store, tagged, WORLD_LAST);

    const struct rows *r = db_query(s, db, &versions, 0, NULL);

    CHECK_TEXT(last.version.stage, "production");
    CHECK(r != NULL && rows_count(r) == 4);
    for (size_t i = 0; i < 4; i++) {
        CHECK_TEXT(rows_text(r, i, "version"), due[i].version);
        CHECK_TEXT(rows_text(r, i, "stage"), due[i].stage);
    }
}

TEST_DB(train_on_the_same_data_gives_the_version_of_before)
{
    struct store *store = world_store(s);
    world_make(s, db);
    const struct train_summary first = trained(s, db, store, (struct world_recipe){0}, WORLD_LAST);
    const struct train_summary again = trained(s, db, store, (struct world_recipe){0}, WORLD_LAST);

    const struct rows *r = db_query(s, db, &counts, 0, NULL);

    CHECK(first.is_new && !again.is_new);
    CHECK_TEXT(first.version.version, again.version.version);
    CHECK_TEXT(first.version.metrics, again.metrics);
    CHECK(r != NULL && rows_int(r, 0, "versions") == 1 && rows_int(r, 0, "runs") == 1);
    CHECK(rows_int(r, 0, "audits") == 2); // registered, promoted
}

TEST_DB(train_repeats_to_the_byte)
{
    struct train_summary got[2];
    for (size_t i = 0; i < 2; i++) {
        struct scope world = {0}; // its end takes the world away again
        CHECK(db_begin(&world, db));
        world_make(s, db);
        got[i] = trained(s, db, world_store(s), (struct world_recipe){0}, WORLD_LAST);
        scope_close(&world);
    }
    CHECK_TEXT(got[0].version.run_id, got[1].version.run_id);
    CHECK_TEXT(got[0].version.artifact_sha256, got[1].version.artifact_sha256);
    CHECK_TEXT(got[0].metrics, got[1].metrics);
}

TEST_DB(train_does_not_see_the_future)
{
    const struct day as_of = day_add(WORLD_LAST, -30);
    char day[DAY_TEXT];
    struct store *store = world_store(s);
    world_make(s, db);
    const struct train_summary before = trained(s, db, store, (struct world_recipe){0}, as_of);
    CHECK(DB_RUN(s, db, &mutilate, day_format(as_of, day)));

    const struct train_summary after = trained(s, db, store, (struct world_recipe){0}, as_of);

    CHECK(!after.is_new); // the very same dataset
    CHECK_TEXT(before.version.run_id, after.version.run_id);
}

TEST_DB(train_learns_more_than_the_baselines)
{
    world_make(s, db);
    const struct train_summary got =
        trained(s, db, world_store(s), (struct world_recipe){0}, WORLD_LAST);
    const struct json *m = json_parse(s, got.metrics, strlen(got.metrics));
    double skill, measured;
    int64_t n, n_site;

    CHECK(m != NULL && json_count(json_find(m, "candidates")) == 4);
    CHECK_TEXT(json_as_text(json_find(m, "chosen")), got.version.family);
    CHECK(strcmp(got.version.family, "ridge") == 0 || strcmp(got.version.family, "boost") == 0);
    const char *path =
        strcmp(got.version.family, "ridge") == 0 ? "candidates[2].skill" : "candidates[3].skill";
    CHECK(json_number(s, m, path, &skill) && skill > 0.3);
    CHECK(json_number(s, m, "coverage.measured", &measured) && measured > 0.6 && measured < 1);
    // 60 days of 4 stations, less those of the third that have no value, or whose origin has none.
    CHECK(json_int(s, m, "test.n", &n) && n > 220 && n < 240);
    CHECK(json_count(json_find(m, "sites")) == 4);
    CHECK(json_int(s, m, "sites[0].n", &n_site) && n_site == 60);
}

TEST_DB(train_stores_an_artifact_that_loads)
{
    struct store *store = world_store(s);
    struct str bytes;
    struct artifact artifact;
    world_make(s, db);
    const struct train_summary got = trained(s, db, store, (struct world_recipe){0}, WORLD_LAST);

    CHECK(store_get(s, store, got.version.artifact_key, 1 << 26, got.version.artifact_sha256,
                    &bytes));
    CHECK(artifact_load(s, bytes, &artifact));

    const struct guess g = artifact_predict(&artifact, artifact.example);
    CHECK(strstr(bytes.at, scope_print(s, "\"family\":\"%s\"", got.version.family)) != NULL);
    CHECK(g.lower < g.value && g.value < g.upper && g.lower >= 0);
}

// How many files lie in the folder of a version, and the hash of one of them.
static const struct query published = {
    "t_published",
    "SELECT count(*) AS n, max(a.sha256) FILTER (WHERE a.name = 'MLmodel') AS sha256,"
    " bool_and(a.size_bytes > 0) AS are_whole FROM ml.artifact a"
    " JOIN ml.version v ON a.folder LIKE substr(v.source, 19) || '/%'"};
static const struct query unpublish = {"t_unpublish", "DELETE FROM ml.artifact"};

TEST_DB(train_leaves_the_folder_that_clients_open_and_publishing_makes_it_again)
{
    struct store *store = world_store(s);
    const struct artifact_shelf shelf = {db, store, "tester"};
    world_make(s, db);
    const struct train_summary got = trained(s, db, store, (struct world_recipe){0}, WORLD_LAST);
    const size_t n_due = strcmp(got.version.family, "boost") == 0 ? 9 : 8;
    CHECK_TEXT(got.version.source,
               scope_print(s, "mlflow-artifacts:/1/%s/artifacts/model", got.version.run_id));

    const struct rows *first = db_query(s, db, &published, 0, NULL);
    CHECK(first != NULL && rows_int(first, 0, "n") == (int64_t)n_due);
    CHECK(rows_bool(first, 0, "are_whole"));

    CHECK(db_run(s, db, &unpublish, 0, NULL));
    for (int i = 0; i < 2; i++) { // a second time changes nothing
        CHECK(publish_version(s, &shelf, &got.version));
        const struct rows *again = db_query(s, db, &published, 0, NULL);
        CHECK(again != NULL && rows_int(again, 0, "n") == (int64_t)n_due);
        CHECK_TEXT(rows_text(again, 0, "sha256"), rows_text(first, 0, "sha256"));
    }
}

TEST_DB(a_version_of_others_is_not_published)
{
    const struct artifact_shelf shelf = {db, world_store(s), "tester"};
    const struct version v = {.model = "pm", .version = "V1.0.0"};

    CHECK_FAILS(publish_version(s, &shelf, &v), ERROR_INPUT,
                "version V1.0.0 of \"pm\" was not trained here");
}

TEST_DB(train_logs_the_run)
{
    world_make(s, db);
    const struct train_summary got =
        trained(s, db, world_store(s), (struct world_recipe){0}, WORLD_LAST);

    const struct rows *r = DB_QUERY(s, db, &tags, got.version.run_id);
    const struct rows *n = db_query(s, db, &counts, 0, NULL);

    CHECK(r != NULL && rows_count(r) == 11);
    CHECK_TEXT(rows_text(r, 6, "key"), "mlflow.runName");
    CHECK_TEXT(rows_text(r, 6, "value"), "pm 2009-05-14");
    CHECK_TEXT(rows_text(r, 7, "key"), "mlflow.source.git.commit");
    CHECK_TEXT(rows_text(r, 7, "value"), "0123456789ab");
    CHECK(n != NULL && rows_int(n, 0, "metrics") == 10 * 5 + 2);
}

TEST_DB(train_behind_a_closed_gate_registers_nothing)
{
    struct store *store = world_store(s);
    struct train_summary out;
    world_make(s, db);
    const struct recipe recipe =
        world_recipe_read(s, (struct world_recipe){.rows_at_least = 9999999});
    const struct train_request request = request_of(&recipe, WORLD_LAST);
    for (int i = 0; i < 2; i++) {
        CHECK(!learn_train(s, db, store, &request, &out));
        CHECK(s->kind == ERROR_GATE);
        CHECK(strstr(s->message, "the quality gate of \"pm\" is closed: ") == s->message);
        scope_forgive(s);
    }

    const struct rows *n = db_query(s, db, &counts, 0, NULL);
    const struct rows *alert = db_query(s, db, &alert_words, 0, NULL);
    CHECK(n != NULL && rows_int(n, 0, "versions") == 0 && rows_int(n, 0, "runs") == 0 &&
          rows_int(n, 0, "datasets") == 0);
    CHECK(alert != NULL && rows_count(alert) == 1);
    CHECK_TEXT(rows_text(alert, 0, "cause"), "quality:pm");
}

TEST_DB(train_closes_the_alert_when_the_gate_opens)
{
    struct store *store = world_store(s);
    struct train_summary out;
    world_make(s, db);
    const struct recipe strict =
        world_recipe_read(s, (struct world_recipe){.rows_at_least = 9999999});
    const struct train_request request = request_of(&strict, WORLD_LAST);
    CHECK(!learn_train(s, db, store, &request, &out));
    scope_forgive(s);

    trained(s, db, store, (struct world_recipe){0}, WORLD_LAST);

    const struct rows *n = db_query(s, db, &counts, 0, NULL);
    CHECK(n != NULL && rows_int(n, 0, "alerts") == 0 && rows_int(n, 0, "versions") == 1);
}

TEST_DB(train_dry_run_changes_nothing)
{
    struct store *store = world_store(s);
    struct train_summary out;
    world_make(s, db);
    const struct recipe recipe = world_recipe_read(s, (struct world_recipe){0});
    struct train_request request = request_of(&recipe, WORLD_LAST);
    request.is_dry_run = true;

    CHECK(learn_train(s, db, store, &request, &out));

    const struct rows *n = db_query(s, db, &counts, 0, NULL);
    CHECK(out.is_new && strcmp(out.version.version, "") == 0);
    CHECK(n != NULL && rows_int(n, 0, "versions") == 0 && rows_int(n, 0, "datasets") == 0 &&
          rows_int(n, 0, "reports") == 0 && rows_int(n, 0, "audits") == 0);
}

TEST_DB(train_on_older_days_is_not_promoted)
{
    struct store *store = world_store(s);
    world_make(s, db);
    trained(s, db, store, (struct world_recipe){0}, WORLD_LAST);
    const struct train_summary older =
        trained(s, db, store, (struct world_recipe){0}, day_add(WORLD_LAST, -30));

    CHECK_TEXT(older.version.version, "V1.0.1");
    CHECK_TEXT(older.version.stage, "registered");
}

TEST_DB(train_on_too_little_data_is_an_input_error)
{
    struct store *store = world_store(s);
    struct train_summary out;
    world_make(s, db);
    const struct recipe recipe = world_recipe_read(s, (struct world_recipe){0});
    const struct train_request request = request_of(&recipe, day_add(WORLD_FIRST, 100));
    CHECK_FAILS(learn_train(s, db, store, &request, &out), ERROR_INPUT,
                "could not train \"pm\": too little data: observations from 2008-01-01 to "
                "2008-04-10 leave no day to train on beside 60 days to calibrate and 60 to test");
}
