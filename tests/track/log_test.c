#include "track/log.h"

#include "world.h"

static const struct query points = {"t_points",
                                    "SELECT count(*) AS n FROM ml.metric WHERE run_id = $1::text"};

static const struct track_metric *
metric_find(const struct track_run *run, const char *key)
{
    for (size_t i = 0; i < run->n_metrics; i++)
        if (strcmp(run->metrics[i].key, key) == 0)
            return &run->metrics[i];
    return NULL;
}

TEST_DB(log_shows_of_a_metric_what_has_the_greatest_step_time_and_value)
{
    const char *run = run_make(s, db, 0, "one", 1);
    const struct track_metric all[] = {
        {.key = "loss", .value = 5, .step = 2, .at_ms = 10},
        {.key = "loss", .value = 9, .step = 1, .at_ms = 99},
        {.key = "loss", .value = 7, .step = 2, .at_ms = 20},
        {.key = "loss", .value = 6, .step = 2, .at_ms = 20},
        {.key = "other", .value = 1},
    };
    CHECK(track_log(s, db, run, &(struct track_batch){.n_metrics = 5, .metrics = all}));

    struct track_run got = run_get(s, db, run);

    CHECK(got.n_metrics == 2);
    const struct track_metric *m = metric_find(&got, "loss");
    CHECK(m != NULL && m->value == 7 && m->step == 2 && m->at_ms == 20);

    metric_log(s, db, run, (struct track_metric){.key = "loss", .value = 1, .step = 1, .at_ms = 5});
    got = run_get(s, db, run);
    CHECK(metric_find(&got, "loss")->value == 7);
    metric_log(s, db, run, (struct track_metric){.key = "loss", .value = 1, .step = 3, .at_ms = 5});
    got = run_get(s, db, run);
    CHECK(metric_find(&got, "loss")->value == 1);
}

TEST_DB(log_keeps_what_is_no_number_and_the_greatest_integers)
{
    const char *run = run_make(s, db, 0, "one", 1);
    const struct track_metric all[] = {
        {.key = "nan", .value = NAN, .step = INT64_MIN, .at_ms = INT64_MAX},
        {.key = "up", .value = INFINITY, .step = INT64_MAX},
        {.key = "down", .value = -INFINITY},
        {.key = "tiny", .value = 5e-324},
    };
    CHECK(track_log(s, db, run, &(struct track_batch){.n_metrics = 4, .metrics = all}));

    const struct track_run got = run_get(s, db, run);

    CHECK(isnan(metric_find(&got, "nan")->value));
    CHECK(metric_find(&got, "nan")->step == INT64_MIN);
    CHECK(metric_find(&got, "nan")->at_ms == INT64_MAX);
    CHECK(metric_find(&got, "up")->value == (double)INFINITY);
    CHECK(metric_find(&got, "up")->step == INT64_MAX);
    CHECK(metric_find(&got, "down")->value == (double)-INFINITY);
    CHECK(metric_find(&got, "tiny")->value == 5e-324);
}

// Calls that share a key, a step or a time are kept shorter; all forms read alike, fresh and
// folded.
TEST_DB(log_keeps_each_point_of_every_form_of_a_call)
{
    const char *run = run_make(s, db, 0, "one", 1);
    struct track_metric all[3][4];
    for (int form = 0; form < 3; form++)
        for (int i = 0; i < 4; i++)
            all[form][i] =
                (struct track_metric){.key = form == 0 ? "same" : scope_print(s, "k%d", i),
                                      .value = 0.5,
                                      .step = form == 1 ? 7 : i,
                                      .at_ms = form == 2 ? 100 + i : 5};
    for (int form = 0; form < 3; form++)
        CHECK(track_log(s, db, run, &(struct track_batch){.n_metrics = 4, .metrics = all[form]}));
    const struct rows *fresh = DB_QUERY(s, db, &points, run);
    CHECK(fresh != NULL && rows_int(fresh, 0, "n") == 12);

    CHECK(run_get(s, db, run).n_metrics == 5);

    const struct rows *folded = DB_QUERY(s, db, &points, run);
    CHECK(folded != NULL && rows_int(folded, 0, "n") == 12);
}

TEST_DB(log_of_a_param_again_is_fine_and_of_another_value_is_refused_with_all_else)
{
    const char *run = run_make(s, db, 0, "one", 1);
    param_log(s, db, run, "depth", "3");
    param_log(s, db, run, "depth", "3");
    const struct track_pair params[] = {{"new", "1"}, {"depth", "5"}};
    const struct track_metric metric = {.key = "loss", .value = 1};
    CHECK(db_begin(s, db));
    const struct scope_mark mark = scope_mark(s);
    CHECK(db_begin(s, db));

    CHECK(!track_log(s, db, run,
                     &(struct track_batch){
                         .n_params = 2, .params = params, .n_metrics = 1, .metrics = &metric}));

    CHECK(s->kind == ERROR_INPUT);
    CHECK(strncmp(s->message, "Changing param values is not allowed. Param with key='depth'", 60) ==
          0);
    scope_forgive(s);
    scope_release(s, mark);
    const struct track_run got = run_get(s, db, run);
    CHECK(got.n_params == 1 && got.n_metrics == 0);
}

TEST_DB(log_cuts_values_that_are_too_long_between_characters)
{
    const char *run = run_make(s, db, 0, "one", 1);
    struct buf long_value = buf_open(s, 20000);
    for (int i = 0; i < 8001; i++)
        buf_text(&long_value, "\u00e9");
    param_log(s, db, run, "p", long_value.text);
    tag_set(s, db, run, "t", long_value.text);

    const struct track_run got = run_get(s, db, run);

    CHECK(strlen(got.params[0].value) == 12000);
    CHECK(strlen(track_tag_find(got.n_tags, got.tags, "t")) == 16000);
}

