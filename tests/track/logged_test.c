#include "track/logged.h"

#include "track/input.h"
#include "world.h"

static const char *
model_make(struct scope *s, struct db *db, int64_t experiment, const char *name, int64_t at_ms)
{
    static const struct track_pair params[] = {{"depth", "3"}}, tags[] = {{"a/b", "c"}};
    const struct track_logged_wish wish = {.experiment_id = experiment,
                                           .at_ms = at_ms,
                                           .name = name,
                                           .model_type = "agent",
                                           .n_params = 1,
                                           .params = params,
                                           .n_tags = 1,
                                           .tags = tags};
    struct track_logged model;
    CHECK(track_logged_create(s, db, &wish, &model));
    return model.model_id;
}

static const char *
found(struct scope *s, struct db *db, struct track_logged_page page, int64_t experiment)
{
    const struct track_logged *models;
    struct buf out = buf_open(s, 64);
    size_t n;
    bool has_more;
    page.n_experiments = 1;
    page.experiments = &experiment;
    page.limit = 10;
    CHECK(track_logged_search(s, db, &page, &n, &models, &has_more));
    for (size_t i = 0; i < n; i++)
        buf_print(&out, "%s%s", i == 0 ? "" : " ", models[i].name);
    return out.text;
}

TEST_DB(logged_model_lives_from_pending_to_deleted)
{
    struct track_logged model;
    const char *id = model_make(s, db, 0, "one", 5);
    CHECK(track_logged_get(s, db, id, false, &model));
    CHECK(model.status == LOGGED_PENDING && model.n_params == 1 && model.n_tags == 1);
    CHECK(strlen(id) == 34 && strncmp(id, "m-", 2) == 0);
    CHECK_TEXT(model.artifact_uri, scope_print(s, "mlflow-artifacts:/0/models/%s/artifacts", id));

    CHECK(track_logged_finish(s, db, id, LOGGED_READY, 6));
    CHECK(track_logged_tags(s, db, id, 2, (const struct track_pair[]){{"x", "1"}, {"x", "2"}}));
    CHECK(track_logged_untag(s, db, id, "a/b"));
    CHECK(track_logged_get(s, db, id, false, &model));
    CHECK(model.status == LOGGED_READY && model.updated_ms == 6 && model.n_tags == 1);
    CHECK_TEXT(model.tags[0].value, "2");

    CHECK(track_logged_delete(s, db, id, 7));
    CHECK(!track_logged_get(s, db, id, false, &model));
    CHECK(s->kind == ERROR_MISSING);
    scope_forgive(s);
    CHECK(track_logged_get(s, db, id, true, &model));
    CHECK(!track_logged_finish(s, db, id, LOGGED_READY, 8));
    CHECK(s->kind == ERROR_MISSING);
}

TEST_DB(logged_model_has_no_name_that_is_a_path)
{
    static const char *const names[] = {"a/b", "a:b", "a.b", "a%b", "a\"b", "a'b"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct track_logged_wish wish = {.name = names[i]};
        struct track_logged model;
        CHECK(!track_logged_create(s, db, &wish, &model));
        CHECK(s->kind == ERROR_INPUT);
        CHECK(strstr(s->message, "Invalid model name") == s->message);
        scope_forgive(s);
    }
}

TEST_DB(logged_models_are_found_by_what_they_have_and_ordered_by_metrics)
{
    const int64_t id = experiment_make(s, db, "one");
    const char *run = run_make(s, db, id, "r", 1);
    const char *a = model_make(s, db, id, "a", 1), *b = model_make(s, db, id, "b", 2);
    model_make(s, db, id, "c", 3);
    CHECK(track_logged_finish(s, db, b, LOGGED_READY, 6));
    metric_log(
        s, db, run,
        (struct track_metric){
            .key = "f1", .value = 0.5, .model_id = a, .dataset_name = "d", .dataset_digest = "x"});
    metric_log(s, db, run, (struct track_metric){.key = "f1", .value = 0.7, .model_id = b});

    static const struct {
        const char *filter, *names;
    } cases[] = {
        {NULL, "c b a"},
        {"name = 'a'", "a"},
        {"name IN ('a', 'c') AND model_type = 'agent'", "c a"},
        {"attributes.status = 'READY'", "b"},
        {"params.depth = '3' AND tags.`a/b` LIKE 'C'", ""},
        {"params.depth = '3' AND tags.`a/b` ILIKE 'C'", "c b a"},
        {"metrics.f1 > 0.6", "b"},
        {"metrics.f1 >= 0.5", "b a"},
        {"creation_timestamp < 3", "b a"},
        {"creation_time = 3", "c"},
        {"tags.x IS NULL", "c b a"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_TEXT(found(s, db, (struct track_logged_page){.filter = cases[i].filter}, id),
                   cases[i].names);

    const struct track_logged_order up = {.field = "metrics.f1"}, name = {.field = "name"};
    const struct track_dataset_choice d = {"d", NULL};
    CHECK_TEXT(found(s, db, (struct track_logged_page){.n_orders = 1, .orders = &up}, id), "a b c");
    CHECK_TEXT(found(s, db, (struct track_logged_page){.n_orders = 1, .orders = &name}, id),
               "a b c");
    CHECK_TEXT(found(s, db, (struct track_logged_page){.n_datasets = 1, .datasets = &d}, id), "a");
    CHECK_TEXT(found(s, db,
                     (struct track_logged_page){
                         .n_datasets = 1, .datasets = &d, .filter = "metrics.f1 > 0.6"},
                     id),
               "");
}

TEST_DB(runs_know_the_models_and_datasets_that_went_in_and_came_out)
{
    static const struct track_pair context = {"mlflow.data.context", "train"};
    const struct track_input input = {.name = "air",
                                      .digest = "d1",
                                      .source_type = "local",
                                      .source = "{}",
                                      .n_tags = 1,
                                      .tags = &context};
    const char *run = run_make(s, db, 0, "r", 1), *model = model_make(s, db, 0, "a", 1);
    const struct track_link link = {model, 7}, nobody = {"m-nobody", 0};
    CHECK(track_inputs_log(s, db, run, 1, &input));
    CHECK(track_inputs_log(s, db, run, 1, &input));
    CHECK(track_models_link(s, db, run, true, 1, &link));
    CHECK(track_models_link(s, db, run, false, 1, &link));

    const struct track_run got = run_get(s, db, run);

    CHECK(got.n_inputs == 1 && got.n_models_in == 1 && got.n_models_out == 1);
    CHECK_TEXT(got.inputs[0].name, "air");
    CHECK_TEXT(got.inputs[0].tags[0].value, "train");
    CHECK(got.inputs[0].schema == NULL && got.models_out[0].step == 7);

    const struct track_dataset *datasets;
    size_t n;
    CHECK(track_datasets_search(s, db, 1, &(int64_t){0}, &n, &datasets));
    CHECK(n == 1);
    CHECK_TEXT(datasets[0].context, "train");
    CHECK(!track_models_link(s, db, run, true, 1, &nobody));
    CHECK(s->kind == ERROR_MISSING);
}
