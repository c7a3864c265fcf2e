#include "loop/replay.h"

#include "db.h"
#include "folder.h"

#include "base/chance.h"
#include "base/file.h"

// A model that trains in milliseconds, every week.
static const char recipe_text[] =
    "{\"name\":\"pm\",\"description\":\"a small one\",\"tag\":1,\"task\":\"regression\","
    "\"data\":{\"parameter\":81102},"
    "\"target\":{\"name\":\"pm10\",\"unit\":\"ug/m3\",\"horizon_days\":1,\"floor\":0},"
    "\"features\":{\"lags\":[0,1],"
    "\"rolling\":[{\"statistic\":\"mean\",\"days\":3,\"at_least\":2}],"
    "\"calendar\":{\"harmonics\":1,\"weekday\":true},"
    "\"climatology\":{\"half_window_days\":15,\"at_least\":3},\"position\":true,"
    "\"neighbours\":[{\"nearest\":2,\"within_km\":500}]},"
    "\"families\":{\"persistence\":{},\"climatology\":{},\"ridge\":{\"alpha\":[1,10]}},"
    "\"split\":{\"calibrate_days\":30,\"test_days\":30},\"choice\":{\"gap_limit\":1.5},"
    "\"interval\":{\"coverage\":0.8},\"retrain_days\":7,"
    "\"quality\":{\"fresh_days\":3,\"completeness\":0.5,\"range_share\":0.01,\"flat_days\":7,"
    "\"rows_at_least\":%d},\"seed\":1}";

#define DAYS_BEFORE 150 // of history, from 2009-01-01
#define DAYS 14         // replayed

// What a replay leaves, but for ids, clocks and durations.
static const struct query digest = {
    "t_digest",
    "WITH lines AS ("
    "SELECT concat_ws('|', 'o', site, day, value) AS line FROM data.observation JOIN data.site "
    "USING (site_id) UNION ALL "
    "SELECT concat_ws('|', 'i', as_of, n_rows, n_new, first_day, last_day) FROM data.ingest UNION "
    "ALL SELECT concat_ws('|', 'q', subject, as_of, name, q.verdict, observed, n_rows, n_bad, "
    "sample) "
    "FROM data.quality_run JOIN data.quality_result q USING (quality_id) UNION ALL "
    "SELECT concat_ws('|', 'd', model, as_of, sha256) FROM data.dataset_version UNION ALL "
    "SELECT concat_ws('|', 'v', version, as_of, stage, artifact_sha256) FROM ml.version UNION ALL "
    "SELECT concat_ws('|', 'p', site, to_jsonb(p) - 'site_id') FROM serve.prediction p JOIN "
    "data.site USING (site_id) UNION ALL "
    "SELECT concat_ws('|', 't', prediction_id, truth, joined_as_of) FROM serve.outcome UNION ALL "
    "SELECT concat_ws('|', 'a', a::text) FROM serve.accuracy a UNION ALL "
    "SELECT concat_ws('|', 's', a::text) FROM serve.accuracy_day a UNION ALL "
    "SELECT concat_ws('|', 'j', job, as_of, state, exit_code, summary - 'seconds') FROM ops.job) "
    "SELECT md5(string_agg(line, E'\\n' ORDER BY line)) AS md5, count(*) AS n, "
    "count(*) FILTER (WHERE line LIKE 'v|%') AS n_versions FROM lines"};

static const struct query job_row = {
    "t_job", "SELECT state, exit_code, summary->'error'->>'message' AS message FROM ops.job "
             "WHERE job = $1::text AND as_of = $2::timestamptz"};