TEST_DB(log_refuses_keys_and_numbers_beyond_the_limits)
{
    const char *run = run_make(s, db, 0, "one", 1);
    char long_key[252];
    memset(long_key, 'k', 251);
    long_key[251] = '\0';
    const struct {
        const char *key, *message;
    } cases[] = {
        {"a%b", "Invalid value \"a%b\" for parameter 'metrics[0].name' supplied: Names may only"},
        {"a//b", "Invalid value \"a//b\" for parameter 'metrics[0].name' supplied: Names may be"},
        {"../b", "must not resolve to other names"},
        {"/b", "must not resolve to other names"},
        {"b/", "must not resolve to other names"},
        {".", "must not resolve to other names"},
        {"smile\U0001F600", "Names may only contain"},
        {long_key, "'Metric name' exceeds the maximum length of 250 characters"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct track_metric metric = {.key = cases[i].key};
        CHECK(!track_log(s, db, run, &(struct track_batch){.n_metrics = 1, .metrics = &metric}));
        CHECK(s->kind == ERROR_INPUT);
        if (strstr(s->message, cases[i].message) == NULL)
            TEST_DIE("%s: %s", cases[i].key, s->message);
        scope_forgive(s);
    }
    const struct track_metric early = {.key = "a", .at_ms = -1};
    CHECK(!track_log(s, db, run, &(struct track_batch){.n_metrics = 1, .metrics = &early}));
    CHECK(strstr(s->message, "Invalid value -1 for parameter 'metrics[0].timestamp'") != NULL);
    scope_forgive(s);
    metric_log(s, db, run, (struct track_metric){.key = "caf\u00e9 _-./: \u4e2d/x"});
}

TEST_DB(log_refuses_batches_beyond_the_limits)
{
    const char *run = run_make(s, db, 0, "one", 1);
    struct track_metric metrics[1001];
    struct track_pair pairs[101];
    for (int i = 0; i < 1001; i++)
        metrics[i] = (struct track_metric){.key = scope_print(s, "m%d", i)};
    for (int i = 0; i < 101; i++)
        pairs[i] = (struct track_pair){scope_print(s, "p%d", i), "x"};
    const struct {
        struct track_batch batch;
        const char *message;
    } cases[] = {
        {{.n_metrics = 1001, .metrics = metrics}, "can contain at most 1000 metrics. Got 1001"},
        {{.n_params = 101, .params = pairs}, "can contain at most 100 params. Got 101"},
        {{.n_tags = 101, .tags = pairs}, "can contain at most 100 tags. Got 101"},
        {{.n_metrics = 901, .metrics = metrics, .n_tags = 100, .tags = pairs},
         "can contain at most 1000 metrics, params, and tags. Got 1001"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK(!track_log(s, db, run, &cases[i].batch));
        CHECK(strstr(s->message, cases[i].message) != NULL);
        scope_forgive(s);
    }
    pairs[1] = pairs[0];
    CHECK(!track_log(s, db, run, &(struct track_batch){.n_params = 2, .params = pairs}));
    CHECK(strstr(s->message, "Duplicate parameter keys have been submitted: ['p0']") != NULL);
    scope_forgive(s);
    CHECK(track_log(s, db, run, &(struct track_batch){.n_metrics = 1000, .metrics = metrics}));
    CHECK(run_get(s, db, run).n_metrics == 1000);
}

TEST_DB(log_to_what_is_not_there_or_deleted_is_refused)
{
    const char *run = run_make(s, db, 0, "one", 1);
    const struct track_pair tag = {"a", "b"};
    const struct track_batch batch = {.n_tags = 1, .tags = &tag};

    CHECK_FAILS(track_log(s, db, "beef", &batch), ERROR_MISSING, "Run with id=beef not found");
    CHECK(track_run_delete(s, db, run));
    CHECK(!track_log(s, db, run, &batch));
    CHECK(s->kind == ERROR_INPUT && strstr(s->message, "must be in the 'active' state") != NULL);
    scope_forgive(s);
    CHECK(track_run_restore(s, db, run));
    CHECK(track_log(s, db, run, &batch));
    CHECK(!track_log(s, db, "../x", &batch));
    CHECK(s->kind == ERROR_INPUT);
}

TEST_DB(tag_of_the_name_names_the_run_and_the_other_way_round)
{
    const char *run = run_make(s, db, 0, "one", 1);
    tag_set(s, db, run, "mlflow.runName", "two");
    CHECK_TEXT(run_get(s, db, run).name, "two");

    struct track_run got;
    CHECK(track_run_update(s, db, run, &(struct track_run_change){.name = "three"}, &got));

    CHECK_TEXT(got.name, "three");
    CHECK_TEXT(track_tag_find(got.n_tags, got.tags, "mlflow.runName"), "three");
}

TEST_DB(tag_is_taken_off_once)
{
    const char *run = run_make(s, db, 0, "one", 1);
    tag_set(s, db, run, "a", "b");

    CHECK(track_tag_delete(s, db, run, "a"));

    CHECK(track_tag_find(run_get(s, db, run).n_tags, run_get(s, db, run).tags, "a") == NULL);
    CHECK(!track_tag_delete(s, db, run, "a"));
    CHECK(s->kind == ERROR_MISSING);
}
