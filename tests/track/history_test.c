#include "track/history.h"

#include "world.h"

TEST_DB(history_has_each_point_once_by_time_step_and_value)
{
    const char *run = run_make(s, db, 0, "r", 1);
    const struct track_metric all[] = {{.key = "x", .value = 3, .at_ms = 2, .step = 1},
                                       {.key = "x", .value = 1, .at_ms = 2, .step = 1},
                                       {.key = "x", .value = NAN, .at_ms = 1, .step = 9},
                                       {.key = "x", .value = 3, .at_ms = 2, .step = 1},
                                       {.key = "y", .value = 5}};
    const struct track_metric *points;
    size_t n;
    CHECK(track_log(s, db, run, &(struct track_batch){.n_metrics = 5, .metrics = all}));
    for (int folded = 0; folded < 2; folded++) {
        CHECK(track_history(s, db, run, "x", (const int64_t[]){0, 0}, &n, &points));
        CHECK(n == 3 && isnan(points[0].value) && points[1].value == 1 && points[2].value == 3);
        run_get(s, db, run);            // folds
        metric_log(s, db, run, all[0]); // again, now apart from the folded one
    }
    CHECK(track_history(s, db, run, "x", (const int64_t[]){2, 1}, &n, &points));
    CHECK(n == 2 && points[0].value == 1);
    CHECK(track_history(s, db, run, "nobody", (const int64_t[]){0, 0}, &n, &points) && n == 0);
    CHECK(track_history(s, db, "beef", "x", (const int64_t[]){0, 0}, &n, &points) && n == 0);
}

TEST_DB(history_of_several_runs_is_by_run)
{
    const char *runs[2] = {run_make(s, db, 0, "a", 1), run_make(s, db, 0, "b", 2)};
    const struct track_metric *points;
    size_t n;
    for (int i = 0; i < 6; i++)
        metric_log(s, db, runs[i % 2], (struct track_metric){.key = "x", .value = i, .step = i});

    CHECK(
        track_history_bulk(s, db, 2, (const char *const[]){runs[1], runs[0]}, "x", 5, &n, &points));

    CHECK(n == 5 && strcmp(points[0].run_id, points[2].run_id) == 0);
    CHECK(strcmp(points[2].run_id, points[3].run_id) < 0);
}

TEST_DB(history_sample_keeps_the_ends_and_spreads_evenly)
{
    const char *run = run_make(s, db, 0, "r", 1);
    const struct track_metric *points;
    size_t n;
    for (int i = 0; i < 101; i++)
        metric_log(s, db, run, (struct track_metric){.key = "x", .value = i, .step = i});
    const struct {
        int64_t limit, steps[2];
        size_t n;
        double first, second, last;
    } cases[] = {
        {1, {0, 1000}, 2, 0, 100, 100}, // and the last, beside what was asked for
        {2, {0, 1000}, 3, 0, 50, 100},
        {5, {0, 1000}, 6, 0, 20, 100}, // 101 / 5: places 0, 20, 40, 60, 80 and 100
        {11, {0, 1000}, 12, 0, 9, 100},
        {101, {0, 1000}, 101, 0, 1, 100},
        {500, {0, 1000}, 101, 0, 1, 100},
        {4, {10, 20}, 5, 10, 12, 20}, // 11 / 4: places 0, 2, 5, 8 and 10
        {3, {200, 300}, 0, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct track_sample sample = {.n_runs = 1,
                                            .run_ids = &run,
                                            .key = "x",
                                            .limit = cases[i].limit,
                                            .steps = cases[i].steps};
        CHECK(track_history_sample(s, db, &sample, &n, &points));
        CHECK(n == cases[i].n);
        if (n > 0)
            CHECK(points[0].value == cases[i].first && points[n - 1].value == cases[i].last);
        if (n > 1)
            CHECK(points[1].value == cases[i].second);
    }
}
