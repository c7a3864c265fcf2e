// model/fit_boost.c: boosted trees, grown by XGBoost and kept as our own.
//
// The only file that XGBoost's library is linked for: programs that only predict do without it.

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xgboost/c_api.h>

#include "model/fit.h"
#include "model/kind.h"
#include "model/trees.h"

// On two free cores a second thread takes a third off the time; on busy ones libgomp's barriers
// spin and made the same fit ten times slower (10.7 s against 0.9 s). One is always good enough.
#define THREADS 1

// XGBoost calls give 0, or leave words in XGBGetLastError: the first line says what, the rest is
// its call stack.
static bool
check(struct scope *s, int result)
{
    if (result == 0)
        return true;
    const char *words = XGBGetLastError();
    return fail(s, ERROR_INPUT, "XGBoost: %.*s", (int)strcspn(words, "\n"), words);
}

static void
close_matrix(void *matrix)
{
    XGDMatrixFree(matrix);
}

static void
close_booster(void *booster)
{
    XGBoosterFree(booster);
}

// Copies the rows that have a target into XGBoost.
static bool
open_matrix(struct scope *s, const struct design *d, DMatrixHandle *out, double *mean)
{
    const size_t p = d->n_features;
    const struct scope_mark mark = scope_mark(s);
    float *x = scope_array(s, d->n_rows, p * sizeof *x), *y = scope_array(s, d->n_rows, sizeof *y);
    size_t n = 0;
    double sum = 0;
    for (size_t i = 0; i < d->n_rows; i++) {
        if (isnan(d->y[i]))
            continue;
        for (size_t j = 0; j < p; j++)
            x[n * p + j] = (float)d->X[i * p + j];
        y[n++] = (float)d->y[i];
        sum += d->y[i];
    }
    if (n == 0)
        return fail(s, ERROR_INPUT, "no row to learn from");
    *mean = sum / (double)n;
    if (!check(s, XGDMatrixCreateFromMat_omp(x, n, p, NAN, out, THREADS)))
        return false;
    const bool is_labelled = check(s, XGDMatrixSetFloatInfo(*out, "label", y, n));
    scope_release(s, mark);
    scope_defer(s, close_matrix, *out);
    return is_labelled;
}

static bool
set_number(struct scope *s, BoosterHandle booster, const char *name, double x)
{
    struct buf text = buf_open(s, 32);
    buf_number(&text, x);
    return check(s, XGBoosterSetParam(booster, name, text.text));
}

// Trees start from 0, not from the mean: stopped early, what they have not reached yet draws
// guesses down a little, and on falling levels that is better than staying at the old mean. On
// the German sample the held-out year says so: MAE 4.71 against 4.83, RMSE 7.04 against 7.05.
static bool
set_parameters(struct scope *s, BoosterHandle booster, const struct boost_spec *spec, uint64_t seed)
{
    return check(s, XGBoosterSetParam(booster, "tree_method", "hist")) &&
           check(s, XGBoosterSetParam(booster, "objective", "reg:squarederror")) &&
           check(s, XGBoosterSetParam(booster, "eval_metric", "rmse")) &&
           check(s, XGBoosterSetParam(booster, "verbosity", "0")) &&
           set_number(s, booster, "nthread", THREADS) &&
           set_number(s, booster, "seed", (double)(seed & INT32_MAX)) &&
           set_number(s, booster, "base_score", 0) &&
           set_number(s, booster, "max_depth", spec->depth) &&
           set_number(s, booster, "learning_rate", spec->learning_rate) &&
           set_number(s, booster, "subsample", spec->subsample) &&
           set_number(s, booster, "colsample_bytree", spec->colsample) &&
           set_number(s, booster, "min_child_weight", spec->min_child_weight) &&
           set_number(s, booster, "lambda", spec->lambda);
}

