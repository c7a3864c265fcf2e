#include "track/search.h"

#include "track/filter.h"

#include "world.h"

// Finds runs by name: "a b c".
static const char *
found(struct scope *s, struct db *db, int64_t experiment, const char *filter, const char *order)
{
    const struct track_run *runs;
    struct buf out = buf_open(s, 64);
    size_t n;
    bool has_more;
    const struct track_page page = {.filter = filter,
                                    .n_orders = order != NULL,
                                    .orders = &order,
                                    .view = TRACK_VIEW_ACTIVE,
                                    .limit = 100};
    CHECK(track_search(s, db, 1, &experiment, &page, &n, &runs, &has_more));
    for (size_t i = 0; i < n; i++)
        buf_print(&out, "%s%s", i == 0 ? "" : " ", runs[i].name);
    return out.text;
}

// Runs a to e, started at 1 to 5: loss 1, 2, NaN, none, 0; depth "3", "10", "3", none, "x".
static int64_t
world_make(struct scope *s, struct db *db)
{
    static const struct {
        const char *name, *depth;
        bool has_loss;
        double loss;
    } runs[] = {{"a", "3", true, 1},
                {"b", "10", true, 2},
                {"c", "3", true, NAN},
                {"d", NULL, false, 0},
                {"e", "x", true, 0}};
    const int64_t id = experiment_make(s, db, "one");
    for (int i = 0; i < 5; i++) {
        const char *run = run_make(s, db, id, runs[i].name, i + 1);
        if (runs[i].has_loss)
            metric_log(s, db, run, (struct track_metric){.key = "loss", .value = runs[i].loss});
        if (runs[i].depth != NULL)
            param_log(s, db, run, "depth", runs[i].depth);
        if (i % 2 == 0)
            tag_set(s, db, run, "team mate", "Ann");
    }
    return id;
}