// Four stations with a weekly wave, a shared one and a seeded jitter.
static int
source_make(struct scope *s, const char *folder)
{
    struct buf text = buf_open(s, 1 << 16);
    char day[DAY_TEXT];
    struct chance chance = chance_open(1);
    int fd;
    buf_text(&text, "station,date,pm10,lon,lat\n");
    for (int site = 0; site < 4; site++)
        for (int i = 0; i < DAYS_BEFORE + DAYS; i++)
            buf_print(&text, "DE%d,%s,%.3f,%d,50\n", site,
                      day_format(day_add(day_from(2009, 1, 1), i), day),
                      20 + 3 * site + 5 * sin(i / 3.0) + 2 * (i % 7) + chance_unit(&chance),
                      8 + site);
    const char *path = scope_print(s, "%s/source.csv", folder);
    CHECK(file_write(s, path, (struct str){text.text, text.n}, 0644));
    CHECK(file_open(s, path, &fd));
    return fd;
}

struct stop { // interrupts a walk once: after a step of a day
    struct day day;
    int step;
};

static bool
stop_there(struct scope *s, void *context, struct day day, enum day_step step)
{
    const struct stop *stop = context;
    if (day.n != stop->day.n || (int)step != stop->step)
        return true;
    return fail(s, ERROR_UNAVAILABLE, "interrupted");
}

struct world {
    struct replay_request request;
    struct recipe recipe;
    struct stop stop;
};

static struct world *
world_make(struct scope *s, struct db *db, int rows_at_least)
{
    struct world *w = scope_alloc(s, sizeof *w);
    const char *folder = test_folder(s), *text = scope_print(s, recipe_text, rows_at_least);
    struct store *store = store_open_dir(s, scope_print(s, "%s/lake", folder));
    CHECK(store != NULL);
    CHECK(recipe_read(s, (struct str){text, strlen(text)}, &w->recipe));
    w->stop = (struct stop){.step = -1};
    w->request = (struct replay_request){
        .from = day_add(day_from(2009, 1, 1), DAYS_BEFORE),
        .to = day_add(day_from(2009, 1, 1), DAYS_BEFORE + DAYS - 1),
        .loop = {.db = db,
                 .store = store,
                 .recipe = &w->recipe,
                 .cache = batch_cache_open(s),
                 .source_fd = source_make(s, folder),
                 .source_name = "source.csv",
                 .actor = "test",
                 .revision = "test",
                 .on_step = stop_there,
                 .context = &w->stop},
    };
    return w;
}

static const char *
digest_now(struct scope *s, struct db *db, int64_t n_versions)
{
    const struct rows *r = db_query(s, db, &digest, 0, NULL);
    CHECK(r != NULL);
    CHECK(rows_int(r, 0, "n_versions") == n_versions);
    CHECK(rows_int(r, 0, "n") > 100);
    return rows_text(r, 0, "md5");
}

// What an undisturbed replay leaves; the database is as before it afterwards.
static const char *
undisturbed(struct scope *s, struct db *db)
{
    struct scope one = {0};
    struct replay_summary done;
    CHECK(db_begin(&one, db));
    const struct world *w = world_make(&one, db, 100);
    if (!replay_run(&one, &w->request, &done))
        TEST_DIE("%s", one.message);
    CHECK(done.tally.n_days == DAYS && done.tally.n_trainings == 2 && done.n_complete == 0);
    CHECK(done.tally.n_rows == 4 * (DAYS_BEFORE + DAYS));
    CHECK(done.tally.n_predictions == 4 * DAYS);
    CHECK(done.tally.n_outcomes == 4 * (DAYS - 1)); // the last day's are still to come
    CHECK(done.rmse > 0 && done.rmse < 10);
    const char *md5 = scope_copy(s, digest_now(&one, db, 2));
    scope_close(&one);
    return md5;
}

TEST_DB(replay_interrupted_anywhere_ends_like_an_undisturbed_one)
{
    const char *want = undisturbed(s, db);

    for (int offset = 0; offset < DAY_STEPS; offset++) {
        struct scope one = {0};
        struct replay_summary done;
        CHECK(db_begin(&one, db));
        struct world *w = world_make(&one, db, 100);
        for (int i = 0; i < DAYS; i++) { // each day dies once, after another step
            struct scope attempt = {0};
            w->stop.day = day_add(w->request.from, i);
            w->stop.step = (i + offset) % DAY_STEPS;
            CHECK(!replay_run(&attempt, &w->request, &done));
            CHECK(attempt.kind == ERROR_UNAVAILABLE);
            scope_close(&attempt);
        }
        w->stop.step = -1;
        if (!replay_run(&one, &w->request, &done))
            TEST_DIE("%s", one.message);
        CHECK(done.n_complete == DAYS - 1 && done.tally.n_days == 1);
        CHECK_TEXT(digest_now(&one, db, 2), want);
        scope_close(&one);
    }
}

