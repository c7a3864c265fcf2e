#include "serve/batch.h"

#include "db.h"
#include "folder.h"

#include "base/file.h"
#include "learn/history.h"
#include "model/fit.h"
#include "monitor/outcome.h"
#include "registry/release.h"
#include "serve/batch_file.h"

// Three stations from 2009-01-01 on: DEA and DEB to 03-10, DEC only to 02-01. DEA measures the
// day of the month, DEB ten times that, DEC seven.
static const char past[] =
    "INSERT INTO data.site (site, latitude, longitude) VALUES ('DEA', 50, 8), ('DEB', 51, 9),"
    " ('DEC', 52, 10);"
    "SELECT data.observation_years('2009-01-01', '2009-12-31');"
    "INSERT INTO data.observation (parameter, site_id, day, poc, value, object_id)"
    " SELECT 81102, site_id, d, 1, CASE site WHEN 'DEA' THEN extract(day FROM d)"
    " WHEN 'DEB' THEN 10 * extract(day FROM d) ELSE 7 END, 1"
    " FROM data.site, generate_series(date '2009-01-01', '2009-03-10', '1 day') AS d"
    " WHERE site <> 'DEC' OR d <= '2009-02-01';"
    "INSERT INTO ml.experiment (name, created_ms, updated_ms) VALUES ('pm', 0, 0);"
    "INSERT INTO ml.run (run_id, experiment_id, name, status, started_ms)"
    " SELECT repeat(k, 32), experiment_id, 'r', 'FINISHED', 0"
    " FROM ml.experiment, unnest(ARRAY['a', 'b']) AS k WHERE name = 'pm'";

static const struct query all_rows = {
    "t_rows", "SELECT p.*, s.site FROM serve.prediction p JOIN data.site s USING (site_id) "
              "ORDER BY s.site"};
static const struct query digest = {"t_digest",
                                    "SELECT md5(string_agg(p::text, ',' ORDER BY p::text)) AS md5 "
                                    "FROM serve.prediction p"};

struct world {
    struct store *store;
    struct panel panel;
    struct recipe recipe;
    struct feature_set *features;
    struct design train;
    int64_t as_of;
};

static struct world
world_make(struct scope *s, struct db *db)
{
    struct world w = {0};
    struct str text;
    CHECK((w.store = store_open_dir(s, test_folder(s))) != NULL);
    CHECK(db_script(s, db, past));
    CHECK(time_parse(s, "2009-03-10", &w.as_of));
    CHECK(file_read(s, "deploy/models/pm-next-day.json", 1 << 20, &text));
    CHECK(recipe_read(s, text, &w.recipe));
    CHECK(history_load(s, db, 81102, (struct day){INT32_MIN}, time_day(w.as_of), &w.panel));
    CHECK((w.features = feature_fit(s, &w.recipe, &w.panel, time_day(w.as_of))) != NULL);
    CHECK(feature_design(s, feature_view_open(s, w.features, &w.panel), w.panel.first,
                         time_day(w.as_of), &w.train));
    return w;
}

// Registers and promotes a version: run 'a' repeats the last value, run 'b' the climatology.
static void
promote(struct scope *s, struct db *db, const struct world *w, char run, const char *as_of)
{
    struct artifact a = {.recipe = w->recipe,
                         .features = w->features,
                         .interval_factor = 0.5,
                         .interval_scale_floor = 4,
                         .example = w->train.X};
    char sha256[HASH_TEXT];
    struct version v;
    struct buf text = buf_open(s, 0);
    const char *run_id = memset(scope_alloc(s, 33), run, 32);
    a.model = run == 'a' ? fit_persistence(s, w->features, &w->train)
                         : fit_climatology(s, w->features, &w->train);
    CHECK(a.model != NULL);
    artifact_save(&a, &text);
    hash_bytes(text.text, text.n, sha256);
    const char *key = scope_print(s, "artifacts/models/pm/%.16s/model.json", sha256);
    CHECK(store_put(s, w->store, key, (struct str){text.text, text.n}));
    struct version_request request = {
        .model = "pm",
        .description = "",
        .tag = 1,
        .recipe = "{}",
        .recipe_sha256 = "c",
        .run_id = run_id,
        .family = run == 'a' ? "persistence" : "climatology",
        .reason = "test",
        .artifact_key = key,
        .artifact_sha256 = sha256,
        .metrics = "{}",
        .actor = "test",
    };
    CHECK(day_parse(s, as_of, &request.as_of));
    CHECK(version_register(s, db, &request, &v));
    CHECK(version_promote(s, db, &v, "test", w->as_of, "{}"));
}