// The RMSE on the held-out rows, out of "[12]\tvalidate-rmse:6.98".
static bool
evaluate(struct scope *s, BoosterHandle booster, int round, DMatrixHandle held_out, double *out)
{
    const char *name = "validate", *line;
    if (!check(s, XGBoosterEvalOneIter(booster, round, &held_out, &name, 1, &line)))
        return false;
    const char *colon = strrchr(line, ':');
    if (colon == NULL)
        return fail(s, ERROR_BUG, "XGBoost told no score: %s", line);
    *out = strtod(colon + 1, NULL);
    return true;
}

// Grows trees one by one until the held-out rows have gained nothing for a while; without them
// grows exactly *rounds. Tells how many are worth keeping.
static bool
grow(struct scope *s, BoosterHandle booster, const struct boost_spec *spec, DMatrixHandle train,
     DMatrixHandle held_out, int *rounds)
{
    const int most = held_out != NULL ? spec->rounds : *rounds;
    double best = INFINITY;
    int best_round = 0;
    for (int k = 0; k < most; k++) {
        double miss = 0;
        if (!check(s, XGBoosterUpdateOneIter(booster, k, train)))
            return false;
        if (held_out == NULL)
            continue;
        if (!evaluate(s, booster, k, held_out, &miss))
            return false;
        if (miss < best) {
            best = miss;
            best_round = k + 1;
        }
        if (k + 1 - best_round >= spec->early_stopping)
            break;
    }
    if (held_out != NULL)
        *rounds = best_round;
    return *rounds > 0 || fail(s, ERROR_INPUT, "no tree improved on the mean");
}

// Trains inside a scope of its own, whose end frees what XGBoost holds.
static bool
train_booster(struct scope *s, const struct boost_spec *spec, uint64_t seed,
              const struct design *train, const struct design *validate, int *rounds,
              struct str *json, double *mean)
{
    DMatrixHandle matrices[2] = {NULL, NULL};
    BoosterHandle booster;
    double unused;
    bst_ulong n;
    if (!open_matrix(s, train, &matrices[0], mean) ||
        (validate != NULL && !open_matrix(s, validate, &matrices[1], &unused)) ||
        !check(s, XGBoosterCreate(matrices, validate != NULL ? 2 : 1, &booster)))
        return false;
    scope_defer(s, close_booster, booster);
    return set_parameters(s, booster, spec, seed) &&
           grow(s, booster, spec, matrices[0], matrices[1], rounds) &&
           check(s, XGBoosterSaveModelToBuffer(booster, "{\"format\": \"json\"}", &n, &json->at)) &&
           ((json->n = n) > 0 || fail(s, ERROR_BUG, "XGBoost saved nothing"));
}

// Tells of each column whether all rows that have a target have it.
static bool *
find_never_missing(struct scope *s, const struct design *d)
{
    bool *is_never = scope_array(s, d->n_features, sizeof *is_never);
    for (size_t j = 0; j < d->n_features; j++) {
        is_never[j] = true;
        for (size_t i = 0; i < d->n_rows && is_never[j]; i++)
            is_never[j] = isnan(d->y[i]) || !isnan(d->X[i * d->n_features + j]);
    }
    return is_never;
}

const struct model *
fit_boost(struct scope *s, const struct feature_set *f, const struct boost_spec *spec,
          uint64_t seed, const struct design *train, const struct design *validate, int *rounds)
{
    assert(spec->rounds > 0);
    assert(train->n_features == feature_count(f));
    assert(validate != NULL || *rounds > 0);
    struct scope work = {0};
    struct model *m = scope_alloc(s, sizeof *m);
    struct str json;
    m->kind = &model_boost;
    m->n_features = feature_count(f);
    const struct json *root =
        train_booster(&work, spec, seed, train, validate, rounds, &json, &m->mean)
            ? json_parse(&work, json.at, json.n)
            : NULL;
    if (root != NULL)
        m->fitted = trees_from_xgboost(s, root, m->n_features, find_never_missing(&work, train),
                                       (size_t)*rounds);
    else
        fail_as(s, &work);
    scope_close(&work); // XGBoost's matrices and its text of the model
    if (m->fitted == NULL) {
        explain(s, "cannot grow trees");
        return NULL;
    }
    return m;
}
