#include "model/outside.h"

#include <xgboost/c_api.h>

#include "base/chance.h"

#include "test.h"

#define N 2000
#define P 4

struct grown { // XGBoost's own booster and what it predicts
    DMatrixHandle rows;
    BoosterHandle booster;
    float x[N * P], want[N];
};

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

// Grows 20 trees of an objective; targets are positive, and 0 or 1 where they must be.
static struct grown *
grow(struct scope *s, const char *booster, const char *objective)
{
    struct chance chance = chance_open(11);
    struct grown *g = scope_alloc(s, sizeof *g);
    float *y = scope_array(s, N, sizeof *y);
    const bool is_share = strstr(objective, "logi") != NULL;
    const char *const params[][2] = {{"booster", booster},   {"objective", objective},
                                     {"max_depth", "4"},     {"nthread", "1"},
                                     {"base_score", "0.25"}, {"verbosity", "0"}};
    for (size_t i = 0; i < N; i++) {
        for (size_t j = 0; j < P; j++)
            g->x[i * P + j] = chance_unit(&chance) < 0.1 ? NAN : (float)chance_unit(&chance);
        const double sum = isnan(g->x[i * P]) ? 0.3 : (double)g->x[i * P];
        y[i] = is_share ? (float)(chance_unit(&chance) < sum) : (float)(5 * sum);
    }
    CHECK(XGDMatrixCreateFromMat(g->x, N, P, NAN, &g->rows) == 0);
    scope_defer(s, close_matrix, g->rows);
    CHECK(XGDMatrixSetFloatInfo(g->rows, "label", y, N) == 0);
    CHECK(XGBoosterCreate(&g->rows, 1, &g->booster) == 0);
    scope_defer(s, close_booster, g->booster);
    for (size_t i = 0; i < sizeof params / sizeof params[0]; i++)
        CHECK(XGBoosterSetParam(g->booster, params[i][0], params[i][1]) == 0);
    for (int k = 0; k < 20; k++)
        CHECK(XGBoosterUpdateOneIter(g->booster, k, g->rows) == 0);
    return g;
}

static void
predict(struct scope *s, struct grown *g, int n_rounds)
{
    const bst_ulong *shape;
    bst_ulong n_dims;
    const float *got;
    const char *how = scope_print(s,
                                  "{\"type\":0,\"training\":false,\"iteration_begin\":0,"
                                  "\"iteration_end\":%d,\"strict_shape\":false}",
                                  n_rounds);
    CHECK(XGBoosterPredictFromDMatrix(g->booster, g->rows, how, &shape, &n_dims, &got) == 0);
    memcpy(g->want, got, sizeof g->want);
}

static struct str
save(struct scope *s, const struct grown *g, const char *format)
{
    const char *bytes, *how = scope_print(s, "{\"format\":\"%s\"}", format);
    bst_ulong n;
    CHECK(XGBoosterSaveModelToBuffer(g->booster, how, &n, &bytes) == 0);
    return (struct str){scope_copy_n(s, bytes, n), n};
}

static void
check_same(struct scope *s, const struct artifact *a, const struct grown *g)
{
    for (size_t i = 0; i < N; i++) {
        double x[P];
        for (size_t j = 0; j < P; j++)
            x[j] = (double)g->x[i * P + j];
        const struct guess guess = artifact_predict(a, x);
        CHECK_NEAR(guess.value, (double)g->want[i], 2e-6 * fmax(1, fabs(guess.value)));
        CHECK(isnan(guess.lower) && isnan(guess.upper));
    }
}

TEST(a_booster_predicts_as_xgboost_does_whatever_its_objective_and_format)
{
    static const char *const objectives[] = {"reg:squarederror", "binary:logistic", "reg:logistic",
                                             "binary:logitraw",  "count:poisson",   "reg:gamma"};
    static const char *const formats[] = {"json", "ubj"};
    for (size_t i = 0; i < sizeof objectives / sizeof *objectives; i++) {
        struct grown *g = grow(s, "gbtree", objectives[i]);
        predict(s, g, 0);
        for (size_t k = 0; k < 2; k++) {
            struct artifact a;
            CHECK(outside_xgboost(s, save(s, g, formats[k]), &(struct outside_about){0}, &a));
            CHECK(a.is_table && feature_count(a.features) == P);
            CHECK_TEXT(feature_name(a.features, 1), "f1");
            check_same(s, &a, g);
        }
    }
}

TEST(what_was_taken_over_saves_and_loads_as_the_same)
{
    struct buf first = buf_open(s, 4096), second = buf_open(s, 4096);
    struct grown *g = grow(s, "gbtree", "binary:logistic");
    struct artifact a, b;
    predict(s, g, 0);
    CHECK(outside_xgboost(s, save(s, g, "ubj"), &(struct outside_about){.target = "rain"}, &a));

    artifact_save(&a, &first);
    CHECK(artifact_load(s, (struct str){first.text, first.n}, &b));
    artifact_save(&b, &second);

    CHECK_TEXT(b.recipe.target_name, "rain");
    CHECK_TEXT(second.text, first.text);
    check_same(s, &b, g);
}