static struct batch_request
request_of(const struct world *w)
{
    return (struct batch_request){.model = "pm", .as_of = w->as_of};
}

static const char *
digest_now(struct scope *s, struct db *db)
{
    const struct rows *r = db_query(s, db, &digest, 0, NULL);
    CHECK(r != NULL);
    return rows_text(r, 0, "md5");
}

TEST_DB(batch_predicts_every_station_heard_lately)
{
    const struct world w = world_make(s, db);
    const struct batch_request request = request_of(&w);
    struct batch_summary made;
    promote(s, db, &w, 'a', "2009-03-10");

    CHECK(batch_predict(s, db, w.store, &request, &made));

    CHECK(made.is_new && made.n_predictions == 2 && made.n_silent == 1);
    CHECK_TEXT(made.version, "V1.0.0");
    CHECK_TEXT(made.key, "predictions/pm/2009/03/2009-03-10T235959Z.csv");
    const struct rows *r = db_query(s, db, &all_rows, 0, NULL);
    CHECK(r != NULL && rows_count(r) == 2);
    CHECK_TEXT(rows_text(r, 1, "site"), "DEB");
    CHECK_TEXT(rows_text(r, 1, "day"), "2009-03-11");
    CHECK_TEXT(rows_text(r, 1, "made_at"), "2009-03-10 23:59:59+00");
    CHECK_NEAR(rows_number(r, 1, "value"), 100, 0); // ten times the tenth
    CHECK_NEAR(rows_number(r, 1, "persistence"), 100, 0);
    CHECK_NEAR(rows_number(r, 1, "lower"), 50, 0); // half of the value to either side
    CHECK_NEAR(rows_number(r, 1, "upper"), 150, 0);
    CHECK(!rows_is_null(r, 1, "climatology"));
}

TEST_DB(batch_run_again_changes_nothing_even_after_a_promotion)
{
    const struct world w = world_make(s, db);
    const struct batch_request request = request_of(&w);
    struct batch_summary made, again;
    promote(s, db, &w, 'a', "2009-03-10");
    CHECK(batch_predict(s, db, w.store, &request, &made));
    const char *before = digest_now(s, db);
    promote(s, db, &w, 'b', "2009-03-10");

    CHECK(batch_predict(s, db, w.store, &request, &again));

    CHECK(!again.is_new && again.n_predictions == 2);
    CHECK_TEXT(again.version, "V1.0.0");
    CHECK_TEXT(again.key, made.key);
    CHECK_TEXT(digest_now(s, db), before);
}

TEST_DB(batch_killed_between_object_and_rows_is_completed_to_the_same)
{
    const struct world w = world_make(s, db);
    const struct batch_request request = request_of(&w);
    struct batch_summary made;
    promote(s, db, &w, 'a', "2009-03-10");
    CHECK(batch_predict(s, db, w.store, &request, &made));
    const char *before = digest_now(s, db);
    CHECK(db_script(s, db, "DELETE FROM serve.prediction"));
    promote(s, db, &w, 'b', "2009-03-10");

    CHECK(batch_predict(s, db, w.store, &request, &made));

    CHECK_TEXT(made.version, "V1.0.0");
    CHECK_TEXT(digest_now(s, db), before);
}