TEST_DB(replay_of_complete_days_runs_none)
{
    const struct world *w = world_make(s, db, 100);
    struct replay_summary first, second;
    CHECK(replay_run(s, &w->request, &first));
    const char *md5 = digest_now(s, db, 2);

    CHECK(replay_run(s, &w->request, &second));

    CHECK(second.tally.n_days == 0 && second.n_complete == DAYS);
    CHECK_NEAR(second.rmse, first.rmse, 0);
    CHECK_TEXT(digest_now(s, db, 2), md5);
}

TEST_DB(replay_dry_run_counts_the_days_that_are_due)
{
    struct world *w = world_make(s, db, 100);
    const struct day last = w->request.to;
    struct replay_summary done;
    w->request.to = day_add(w->request.from, 2);
    CHECK(replay_run(s, &w->request, &done));
    const struct rows *before = db_query(s, db, &digest, 0, NULL);
    w->request.to = last;
    w->request.is_dry_run = true;

    CHECK(replay_run(s, &w->request, &done));

    CHECK(done.n_complete == 3 && done.tally.n_days == DAYS - 3);
    CHECK(done.tally.n_predictions == 0);
    const struct rows *after = db_query(s, db, &digest, 0, NULL);
    CHECK(before != NULL && after != NULL);
    CHECK_TEXT(rows_text(after, 0, "md5"), rows_text(before, 0, "md5"));
}

TEST_DB(replay_with_a_closed_gate_trains_nothing_and_goes_on)
{
    struct world *w = world_make(s, db, 1000000);
    struct replay_summary done;
    w->request.to = day_add(w->request.from, 2);

    CHECK(replay_run(s, &w->request, &done));

    CHECK(done.tally.n_gate_closed == 3 && done.tally.n_untrained == 3);
    CHECK(done.tally.n_trainings == 0 && done.tally.n_unpredicted == 3);
    CHECK(isnan(done.rmse));
    const struct rows *r = DB_QUERY(s, db, &job_row, "train", "2009-05-31 23:59:59");
    CHECK(r != NULL && rows_count(r) == 1);
    CHECK_TEXT(rows_text(r, 0, "state"), "failed");
    CHECK(rows_int(r, 0, "exit_code") == 69);
    CHECK(strstr(rows_text(r, 0, "message"), "the quality gate of \"pm\" is closed") != NULL);
    r = DB_QUERY(s, db, &job_row, "predict", "2009-05-31 23:59:59");
    CHECK(r != NULL);
    CHECK_TEXT(rows_text(r, 0, "message"), "model \"pm\" has no version in production");
}

TEST_DB(replay_of_a_day_before_the_version_learnt_is_refused)
{
    struct world *w = world_make(s, db, 100);
    struct replay_summary done;
    const struct day from = w->request.from;
    w->request.from = w->request.to = day_add(from, 3);
    CHECK(replay_run(s, &w->request, &done));
    w->request.from = w->request.to = from;

    CHECK_FAILS(replay_run(s, &w->request, &done), ERROR_CONFLICT,
                "could not complete 2009-05-31: cannot predict as of 2009-05-31 with version "
                "V1.0.0, which has learnt from days up to 2009-06-03");
}

TEST_DB(replay_of_no_days_is_an_input_error)
{
    struct world *w = world_make(s, db, 100);
    struct replay_summary done;
    w->request.to = day_add(w->request.from, -1);

    CHECK_FAILS(replay_run(s, &w->request, &done), ERROR_INPUT,
                "there is no day from 2009-05-31 to 2009-05-30");
}
