#include "model/trees.h"

#include <xgboost/c_api.h>

#include "base/chance.h"

#include "test.h"

#define N 4000
#define P 7

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

// XGBoost's own training and prediction of rows with many equal and some missing values.
static struct str
grown_by_xgboost(struct scope *s, const float *x, float *out)
{
    struct chance chance = chance_open(9);
    float *y = scope_array(s, N, sizeof *y);
    const char *const params[][2] = {{"tree_method", "hist"}, {"max_depth", "6"}, {"seed", "3"},
                                     {"subsample", "0.7"},    {"nthread", "1"},   {"eta", "0.2"},
                                     {"base_score", "4.25"},  {"verbosity", "0"}};
    DMatrixHandle d;
    BoosterHandle b;
    bst_ulong n, n_dims;
    const bst_ulong *shape;
    const float *got;
    const char *json;
    for (size_t i = 0; i < N; i++)
        y[i] = (float)(3 * chance_unit(&chance) + (isnan(x[i * P]) ? 20 : (double)x[i * P]));
    CHECK(XGDMatrixCreateFromMat(x, N, P, NAN, &d) == 0);
    scope_defer(s, close_matrix, d);
    CHECK(XGDMatrixSetFloatInfo(d, "label", y, N) == 0);
    CHECK(XGBoosterCreate(&d, 1, &b) == 0);
    scope_defer(s, close_booster, b);
    for (size_t i = 0; i < sizeof params / sizeof params[0]; i++)
        CHECK(XGBoosterSetParam(b, params[i][0], params[i][1]) == 0);
    for (int k = 0; k < 40; k++)
        CHECK(XGBoosterUpdateOneIter(b, k, d) == 0);
    CHECK(XGBoosterPredictFromDMatrix(b, d,
                                      "{\"type\":0,\"training\":false,\"iteration_begin\":0,"
                                      "\"iteration_end\":25,\"strict_shape\":false}",
                                      &shape, &n_dims, &got) == 0);
    memcpy(out, got, N * sizeof *out);
    CHECK(XGBoosterSaveModelToBuffer(b, "{\"format\":\"json\"}", &n, &json) == 0);
    return (struct str){scope_copy_n(s, json, n), n};
}

TEST(trees_predict_as_xgboost_does)
{
    struct chance chance = chance_open(4);
    float *x = scope_array(s, N, P * sizeof *x), *want = scope_array(s, N, sizeof *want);
    double *X = scope_array(s, N, P * sizeof *X), *got = scope_array(s, N, sizeof *got);
    for (size_t i = 0; i < N * P; i++) {
        // Halves make rows lie exactly on thresholds, where only "below" goes left.
        x[i] = chance_unit(&chance) < 0.1 ? NAN : (float)floor(40 * chance_unit(&chance)) / 2;
        X[i] = (double)x[i];
    }
    const struct str json = grown_by_xgboost(s, x, want);

    const struct trees *t = trees_from_xgboost(s, json_parse(s, json.at, json.n), P, NULL, 25);

    CHECK(t != NULL && t->n_trees == 25);
    trees_predict(t, N, X, got);
    for (size_t i = 0; i < N; i++)
        CHECK_NEAR(got[i], (double)want[i], 1e-5 * fabs((double)want[i]));
}

static const struct trees *
stump(struct scope *s, const struct tree_source nodes[3])
{
    struct trees *t = trees_open(s, 2, 1, (const size_t[]){3});
    return trees_set(s, t, 0, 3, nodes) ? t : NULL;
}

TEST(trees_send_missing_and_huge_values_where_they_belong)
{
    const struct trees *t = stump(
        s, (const struct tree_source[]){{1, 1, true, 2.5f}, {-1, 0, false, -1}, {-1, 0, false, 1}});
    const double X[] = {0, 2.4, 0, 2.5, 0, NAN, 0, 1e300, 0, -INFINITY};
    const double want[] = {-1, 1, -1, 1, -1};
    double got[5];

    CHECK(t != NULL);
    trees_predict(t, 5, X, got);

    for (size_t i = 0; i < 5; i++)
        CHECK_NEAR(got[i], want[i], 0);
}

TEST(trees_that_lead_astray_are_refused)
{
    static const struct {
        struct tree_source root;
        const char *message;
    } cases[] = {
        {{2, 1, true, 0}, "node 0 looks at column 2 of 2"},
        {{-2, 1, true, 0}, "node 0 looks at column -2 of 2"},
        {{0, 0, true, 0}, "node 0 has child 0 of 3"},
        {{0, 2, true, 0}, "node 0 has child 2 of 3"},
        {{0, -5, true, 0}, "node 0 has child -5 of 3"},
        {{0, 1, true, INFINITY}, "node 0 has a number beyond a float"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CHECK_FAILS(stump(s, (const struct tree_source[]){cases[i].root,
                                                          {-1, 0, false, 1},
                                                          {-1, 0, false, 2}}),
                    ERROR_INPUT, cases[i].message);
}

TEST(trees_deeper_than_a_walk_are_refused)
{
    enum { DEEP = 2 * TREES_MOST_DEPTH + 5 };
    struct tree_source nodes[DEEP];
    struct trees *t = trees_open(s, 1, 1, (const size_t[]){DEEP});
    for (int64_t i = 0; i < DEEP; i++)
        nodes[i] = (struct tree_source){i % 2 == 0 && i + 2 < DEEP ? 0 : -1, i + 1, false, 1};

    CHECK_FAILS(trees_set(s, t, 0, DEEP, nodes), ERROR_INPUT, "node 129 lies deeper than 64");
}

TEST(trees_of_a_broken_xgboost_model_are_refused)
{
    const char *no_trees = "{\"learner\":{\"learner_model_param\":{\"base_score\":\"5E-1\"},"
                           "\"gradient_booster\":{\"model\":{\"trees\":[]}}}}";
    CHECK_FAILS(trees_from_xgboost(s, json_parse(s, no_trees, strlen(no_trees)), 2, NULL, 1),
                ERROR_INPUT, "0 trees, not 1");
    CHECK(!trees_from_xgboost(s, json_parse(s, "{}", 2), 2, NULL, 1));
    CHECK(strstr(s->message, "learner") != NULL);
}
