#include "learn/stage.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

#define SCALE_SHARE 0.2 // of the mean target, below which misses no longer shrink; 3 in 15 ug/m3

struct ground { // what a stage stands on
    struct feature_set *features;
    struct design design;
};

// Fits the features on the days up to `known` and builds the rows whose target is up to `to`.
static bool
ground_make(struct scope *s, const struct training *t, struct day known, struct day to,
            struct ground *out)
{
    const struct panel *panel = &t->dataset->panel;
    out->features = feature_fit(s, t->recipe, panel, known);
    if (out->features == NULL)
        return false;
    const struct feature_view *view = feature_view_open(s, out->features, panel);
    return feature_design(s, view, t->split.train.from, to, &out->design);
}

// A fifth of the mean target.
static double
scale_floor(const struct design *d)
{
    double sum = 0;
    for (size_t i = 0; i < d->n_rows; i++)
        sum += fabs(d->y[i]);
    return sum > 0 ? SCALE_SHARE * sum / (double)d->n_rows : 1;
}

static bool
choose_on(struct scope *s, struct scope *stage, struct training *t)
{
    struct ground g;
    if (!ground_make(stage, t, t->split.train.to, t->split.calibrate.to, &g))
        return false;
    const struct design train = design_slice(&g.design, t->split.train);
    const struct design calibrate = design_slice(&g.design, t->split.calibrate);
    if (!split_check(stage, "train", t->split.train, &train) ||
        !split_check(stage, "calibrate", t->split.calibrate, &calibrate))
        return false;
    t->n_train = train.n_rows;
    t->n_calibrate = calibrate.n_rows;
    if (!contest_validate(s, &t->contest, g.features, &train, &calibrate))
        return fail_as(stage, s);
    contest_choose(s, &t->contest);
    t->interval_scale_floor = scale_floor(&train);
    return interval_calibrate(stage, calibrate.n_rows, calibrate.y,
                              t->contest.candidates[t->contest.chosen].calibrate,
                              t->interval_scale_floor, t->recipe->coverage, &t->interval_factor);
}

// Keeps of the test rows what the report reads; the matrix goes with the stage.
static struct design
test_keep(struct scope *s, const struct design *test)
{
    struct design kept = {.n_rows = test->n_rows};
    kept.y = scope_array(s, test->n_rows, sizeof *kept.y);
    kept.site = scope_array(s, test->n_rows, sizeof *kept.site);
    memcpy(kept.y, test->y, test->n_rows * sizeof *kept.y);
    memcpy(kept.site, test->site, test->n_rows * sizeof *kept.site);
    return kept;
}

// Holds the interval against the test rows, as it would have been served.
static struct interval_tally
coverage_find(const struct training *t)
{
    const double *guesses = t->contest.candidates[t->contest.chosen].test;
    struct interval_tally tally = {0};
    for (size_t i = 0; i < t->test.n_rows; i++) {
        const double half =
            t->interval_factor * interval_scale(guesses[i], t->interval_scale_floor);
        const double lower = fmax(guesses[i] - half, t->recipe->target_floor); // NaN: no floor
        interval_add(&tally, t->test.y[i], lower, guesses[i] + half);
    }
    return tally;
}

static bool
test_on(struct scope *s, struct scope *stage, struct training *t)
{
    struct ground g;
    const struct span known = {t->split.train.from, t->split.calibrate.to};
    if (!ground_make(stage, t, known.to, t->split.test.to, &g))
        return false;
    const struct design train = design_slice(&g.design, known);
    const struct design test = design_slice(&g.design, t->split.test);
    if (!split_check(stage, "test", t->split.test, &test))
        return false;
    if (!contest_score(s, &t->contest, g.features, &train, &test))
        return fail_as(stage, s);
    t->test = test_keep(s, &test);
    t->coverage = coverage_find(t);
    return true;
}

// The latest row with the fewest missing features: none, in all but the poorest data.
static double *
example_find(const struct design *d)
{
    size_t best = 0, fewest = SIZE_MAX;
    for (size_t i = d->n_rows; i-- > 0 && fewest > 0;) {
        size_t n_missing = 0;
        for (size_t j = 0; j < d->n_features; j++)
            n_missing += isnan(d->X[i * d->n_features + j]) ? 1 : 0;
        if (n_missing < fewest) {
            fewest = n_missing;
            best = i;
        }
    }
    return d->X + best * d->n_features;
}

static bool
refit_on(struct scope *s, struct scope *stage, struct training *t, struct store *store)
{
    struct ground g;
    if (!ground_make(stage, t, t->as_of, t->as_of, &g))
        return false;
    struct candidate *chosen = &t->contest.candidates[t->contest.chosen];
    struct artifact artifact = {
        .recipe = *t->recipe,
        .features = g.features,
        .model = candidate_fit(stage, t->recipe, g.features, &g.design, NULL, chosen),
        .interval_factor = t->interval_factor,
        .interval_scale_floor = t->interval_scale_floor,
        .example = example_find(&g.design),
    };
    if (artifact.model == NULL)
        return explain(stage, "could not refit %s", chosen->family);
    struct buf bytes = buf_open(stage, 1 << 20);
    artifact_save(&artifact, &bytes);
    hash_bytes(bytes.text, bytes.n, t->artifact_sha256);
    t->artifact_key =
        scope_print(s, "artifacts/models/%s/%.16s/model.json", t->recipe->name, t->artifact_sha256);
    return store == NULL ||
           store_put(stage, store, t->artifact_key, (struct str){bytes.text, bytes.n});
}

bool
stage_choose(struct scope *s, struct training *t)
{
    struct scope stage = {0}; // the matrices go with it
    const bool ok = choose_on(s, &stage, t) || fail_as(s, &stage);
    scope_close(&stage);
    return ok;
}

static bool
stage_test(struct scope *s, struct training *t)
{
    struct scope stage = {0};
    const bool ok = test_on(s, &stage, t) || fail_as(s, &stage);
    scope_close(&stage);
    return ok;
}

struct refit { // the third stage, which runs beside the second
    struct scope s;
    struct training training; // a copy
    struct store *store;
    bool is_done;
};

static void *
refit_run(void *thing)
{
    struct refit *r = thing;
    struct scope stage = {0};
    r->is_done = refit_on(&r->s, &stage, &r->training, r->store) || fail_as(&r->s, &stage);
    scope_close(&stage);
    return NULL;
}

bool
stage_finish(struct scope *s, struct training *t, struct store *store)
{
    struct refit refit = {.training = *t, .store = store};
    pthread_t thread;
    const bool is_beside = pthread_create(&thread, NULL, refit_run, &refit) == 0;
    bool ok = stage_test(s, t);
    if (is_beside)
        pthread_join(thread, NULL);
    else // no thread to be had: one after the other
        refit_run(&refit);
    ok = ok && (refit.is_done || fail_as(s, &refit.s));
    if (ok) {
        t->artifact_key = scope_copy(s, refit.training.artifact_key);
        memcpy(t->artifact_sha256, refit.training.artifact_sha256, HASH_TEXT);
    }
    scope_close(&refit.s);
    return ok;
}
