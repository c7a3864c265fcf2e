#include "model/outward.h"

#include <xgboost/c_api.h>

#include "base/chance.h"
#include "model/fit.h"
#include "model/outside.h"

#include "test.h"

#define N 1500
#define P 4

static const char *const names[] = {"lag0", "mean7", "latitude", "nb5_change"};

// Rows of which a tenth misses something, but never the third column.
static struct design
rows_make(struct scope *s)
{
    struct chance chance = chance_open(5);
    struct design d = {.n_rows = N, .n_features = P};
    d.X = scope_array(s, N * P, sizeof *d.X);
    d.y = scope_array(s, N, sizeof *d.y);
    for (size_t i = 0; i < N; i++) {
        double *x = &d.X[i * P];
        for (size_t j = 0; j < P; j++)
            x[j] = j != 2 && chance_unit(&chance) < 0.1 ? NAN : 40 * chance_unit(&chance) - 7;
        d.y[i] = (isnan(x[0]) ? 3.3 : x[0]) + sin(x[2]) * (isnan(x[1]) ? 2 : x[1] / 3);
    }
    return d;
}

static struct artifact
grown(struct scope *s, const struct design *d)
{
    const struct boost_spec spec = {.rounds = 60,
                                    .depth = 5,
                                    .learning_rate = 0.1,
                                    .subsample = 0.8,
                                    .colsample = 0.9,
                                    .min_child_weight = 2,
                                    .lambda = 1};
    const bool may_miss[P] = {true, true, false, true};
    int rounds = 60;
    struct artifact a = {.features = feature_columns(s, P, names, may_miss)};
    a.recipe.target_floor = NAN;
    a.interval_factor = NAN;
    a.model = fit_boost(s, a.features, &spec, 3, d, NULL, &rounds);
    CHECK(a.model != NULL);
    return a;
}

static struct str
written(struct scope *s, const struct artifact *a)
{
    struct buf out = buf_open(s, 1 << 16);
    CHECK(outward_xgboost(a, &out));
    return (struct str){out.text, out.n};
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

// What XGBoost itself predicts from a model's bytes.
static const float *
foretold(struct scope *s, struct str model, const struct design *d, char ***names_read)
{
    static const char how[] = "{\"type\":0,\"training\":false,\"iteration_begin\":0,"
                              "\"iteration_end\":0,\"strict_shape\":false}";
    static float x[N * P];
    DMatrixHandle rows;
    BoosterHandle booster;
    const bst_ulong *shape;
    bst_ulong n_dims, n_names;
    const float *got;
    for (size_t i = 0; i < (size_t)N * P; i++)
        x[i] = (float)d->X[i];
    CHECK(XGDMatrixCreateFromMat(x, N, P, NAN, &rows) == 0);
    scope_defer(s, close_matrix, rows);
    CHECK(XGBoosterCreate(NULL, 0, &booster) == 0);
    scope_defer(s, close_booster, booster);
    CHECK(XGBoosterLoadModelFromBuffer(booster, model.at, model.n) == 0);
    CHECK(XGBoosterPredictFromDMatrix(booster, rows, how, &shape, &n_dims, &got) == 0);
    CHECK(XGBoosterGetStrFeatureInfo(booster, "feature_name", &n_names,
                                     (const char ***)names_read) == 0);
    CHECK(n_names == P);
    return got;
}

TEST(xgboost_predicts_from_our_trees_what_they_predict_here_to_the_last_bit)
{
    const struct design d = rows_make(s);
    const struct artifact a = grown(s, &d);
    double *want = scope_array(s, N, sizeof *want);
    char **read = NULL;
    model_predict(a.model, N, d.X, want);

    const float *got = foretold(s, written(s, &a), &d, &read);

    for (size_t i = 0; i < N; i++)
        CHECK_NEAR((double)got[i], want[i], 0);
    for (size_t j = 0; j < P; j++)
        CHECK_TEXT(read[j], names[j]);
}

TEST(what_goes_outward_comes_back_the_same)
{
    const struct design d = rows_make(s);
    const struct artifact a = grown(s, &d);
    struct artifact back;

    CHECK(outside_xgboost(s, written(s, &a), &(struct outside_about){0}, &back));

    for (size_t i = 0; i < N; i++)
        CHECK_NEAR(artifact_predict(&back, &d.X[i * P]).value,
                   artifact_predict(&a, &d.X[i * P]).value, 0);
    CHECK_TEXT(feature_name(back.features, 3), "nb5_change");
}

TEST(a_model_without_trees_has_no_such_form)
{
    const struct design d = rows_make(s);
    struct artifact a = grown(s, &d);
    struct buf out = buf_open(s, 64);
    a.model = fit_climatology(s, a.features, &d);

    CHECK(!outward_xgboost(&a, &out));
    CHECK(out.n == 0);
}
