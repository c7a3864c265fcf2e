#include "serve/serving.h"

#include <pthread.h>

#include "learn/train.h"
#include "serve/batch.h"
#include "tests/learn/world.h"

static const struct query published = {
    "t_published", "SELECT site, value, lower, upper FROM serve.prediction JOIN data.site "
                   "USING (site_id) WHERE model = $1::text ORDER BY site"};
static const struct query spoil = {
    "t_spoil", "UPDATE ml.version SET artifact_sha256 = repeat('0', 64) WHERE version = $1::text"};
static const struct query touch = {"t_touch",
                                   "INSERT INTO data.object (sha256, key, name, size_bytes) "
                                   "VALUES (repeat('a', 64), 'k', 'n', 1) RETURNING object_id"};
static const struct query bump = {
    "t_bump", "INSERT INTO data.ingest (object_id, as_of, n_rows, n_new, n_changed, n_same, "
              "n_skipped, n_rejected) VALUES ($1::int, to_timestamp($2::int), 1, 1, 0, 0, 0, 0)"};

static struct train_summary
trained(struct scope *s, struct db *db, struct store *store, struct world_recipe want)
{
    struct train_summary out;
    const struct recipe recipe = world_recipe_read(s, want);
    const struct train_request request = {
        .recipe = &recipe,
        .as_of = time_of_day(WORLD_LAST) + 86399,
        .actor = "tester",
        .revision = "0123456789ab",
        .is_quiet = true,
    };
    CHECK(learn_train(s, db, store, &request, &out));
    return out;
}

TEST_DB(serving_forecasts_what_the_batch_publishes)
{
    struct batch_summary batch;
    struct store *store = world_store(s);
    world_make(s, db);
    trained(s, db, store, (struct world_recipe){0});
    const struct batch_request request = {.model = "pm", .as_of = time_of_day(WORLD_LAST) + 86399};
    CHECK(batch_predict(s, db, store, &request, &batch));
    struct serving *serving = serving_open(s, store, NULL);

    serving_refresh(serving, db, 0);
    struct set *set = serving_take(serving);
    const struct set_model *m = set_find(set, "pm");
    const struct rows *r = DB_QUERY(s, db, &published, "pm");

    CHECK(m != NULL && r != NULL && rows_count(r) == 4 && m->n_forecasts == 4);
    CHECK(m->target.n == batch.day.n);
    for (size_t i = 0; i < 4; i++) {
        const struct forecast *f = set_forecast(m, rows_text(r, i, "site"));
        CHECK(f != NULL);
        CHECK_NEAR(f->guess.value, rows_number(r, i, "value"), 1e-9);
        CHECK_NEAR(f->guess.lower, rows_number(r, i, "lower"), 1e-9);
        CHECK_NEAR(f->guess.upper, rows_number(r, i, "upper"), 1e-9);
    }
    CHECK(set_forecast(m, "nowhere") == NULL);
    set_drop(set);
}

TEST_DB(serving_keeps_the_old_version_when_the_new_one_cannot_be_read)
{
    struct store *store = world_store(s);
    struct serving *serving = serving_open(s, store, NULL);
    world_make(s, db);
    const struct train_summary first = trained(s, db, store, (struct world_recipe){0});
    serving_refresh(serving, db, 0);
    const struct train_summary second =
        trained(s, db, store, (struct world_recipe){.description = "changed"});
    CHECK(DB_RUN(s, db, &spoil, second.version.version));

    serving_refresh(serving, db, 1);
    struct set *set = serving_take(serving);
    const struct set_model *m = set_find(set, "pm");

    CHECK(m != NULL);
    CHECK_TEXT(m->served->version, first.version.version);
    CHECK(set->n_faults == 1);
    CHECK(strstr(set->faults[0], second.version.version) != NULL);
    set_drop(set);
}

struct reader {
    struct serving *serving;
    _Atomic bool is_over;
    long n_taken, n_wrong;
};

// Takes the set and asks it as requests do; every answer must be of one whole version.
static void *
read_on(void *thing)
{
    struct reader *r = thing;
    do {
        struct set *set = serving_take(r->serving);
        const struct set_model *m = set_find(set, "pm");
        const struct forecast *f = m == NULL ? NULL : set_forecast(m, "S2");
        r->n_wrong +=
            f == NULL || !(f->guess.lower <= f->guess.value) || strcmp(m->served->model, "pm") != 0;
        r->n_taken++;
        set_drop(set);
    } while (!r->is_over);
    return NULL;
}

TEST_DB(serving_replaces_the_set_under_readers)
{
    enum { N_READERS = 4, N_SWAPS = 100 };
    struct reader readers[N_READERS];
    pthread_t threads[N_READERS];
    struct store *store = world_store(s);
    struct serving *serving = serving_open(s, store, NULL);
    world_make(s, db);
    trained(s, db, store, (struct world_recipe){0});
    const struct rows *object = db_query(s, db, &touch, 0, NULL);
    CHECK(object != NULL);
    serving_refresh(serving, db, 0);
    struct set *before = serving_take(serving);

    for (int i = 0; i < N_READERS; i++) {
        readers[i] = (struct reader){.serving = serving};
        CHECK(pthread_create(&threads[i], NULL, read_on, &readers[i]) == 0);
    }
    for (int i = 0; i < N_SWAPS; i++) {
        CHECK(DB_RUN(s, db, &bump, rows_text(object, 0, "object_id"), db_int(s, i)));
        serving_refresh(serving, db, i + 1);
    }
    for (int i = 0; i < N_READERS; i++) {
        readers[i].is_over = true;
        pthread_join(threads[i], NULL);
    }
    struct set *after = serving_take(serving);

    for (int i = 0; i < N_READERS; i++) {
        CHECK(readers[i].n_taken > 0);
        CHECK(readers[i].n_wrong == 0);
    }
    CHECK(after->made_at == N_SWAPS);
    CHECK(set_find(after, "pm")->served == set_find(before, "pm")->served); // loaded once
    set_drop(after);
    set_drop(before);
}
