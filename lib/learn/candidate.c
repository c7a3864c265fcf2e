#include "learn/candidate.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define GUESS_ROWS 4096 // predicted at a time where only their score is wanted

struct contest
contest_open(const struct recipe *recipe)
{
    struct contest c = {.recipe = recipe};
    c.candidates[c.n++] = (struct candidate){.family = "persistence"};
    c.candidates[c.n++] = (struct candidate){.family = "climatology"};
    if (recipe->ridge.n_alphas > 0)
        c.candidates[c.n++] = (struct candidate){.family = "ridge", .is_learnt = true};
    if (recipe->boost.rounds > 0)
        c.candidates[c.n++] = (struct candidate){.family = "boost", .is_learnt = true};
    return c;
}

const struct model *
candidate_fit(struct scope *s, const struct recipe *recipe, const struct feature_set *f,
              const struct design *train, const struct design *validate, struct candidate *c)
{
    const struct ridge_spec settled = {.n_alphas = 1, .alphas = {c->alpha}};

    if (strcmp(c->family, "persistence") == 0)
        return fit_persistence(s, f, train);
    if (strcmp(c->family, "climatology") == 0)
        return fit_climatology(s, f, train);
    if (strcmp(c->family, "ridge") == 0)
        return fit_ridge(s, f, validate == NULL ? &settled : &recipe->ridge, train, validate,
                         &c->alpha);
    assert(strcmp(c->family, "boost") == 0);
    return fit_boost(s, f, &recipe->boost, recipe->seed, train, validate, &c->rounds);
}

// Predicts a design's rows, raised to the recipe's floor as served ones are.
static void
guesses_make(const struct recipe *recipe, const struct model *m, const struct design *d,
             size_t from, size_t n, double *out)
{
    model_predict(m, n, d->X + from * d->n_features, out);
    if (isnan(recipe->target_floor))
        return;
    for (size_t i = 0; i < n; i++)
        out[i] = fmax(out[i], recipe->target_floor);
}

static struct regression
guesses_score(const struct design *d, size_t from, size_t n, const double *guesses)
{
    struct regression r = {0};
    for (size_t i = 0; i < n; i++)
        regression_add(&r, d->y[from + i], guesses[i]);
    return r;
}

static bool
rmse_read(struct scope *s, const struct regression *r, double *rmse)
{
    struct regression_summary summary;
    if (!regression_summarise(s, r, &summary))
        return false;
    *rmse = summary.rmse;
    return true;
}

// The RMSE on the rows that a model was fitted on, of which nobody needs the guesses.
static bool
train_rmse_find(struct scope *s, const struct recipe *recipe, const struct model *m,
                const struct design *train, double *rmse)
{
    double *guesses = scope_array(s, GUESS_ROWS, sizeof *guesses);
    struct regression all = {0};
    for (size_t from = 0; from < train->n_rows; from += GUESS_ROWS) {
        const size_t left = train->n_rows - from, n = left < GUESS_ROWS ? left : GUESS_ROWS;
        guesses_make(recipe, m, train, from, n, guesses);
        const struct regression part = guesses_score(train, from, n, guesses);
        regression_merge(&all, &part);
    }
    return rmse_read(s, &all, rmse);
}

static bool
candidate_validate(struct scope *fits, const struct recipe *recipe, const struct feature_set *f,
                   const struct design *train, const struct design *calibrate, struct candidate *c)
{
    const struct model *m = candidate_fit(fits, recipe, f, train, calibrate, c);
    if (m == NULL)
        return explain(fits, "could not fit %s", c->family);
    guesses_make(recipe, m, calibrate, 0, calibrate->n_rows, c->calibrate);
    const struct regression r = guesses_score(calibrate, 0, calibrate->n_rows, c->calibrate);
    return rmse_read(fits, &r, &c->validation_rmse) &&
           train_rmse_find(fits, recipe, m, train, &c->train_rmse);
}

bool
contest_validate(struct scope *s, struct contest *c, const struct feature_set *f,
                 const struct design *train, const struct design *calibrate)
{
    for (size_t i = 0; i < c->n; i++) {
        struct candidate *one = &c->candidates[i];
        struct scope fits = {0};
        one->calibrate = scope_array(s, calibrate->n_rows, sizeof *one->calibrate);
        const bool ok =
            candidate_validate(&fits, c->recipe, f, train, calibrate, one) || fail_as(s, &fits);
        scope_close(&fits);
        if (!ok)
            return false;
    }
    return true;
}

bool
contest_score(struct scope *s, struct contest *c, const struct feature_set *f,
              const struct design *train, const struct design *test)
{
    struct regression scores[CANDIDATES_MOST];
    for (size_t i = 0; i < c->n; i++) {
        struct candidate *one = &c->candidates[i];
        struct scope fits = {0};
        one->test = scope_array(s, test->n_rows, sizeof *one->test);
        const struct model *m = candidate_fit(&fits, c->recipe, f, train, NULL, one);
        if (m != NULL)
            guesses_make(c->recipe, m, test, 0, test->n_rows, one->test);
        const bool ok = m != NULL || fail_as(s, &fits);
        scope_close(&fits);
        if (!ok)
            return explain(s, "could not refit %s", one->family);
        scores[i] = guesses_score(test, 0, test->n_rows, one->test);
        if (!regression_summarise(s, &scores[i], &one->score))
            return false;
        one->skill = regression_skill(&scores[i], &scores[0]);
        one->skill_climatology = i == 0 ? NAN : regression_skill(&scores[i], &scores[1]);
    }
    c->candidates[0].skill_climatology = regression_skill(&scores[0], &scores[1]);
    return true;
}