TEST(trees_behind_the_best_round_count_only_where_they_are_asked_for)
{
    struct grown *g = grow(s, "gbtree", "reg:squarederror");
    struct artifact all, best;
    CHECK(XGBoosterSetAttr(g->booster, "best_iteration", "6") == 0);
    const struct str json = save(s, g, "json");

    CHECK(outside_xgboost(s, json, &(struct outside_about){0}, &all));
    CHECK(outside_xgboost(s, json, &(struct outside_about){.is_best_only = true}, &best));

    predict(s, g, 20);
    check_same(s, &all, g);
    predict(s, g, 7);
    check_same(s, &best, g);
}

TEST(columns_are_named_by_the_booster_or_the_signature)
{
    const char *const names[] = {"a", "b", "c", "d"};
    const char *own[] = {"w", "x", "y", "z"};
    const struct outside_about about = {.n_columns = P, .names = names};
    struct grown *g = grow(s, "gbtree", "reg:squarederror");
    struct artifact a;
    CHECK(outside_xgboost(s, save(s, g, "json"), &about, &a));
    CHECK_TEXT(feature_name(a.features, 3), "d");
    CHECK(XGBoosterSetStrFeatureInfo(g->booster, "feature_name", own, P) == 0);
    CHECK(outside_xgboost(s, save(s, g, "json"), &about, &a));
    CHECK_TEXT(feature_name(a.features, 3), "z");
    CHECK_FAILS(outside_xgboost(s, save(s, g, "json"),
                                &(struct outside_about){.n_columns = 2, .names = names}, &a),
                ERROR_INPUT, "the signature has 2 columns where the booster has 4");
}

TEST(what_cannot_be_served_is_refused_with_the_reason)
{
    struct artifact a;
    const struct outside_about about = {0};
    CHECK_FAILS(
        outside_xgboost(s, save(s, grow(s, "dart", "reg:squarederror"), "json"), &about, &a),
        ERROR_INPUT, "booster \"dart\" cannot be served, only gbtree");
    CHECK_FAILS(
        outside_xgboost(s, save(s, grow(s, "gblinear", "reg:squarederror"), "ubj"), &about, &a),
        ERROR_INPUT, "booster \"gblinear\" cannot be served, only gbtree");
    CHECK_FAILS(outside_xgboost(s, save(s, grow(s, "gbtree", "binary:hinge"), "json"), &about, &a),
                ERROR_INPUT, "objective \"binary:hinge\" cannot be served");
    CHECK_FAILS(outside_xgboost(s, (struct str){"binf\0\0\0\0", 8}, &about, &a), ERROR_INPUT,
                "it is in XGBoost's old binary form; save it as JSON or UBJSON");
    CHECK_FAILS(outside_xgboost(s, (struct str){"\x80\x04\x95", 3}, &about, &a), ERROR_INPUT,
                "it is in neither XGBoost's JSON nor its UBJSON: not UBJSON at byte 1: no whole "
                "number");
    CHECK_FAILS(outside_xgboost(s, (struct str){"{}", 2}, &about, &a), ERROR_INPUT,
                "learner.gradient_booster.name is missing");
}

static bool
linear(struct scope *s, const char *text, struct artifact *out)
{
    return outside_linear(s, (struct str){text, strlen(text)}, out);
}

TEST(a_linear_model_in_the_neutral_form_is_its_sum_behind_its_link)
{
    struct artifact a;
    CHECK(linear(s,
                 "{\"format\": \"airwatch-linear-1\", \"target\": \"price\", \"features\": "
                 "[\"a\", \"b\"], \"intercept\": 0.5, \"weights\": [2, -1], \"fill\": [null, 3]}",
                 &a));
    CHECK_TEXT(a.recipe.target_name, "price");
    CHECK(!feature_may_miss(a.features, 0) && feature_may_miss(a.features, 1));
    CHECK_NEAR(artifact_predict(&a, (const double[]){1, 4}).value, -1.5, 0);   // 0.5 + 2 - 4
    CHECK_NEAR(artifact_predict(&a, (const double[]){1, NAN}).value, -0.5, 0); // 0.5 + 2 - 3
    CHECK(linear(s,
                 "{\"format\": \"airwatch-linear-1\", \"features\": [\"a\"], \"intercept\": 0, "
                 "\"weights\": [1], \"link\": \"logistic\"}",
                 &a));
    CHECK_NEAR(artifact_predict(&a, (const double[]){log(3)}).value, 0.75, 1e-15);
}

TEST(a_linear_model_that_is_not_whole_is_refused_by_path)
{
    struct artifact a;
    CHECK_FAILS(linear(s, "{\"format\": \"x\", \"features\": [\"a\"]}", &a), ERROR_INPUT,
                "format is \"x\", not \"airwatch-linear-1\"");
    CHECK_FAILS(linear(s, "{\"format\": \"airwatch-linear-1\", \"features\": [1]}", &a),
                ERROR_INPUT, "features[0] is not text");
    CHECK_FAILS(linear(s,
                       "{\"format\": \"airwatch-linear-1\", \"features\": [\"a\"], "
                       "\"intercept\": 0, \"weights\": [1, 2]}",
                       &a),
                ERROR_INPUT, "weights has 2 members, not 1");
    CHECK_FAILS(linear(s,
                       "{\"format\": \"airwatch-linear-1\", \"features\": [\"a\"], "
                       "\"intercept\": 0, \"weights\": [1], \"link\": \"probit\"}",
                       &a),
                ERROR_INPUT, "link is \"probit\", not identity, logistic or exp");
}