TEST_DB(batch_cache_follows_a_promotion)
{
    const struct world w = world_make(s, db);
    struct batch_request request = request_of(&w);
    struct batch_summary made;
    request.cache = batch_cache_open(s);
    promote(s, db, &w, 'a', "2009-03-09");
    request.as_of -= 86400;
    CHECK(batch_predict(s, db, w.store, &request, &made));
    CHECK_TEXT(made.version, "V1.0.0");
    promote(s, db, &w, 'b', "2009-03-10");
    request.as_of += 86400;

    CHECK(batch_predict(s, db, w.store, &request, &made));

    CHECK_TEXT(made.version, "V1.0.1");
}

TEST_DB(batch_published_late_still_gets_its_outcomes)
{
    const struct world w = world_make(s, db);
    struct batch_request request = request_of(&w);
    struct batch_summary made;
    int64_t n_joined;
    promote(s, db, &w, 'a', "2009-03-01");
    CHECK(batch_predict(s, db, w.store, &request, &made));
    CHECK(outcomes_join(s, db, request.as_of + 30 * 86400, &n_joined) && n_joined == 0);
    request.as_of -= 7 * 86400;
    CHECK(batch_predict(s, db, w.store, &request, &made));

    CHECK(outcomes_join(s, db, request.as_of + 37 * 86400, &n_joined));

    CHECK(n_joined == 2);
}

TEST_DB(batch_dry_run_writes_nothing)
{
    const struct world w = world_make(s, db);
    struct batch_request request = request_of(&w);
    struct batch_summary made;
    struct str bytes;
    promote(s, db, &w, 'a', "2009-03-10");
    request.is_dry_run = true;

    CHECK(batch_predict(s, db, w.store, &request, &made));

    CHECK(made.n_predictions == 2);
    CHECK_TEXT(made.key, "");
    CHECK_TEXT(digest_now(s, db), "");
    CHECK(!store_get(s, w.store, "predictions/pm/2009/03/2009-03-10T235959Z.csv", 1 << 20, NULL,
                     &bytes));
    CHECK(s->kind == ERROR_MISSING);
}

TEST_DB(batch_without_a_version_says_so)
{
    const struct world w = world_make(s, db);
    const struct batch_request request = request_of(&w);
    struct batch_summary made;

    CHECK_FAILS(batch_predict(s, db, w.store, &request, &made), ERROR_MISSING,
                "model \"pm\" has no version in production");
}

TEST_DB(batch_refuses_a_version_that_knows_the_future)
{
    const struct world w = world_make(s, db);
    struct batch_request request = request_of(&w);
    struct batch_summary made;
    promote(s, db, &w, 'a', "2009-03-10");
    request.as_of -= 86400;

    CHECK_FAILS(batch_predict(s, db, w.store, &request, &made), ERROR_CONFLICT,
                "cannot predict as of 2009-03-09 with version V1.0.0, which has learnt from days "
                "up to 2009-03-10");
}

TEST_DB(batch_long_after_the_last_value_has_no_station)
{
    const struct world w = world_make(s, db);
    struct batch_request request = request_of(&w);
    struct batch_summary made;
    promote(s, db, &w, 'a', "2009-03-10");
    request.as_of += 40 * 86400;

    CHECK_FAILS(batch_predict(s, db, w.store, &request, &made), ERROR_INPUT,
                "no station has a value in the 30 days up to 2009-04-19");
}

TEST_DB(batch_object_that_is_damaged_is_refused_by_line)
{
    const struct world w = world_make(s, db);
    const struct batch_request request = request_of(&w);
    struct batch_summary made;
    static const char bad[] = "prediction_id,model,version,made_at,parameter,day,site,value,lower,"
                              "upper,persistence,climatology\nx,pm\n";
    CHECK(store_put(s, w.store, "predictions/pm/2009/03/2009-03-10T235959Z.csv",
                    (struct str){bad, sizeof bad - 1}));

    CHECK_FAILS(batch_predict(s, db, w.store, &request, &made), ERROR_INPUT,
                "could not publish object \"predictions/pm/2009/03/2009-03-10T235959Z.csv\": "
                "line 2: it has 2 fields, not 12");
}
