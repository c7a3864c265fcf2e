#include "registry/run.h"

#include "db.h"

#define RUN_ID "0123456789abcdef0123456789abcdef"

static const struct query params = {
    "t_params", "SELECT key, value FROM ml.param WHERE run_id = $1::text ORDER BY key"};
static const struct query metrics = {
    "t_metrics",
    "SELECT key, value, step, at_ms FROM ml.metric WHERE run_id = $1::text ORDER BY key, step"};
static const struct query run_row = {
    "t_run",
    "SELECT e.name AS experiment, r.status, r.started_ms, r.ended_ms, t.value AS tag"
    " FROM ml.run r JOIN ml.experiment e USING (experiment_id) JOIN ml.tag t USING (run_id)"
    " WHERE run_id = $1::text"};
static const struct query count_experiments = {
    "t_experiments", "SELECT count(*) AS n FROM ml.experiment WHERE name = 'pm'"};

static struct run
run_make(void)
{
    static const struct run_text params_all[] = {{"odd", "a \"b\", {c}\\d\n,"}, {"empty", ""}};
    static const struct run_text tags[] = {{"mlflow.runName", "one"}};
    static const struct run_metric metrics_all[] = {
        {"bad", NAN, 0}, {"far", -INFINITY, 0}, {"rmse", 7.25, 0}, {"rmse", 7.125, 1}};
    return (struct run){
        .run_id = RUN_ID,
        .experiment = "pm",
        .name = "one",
        .started_ms = 1000,
        .ended_ms = 2000,
        .n_params = 2,
        .params = params_all,
        .n_tags = 1,
        .tags = tags,
        .n_metrics = 4,
        .metrics = metrics_all,
    };
}

TEST_DB(run_keeps_texts_as_they_are)
{
    const struct run run = run_make();
    CHECK(run_log(s, db, &run));

    const struct rows *r = DB_QUERY(s, db, &params, RUN_ID);

    CHECK(r != NULL && rows_count(r) == 2);
    CHECK_TEXT(rows_text(r, 0, "value"), "");
    CHECK(!rows_is_null(r, 0, "value"));
    CHECK_TEXT(rows_text(r, 1, "value"), "a \"b\", {c}\\d\n,");
}

TEST_DB(run_has_what_it_made_among_its_artifacts)
{
    static const struct query artifact = {"t_artifact",
                                          "SELECT r.artifact_uri, e.experiment_id || '/' || "
                                          "r.run_id || '/artifacts/model/' = a.folder AS is_below, "
                                          "a.name, a.key, a.size_bytes FROM ml.artifact a, ml.run "
                                          "r JOIN ml.experiment e USING (experiment_id)"};
    struct run run = run_make();
    run.model_key = "artifacts/models/pm/0/model.json";
    run.model_sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    CHECK(run_log(s, db, &run));

    const struct rows *r = db_query(s, db, &artifact, 0, NULL);

    CHECK(r != NULL && rows_count(r) == 1);
    CHECK(rows_bool(r, 0, "is_below") && rows_is_null(r, 0, "size_bytes"));
    CHECK_TEXT(rows_text(r, 0, "name"), "airwatch.json");
    CHECK_TEXT(rows_text(r, 0, "key"), run.model_key);
    CHECK(strncmp(rows_text(r, 0, "artifact_uri"), "mlflow-artifacts:/", 18) == 0);
}

TEST_DB(run_keeps_metrics_that_are_no_numbers)
{
    const struct run run = run_make();
    CHECK(run_log(s, db, &run));

    const struct rows *r = DB_QUERY(s, db, &metrics, RUN_ID);

    CHECK(r != NULL && rows_count(r) == 4);
    CHECK(isnan(rows_number(r, 0, "value")));
    CHECK(isinf(rows_number(r, 1, "value")) && rows_number(r, 1, "value") < 0);
    CHECK_NEAR(rows_number(r, 2, "value"), 7.25, 0);
    CHECK_NEAR(rows_number(r, 3, "value"), 7.125, 0);
    CHECK(rows_int(r, 3, "step") == 1 && rows_int(r, 3, "at_ms") == 2000);
}

TEST_DB(run_is_finished_in_its_experiment)
{
    const struct run run = run_make();
    struct run other = run;
    other.run_id = "f123456789abcdef0123456789abcdef";
    CHECK(run_log(s, db, &run));
    CHECK(run_log(s, db, &other));

    const struct rows *r = DB_QUERY(s, db, &run_row, RUN_ID);

    const struct rows *n = db_query(s, db, &count_experiments, 0, NULL);
    CHECK(n != NULL && rows_int(n, 0, "n") == 1);
    CHECK(r != NULL && rows_count(r) == 1);
    CHECK_TEXT(rows_text(r, 0, "experiment"), "pm");
    CHECK_TEXT(rows_text(r, 0, "status"), "FINISHED");
    CHECK_TEXT(rows_text(r, 0, "tag"), "one");
    CHECK(rows_int(r, 0, "started_ms") == 1000 && rows_int(r, 0, "ended_ms") == 2000);
}

TEST_DB(run_twice_is_a_conflict)
{
    const struct run run = run_make();
    CHECK(run_log(s, db, &run));

    CHECK(!run_log(s, db, &run));
    CHECK(s->kind == ERROR_CONFLICT);
    CHECK(strstr(s->message, "could not log run \"" RUN_ID "\"") == s->message);
}
