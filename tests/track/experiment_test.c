#include "track/experiment.h"

#include "world.h"

static size_t
search(struct scope *s, struct db *db, const char *filter, const char *order, const char **names)
{
    const struct track_experiment *found;
    struct buf out = buf_open(s, 64);
    size_t n;
    bool has_more;
    const struct track_page page = {.filter = filter,
                                    .n_orders = order != NULL,
                                    .orders = &order,
                                    .view = TRACK_VIEW_ACTIVE,
                                    .limit = 100};
    CHECK(track_experiment_search(s, db, &page, &n, &found, &has_more));
    for (size_t i = 0; i < n; i++)
        buf_print(&out, "%s%s", i == 0 ? "" : " ", found[i].name);
    *names = out.text;
    return n;
}

TEST_DB(experiment_zero_is_there_and_is_the_default)
{
    struct track_experiment e;
    CHECK(track_experiment_get(s, db, 0, &e));
    CHECK_TEXT(e.name, "Default");
    CHECK_TEXT(e.artifact_location, "mlflow-artifacts:/0");
}

TEST_DB(experiment_is_read_by_number_and_name_with_its_tags)
{
    const struct track_pair tags[] = {{"team", "air"}, {"note", ""}};
    const struct track_experiment_wish wish = {.name = "caf\u00e9",
                                               .at_ms = 5,
                                               .n_tags = 2,
                                               .tags = tags,
                                               .artifact_location = "s3://b/x"};
    struct track_experiment e;
    int64_t id;
    CHECK(track_experiment_create(s, db, &wish, &id));

    CHECK(track_experiment_find(s, db, "caf\u00e9", &e));

    CHECK(e.experiment_id == id && e.is_active && e.created_ms == 5 && e.n_tags == 2);
    CHECK_TEXT(e.artifact_location, "s3://b/x");
    CHECK(!track_experiment_find(s, db, "nobody", &e));
    CHECK(s->kind == ERROR_MISSING);
}

TEST_DB(experiment_in_a_place_that_ends_with_a_slash_has_its_runs_below_it)
{
    const struct track_experiment_wish wish = {.name = "x",
                                               .artifact_location = "mlflow-artifacts:/x/"};
    struct track_run run;
    int64_t id;
    CHECK(track_experiment_create(s, db, &wish, &id));
    CHECK(track_run_create(s, db, &(struct track_run_wish){.experiment_id = id, .user_id = ""},
                           &run));
    CHECK_TEXT(run.artifact_uri, scope_print(s, "mlflow-artifacts:/x/%s/artifacts", run.run_id));
}

TEST_DB(experiment_of_a_name_that_is_taken_is_a_conflict)
{
    const struct track_experiment_wish wish = {.name = "Default"};
    int64_t id;
    CHECK_FAILS(track_experiment_create(s, db, &wish, &id), ERROR_CONFLICT,
                "Experiment 'Default' already exists.");
}

TEST_DB(experiment_locations_that_lead_elsewhere_are_refused)
{
    static const char *const locations[] = {
        "http:///#/../../../etc/",
        "http://h/?x=../..",
        "mlflow-artifacts:/../..",
        "mlflow-artifacts:///%2e%2e/",
        "s3:/b/../../c",
        "a/%252e%252e/b",
        "runs:/x",
        "RUNS:/x",
        "file:\\..\\x",
        "dbfs:..",
        "a;/../b",
        "a\nb",
    };
    for (size_t i = 0; i < sizeof locations / sizeof *locations; i++) {
        const struct track_experiment_wish wish = {.name = "x", .artifact_location = locations[i]};
        int64_t id;
        if (track_experiment_create(s, db, &wish, &id))
            TEST_DIE("%s is taken", locations[i]);
        CHECK(s->kind == ERROR_INPUT);
        scope_forgive(s);
    }
}

TEST_DB(experiment_deleted_takes_its_runs_along_and_brings_back_those_that_were_not)
{
    const int64_t id = experiment_make(s, db, "one");
    const char *kept = run_make(s, db, id, "kept", 1), *gone = run_make(s, db, id, "gone", 2);
    CHECK(track_run_delete(s, db, gone));

    CHECK(track_experiment_delete(s, db, id, 7));
    CHECK(!run_get(s, db, kept).is_active && !run_get(s, db, gone).is_active);
    CHECK(!track_experiment_delete(s, db, id, 8));
    CHECK(s->kind == ERROR_MISSING);
    scope_forgive(s);

    CHECK(track_experiment_restore(s, db, id, 9));
    CHECK(run_get(s, db, kept).is_active && !run_get(s, db, gone).is_active);
    CHECK(!track_experiment_restore(s, db, id, 9));
    CHECK(s->kind == ERROR_MISSING);
}

TEST_DB(experiment_deleted_is_neither_renamed_nor_tagged_nor_given_runs)
{
    const int64_t id = experiment_make(s, db, "one");
    const struct track_run_wish wish = {.experiment_id = id, .user_id = ""};
    struct track_run run;
    CHECK(track_experiment_delete(s, db, id, 7));

    CHECK(!track_experiment_rename(s, db, id, "two", 8));
    CHECK(s->kind == ERROR_INPUT && strstr(s->message, "must be in the 'active' state") != NULL);
    scope_forgive(s);
    CHECK(!track_experiment_tag(s, db, id, &(struct track_pair){"a", "b"}));
    scope_forgive(s);
    CHECK(!track_run_create(s, db, &wish, &run));
    CHECK(s->kind == ERROR_INPUT && strstr(s->message, "must be in the 'active' state") != NULL);
}

TEST_DB(experiments_are_found_by_name_time_and_tag)
{
    const char *names;
    const int64_t one = experiment_make(s, db, "one");
    experiment_make(s, db, "Two");
    CHECK(track_experiment_tag(s, db, one, &(struct track_pair){"team", "air"}));

    static const struct {
        const char *filter, *order, *names;
    } cases[] = {
        {NULL, "name", "Default Two one"},
        {"name LIKE '%o%'", "name", "Two one"},
        {"name ILIKE 'TW%'", NULL, "Two"},
        {"attribute.name != 'one'", "name DESC", "Two Default"},
        {"tags.team = 'air'", NULL, "one"},
        {"tags.team IS NULL", "name", "Default Two"},
        {"tag.team IS NOT NULL AND creation_time = 1000", NULL, "one"},
        {"last_update_time > 2000", NULL, "Default"},
        {"creation_time <= 1000", "experiment_id", "one Two"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        search(s, db, cases[i].filter, cases[i].order, &names);
        CHECK_TEXT(names, cases[i].names);
    }
}