TEST_DB(search_finds_by_each_thing_that_a_run_has)
{
    const int64_t id = world_make(s, db);
    static const struct {
        const char *filter, *names;
    } cases[] = {
        {"", "e d c b a"},
        {"metrics.loss > 0", "b a"},
        {"metrics.loss >= 0", "e b a"},
        {"metrics.loss = 0", "e"},
        {"metrics.loss != 1", "e c b"},
        {"metrics.loss < 2 AND metrics.loss > 0", "a"},
        {"metrics.nobody < 2", ""},
        {"params.depth = '3'", "c a"},
        {"params.depth != '3'", "e b"},
        {"params.depth LIKE '1%'", "b"},
        {"params.depth LIKE 'X'", ""},
        {"params.depth ILIKE 'X'", "e"},
        {"params.depth IS NULL", "d"},
        {"params.depth IS NOT NULL AND metrics.loss < 10", "e b a"},
        {"params.nobody IS NULL", "e d c b a"},
        {"tags.`team mate` = 'Ann'", "e c a"},
        {"tags.\"team mate\" ILIKE 'ann' AND params.depth = '3'", "c a"},
        {"tags.`mlflow.runName` = 'b'", "b"},
        {"attributes.run_name = 'b'", "b"},
        {"\"run name\" != 'b'", "e d c a"},
        {"start_time > 3", "e d"},
        {"created <= 2.5", "b a"},
        {"end_time > 0", ""},
        {"status = 'RUNNING' AND user_id = 'ann' AND start_time = 1", "a"},
        {"status != 'RUNNING'", ""},
        {"artifact_uri LIKE 'mlflow-artifacts:/%'", "e d c b a"},
        {"run_id IN ('x', 'y')", ""},
        {"run_id NOT IN ('x', 'y') AND start_time < 2", "a"},
        {"params.depth = 'a''; DROP TABLE ml.run; --'", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *names = found(s, db, id, cases[i].filter, NULL);
        if (strcmp(names, cases[i].names) != 0)
            TEST_DIE("%s: %s", cases[i].filter, names);
    }
}

TEST_DB(search_puts_nan_behind_numbers_and_what_is_missing_last)
{
    const int64_t id = world_make(s, db);
    static const struct {
        const char *order, *names;
    } cases[] = {
        {"metrics.loss", "e a b c d"},
        {"metrics.loss DESC", "b a e c d"},
        {"params.depth", "b c a e d"},
        {"params.depth DESC", "e c a b d"},
        {"tags.`team mate` ASC", "e c a d b"},
        {"start_time", "a b c d e"},
        {"attributes.Created DESC", "e d c b a"},
        {"run_name DESC", "e d c b a"},
        {"metrics.nobody", "e d c b a"},
        {"end_time DESC", "e d c b a"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *names = found(s, db, id, NULL, cases[i].order);
        if (strcmp(names, cases[i].names) != 0)
            TEST_DIE("%s: %s", cases[i].order, names);
    }
}

TEST_DB(search_orders_by_several_things)
{
    const int64_t id = world_make(s, db);
    const char *const orders[] = {"params.depth", "metrics.loss DESC", "start_time"};
    const struct track_page page = {
        .n_orders = 3, .orders = orders, .view = TRACK_VIEW_ACTIVE, .limit = 100};
    const struct track_run *runs;
    size_t n;
    bool has_more;
    CHECK(track_search(s, db, 1, &id, &page, &n, &runs, &has_more));

    // "10" is b; "3" are a, with a number, and c, with none; then "x" and what has no depth.
    CHECK(n == 5 && !has_more);
    CHECK_TEXT(runs[0].name, "b");
    CHECK_TEXT(runs[1].name, "a");
    CHECK_TEXT(runs[2].name, "c");
    CHECK_TEXT(runs[3].name, "e");
    CHECK_TEXT(runs[4].name, "d");
}

TEST_DB(search_pages_are_the_whole_in_each_order)
{
    const int64_t id = world_make(s, db);
    static const char *const orders[] = {"metrics.loss DESC", "params.depth", "start_time"};
    for (size_t i = 0; i < 3; i++) {
        const char *whole = found(s, db, id, NULL, orders[i]);
        struct buf pages = buf_open(s, 64);
        bool has_more = true;
        for (int64_t offset = 0; has_more; offset += 2) {
            const struct track_page page = {.n_orders = 1,
                                            .orders = &orders[i],
                                            .offset = offset,
                                            .view = TRACK_VIEW_ACTIVE,
                                            .limit = 2};
            const struct track_run *runs;
            size_t n;
            CHECK(track_search(s, db, 1, &id, &page, &n, &runs, &has_more));
            for (size_t j = 0; j < n; j++)
                buf_print(&pages, "%s%s", pages.n == 0 ? "" : " ", runs[j].name);
        }
        CHECK_TEXT(pages.text, whole);
    }
}

TEST_DB(search_looks_at_the_stage_that_is_asked_for_in_all_experiments)
{
    const int64_t ids[] = {world_make(s, db), experiment_make(s, db, "two"), 99999};
    const char *other = run_make(s, db, ids[1], "z", 9);
    CHECK(track_run_delete(s, db, other));
    run_make(s, db, ids[1], "y", 8);
    static const struct {
        enum track_view view;
        size_t n[2];
    } cases[] = {
        {TRACK_VIEW_ACTIVE, {6, 5}}, {TRACK_VIEW_DELETED, {1, 2}}, {TRACK_VIEW_ALL, {7, 7}}};
    for (int with_deleted = 0; with_deleted < 2; with_deleted++) {
        for (size_t i = 0; i < 3; i++) {
            const struct track_page page = {.view = cases[i].view, .limit = 10};
            const struct track_run *runs;
            size_t n;
            bool has_more;
            CHECK(track_search(s, db, 3, ids, &page, &n, &runs, &has_more));
            // Deleting experiment two moves its y to the deleted.
            CHECK(n == cases[i].n[with_deleted]);
        }
        if (with_deleted == 0)
            CHECK(track_experiment_delete(s, db, ids[1], 1));
    }
}

TEST_DB(search_sees_what_was_logged_a_moment_ago)
{
    const int64_t id = world_make(s, db);
    CHECK_TEXT(found(s, db, id, "metrics.loss > 100", NULL), "");
    const char *run = run_make(s, db, id, "f", 6);
    for (int i = 0; i < 100; i++)
        metric_log(s, db, run, (struct track_metric){.key = "loss", .value = 200 + i, .step = i});
    CHECK_TEXT(found(s, db, id, "metrics.loss = 299", NULL), "f");
}

TEST_DB(search_gives_more_runs_than_one_statement_reads)
{
    static const struct query many = {
        "t_many",
        "INSERT INTO ml.run (run_id, experiment_id, name, status, started_ms, artifact_uri)"
        " SELECT md5(i::text), $1::bigint, i::text, 'FINISHED', i, ''"
        " FROM generate_series(1, 1201) AS i"};
    const int64_t id = experiment_make(s, db, "many");
    const char *order = "start_time";
    const struct track_page page = {.n_orders = 1, .orders = &order, .limit = 50000};
    const struct track_run *found;
    size_t n;
    bool has_more;
    CHECK(DB_RUN(s, db, &many, db_int(s, id)));
    CHECK(track_search(s, db, 1, &id, &page, &n, &found, &has_more));
    CHECK(n == 1201 && !has_more);
    for (size_t i = 0; i < n; i++)
        CHECK(found[i].started_ms == (int64_t)i + 1);
}

TEST_DB(search_has_a_limit_for_clauses_and_orders_together)
{
    const int64_t id = experiment_make(s, db, "limit");
    const char *order = "metrics.x";
    const struct track_run *found;
    struct buf filter = buf_open(s, 2048);
    size_t n;
    bool has_more;
    for (int i = 0; i < FILTER_CLAUSES; i++)
        buf_print(&filter, "%smetrics.x > 0", i == 0 ? "" : " AND ");
    struct track_page page = {.filter = filter.text, .limit = 10};
    CHECK(track_search(s, db, 1, &id, &page, &n, &found, &has_more));
    page.n_orders = 1;
    page.orders = &order;
    CHECK_FAILS(track_search(s, db, 1, &id, &page, &n, &found, &has_more), ERROR_LIMIT,
                "a search has more than 50 clauses and orders together");
}
