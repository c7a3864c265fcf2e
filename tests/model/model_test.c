#include "model/model.h"

#include <xgboost/c_api.h>

#include "base/chance.h"
#include "model/fit.h"
#include "model/kind.h"
#include "model/trees.h"

#include "test.h"

// A recipe of few features, and a design of them with a target that follows from two.
static const char words[] =
    "{\"name\":\"t\",\"description\":\"\",\"tag\":1,\"task\":\"regression\","
    "\"data\":{\"parameter\":81102},\"target\":{\"name\":\"x\",\"unit\":\"ug/m3\","
    "\"horizon_days\":1,\"floor\":0},\"features\":{\"lags\":[0,1],\"rolling\":[],"
    "\"calendar\":{\"harmonics\":0,\"weekday\":false},"
    "\"climatology\":{\"half_window_days\":15,\"at_least\":10},\"position\":false,"
    "\"neighbours\":[]},\"families\":{\"persistence\":{},\"climatology\":{},"
    "\"ridge\":{\"alpha\":[1]},\"boost\":{\"rounds\":30,\"early_stopping\":5,\"depth\":4,"
    "\"learning_rate\":0.3,\"subsample\":0.8,\"colsample\":0.9,\"min_child_weight\":1,"
    "\"lambda\":1}},\"split\":{\"calibrate_days\":1,\"test_days\":1},"
    "\"choice\":{\"gap_limit\":2},\"interval\":{\"coverage\":0.8},\"retrain_days\":28,"
    "\"quality\":{\"fresh_days\":3,\"completeness\":0.5,\"range_share\":0.1,\"flat_days\":7,"
    "\"rows_at_least\":1},\"seed\":1}";

enum { LAG0, LAG1, CHANGE, CLIMATOLOGY, ANOMALY, SITE_MEAN, N_FEATURES };

struct bench { // what a fit needs
    struct recipe recipe;
    struct feature_set *f;
    struct design d;
};

static struct bench
bench_open(struct scope *s, size_t n_rows)
{
    static const char *const sites[] = {"A"};
    struct bench b = {0};
    struct panel p;
    CHECK(recipe_read(s, (struct str){words, sizeof words - 1}, &b.recipe));
    CHECK(panel_open(s, day_from(2001, 1, 1), day_from(2001, 1, 2), 1, sites, &p));
    p.value[0] = 10;
    b.f = feature_fit(s, &b.recipe, &p, panel_last(&p));
    CHECK(b.f != NULL && feature_count(b.f) == N_FEATURES);
    b.d = (struct design){.n_rows = n_rows, .n_features = N_FEATURES};
    b.d.X = scope_array(s, n_rows, N_FEATURES * sizeof *b.d.X);
    b.d.y = scope_array(s, n_rows, sizeof *b.d.y);
    return b;
}

static struct bench
bench_random(struct scope *s, size_t n_rows, double missing)
{
    struct bench b = bench_open(s, n_rows);
    struct chance chance = chance_open(5);
    for (size_t i = 0; i < n_rows; i++) {
        double *x = &b.d.X[i * N_FEATURES];
        for (size_t j = 0; j < N_FEATURES; j++)
            x[j] = 40 * chance_unit(&chance) - 5;
        b.d.y[i] = 3 + 0.5 * x[LAG0] + 0.2 * fabs(x[ANOMALY]) + 4 * chance_unit(&chance);
        for (size_t j = 0; j < N_FEATURES; j++)
            x[j] = chance_unit(&chance) < missing ? NAN : x[j];
    }
    return b;
}

static struct buf
saved(struct scope *s, const struct model *m)
{
    struct buf out = buf_open(s, 4096);
    struct json_writer w = {.out = &out};
    CHECK(m != NULL);
    model_save(m, &w);
    return out;
}

static const struct model *
fitted(struct scope *s, const struct bench *b, const char *family)
{
    double alpha;
    int rounds = 12;
    switch (family[0]) {
    case 'p':
        return fit_persistence(s, b->f, &b->d);
    case 'c':
        return fit_climatology(s, b->f, &b->d);
    case 'r':
        return fit_ridge(s, b->f, &b->recipe.ridge, &b->d, NULL, &alpha);
    default:
        return fit_boost(s, b->f, &b->recipe.boost, 1, &b->d, NULL, &rounds);
    }
}

static const char *const families[] = {"persistence", "climatology", "ridge", "boost"};

TEST(model_baselines_fall_back_where_they_have_nothing_to_repeat)
{
    const struct bench b = bench_open(s, 2);
    const double rows[3][N_FEATURES] = {[0] = {[LAG0] = 7, [CLIMATOLOGY] = 9},
                                        [1] = {[LAG0] = NAN, [CLIMATOLOGY] = 9},
                                        [2] = {[LAG0] = NAN, [CLIMATOLOGY] = NAN}};
    double got[3];
    b.d.y[0] = 1;
    b.d.y[1] = 4;

    model_predict(fitted(s, &b, "persistence"), 3, rows[0], got);
    CHECK_NEAR(got[0], 7, 0);
    CHECK_NEAR(got[1], 9, 0);
    CHECK_NEAR(got[2], 2.5, 0);
    model_predict(fitted(s, &b, "climatology"), 3, rows[0], got);
    CHECK_NEAR(got[0], 9, 0);
    CHECK_NEAR(got[2], 2.5, 0);
}

TEST(model_ridge_solves_a_system_worked_by_hand)
{
    // One column varies: 1, 2, 3 (mean 2, variance 2/3) against 1, 2, 6 (mean 3). Standardised,
    // z'z = 3 and z'y = 5 / sqrt(2/3); with alpha 1 the weight is z'y / 4, and in the column's
    // own unit 5 / (2/3) / 4 = 1.875.
    const struct bench b = bench_open(s, 3);
    const double truth[] = {1, 2, 6};
    for (size_t i = 0; i < 3; i++) {
        b.d.X[i * N_FEATURES + LAG0] = (double)i + 1;
        b.d.X[i * N_FEATURES + SITE_MEAN] = 17; // constant
        b.d.X[i * N_FEATURES + LAG1] = NAN;     // never there, nor a climatology to stand in
        b.d.X[i * N_FEATURES + CLIMATOLOGY] = NAN;
        b.d.y[i] = truth[i];
    }
    double got[3];

    model_predict(fitted(s, &b, "ridge"), 3, b.d.X, got);

    CHECK_NEAR(got[0], 3 - 1.875, 1e-13);
    CHECK_NEAR(got[1], 3, 1e-13);
    CHECK_NEAR(got[2], 3 + 1.875, 1e-13);
}

TEST(model_ridge_meets_the_normal_equations)
{
    // At the minimum of |y - Zw|^2 + alpha |w|^2 the gradient Z'(y - Zw) - alpha w is zero.
    const struct bench b = bench_random(s, 500, 0);
    const struct model *m = fitted(s, &b, "ridge");
    const struct ridge *r = m->fitted;
    double *guess = scope_array(s, 500, sizeof *guess);
    model_predict(m, 500, b.d.X, guess);

    for (size_t j = 0; j < N_FEATURES; j++) {
        double sum = 0, squares = 0, gradient = 0;
        for (size_t i = 0; i < 500; i++)
            sum += b.d.X[i * N_FEATURES + j];
        for (size_t i = 0; i < 500; i++)
            squares += pow(b.d.X[i * N_FEATURES + j] - sum / 500, 2);
        const double sd = sqrt(squares / 500);
        for (size_t i = 0; i < 500; i++)
            gradient += (b.d.X[i * N_FEATURES + j] - sum / 500) / sd * (b.d.y[i] - guess[i]);
        CHECK_NEAR(gradient, r->weight[j] * sd, 1e-9);
    }
}

TEST(model_ridge_puts_the_climatology_in_for_missing_levels_and_the_mean_for_others)
{
    const struct bench b = bench_random(s, 400, 0.1);
    const struct model *m = fitted(s, &b, "ridge");
    const struct ridge *r = m->fitted;
    double x[2][N_FEATURES] = {{1, 2, NAN, 11, 3, 4}, {NAN, 2, 5, 11, 3, 4}}, got[2], want[2];

    model_predict(m, 2, x[0], got);
    x[0][CHANGE] = r->fill[CHANGE];
    x[1][LAG0] = 11;
    model_predict(m, 2, x[0], want);

    CHECK_NEAR(got[0], want[0], 0);
    CHECK_NEAR(got[1], want[1], 0);
}

TEST(model_ridge_chooses_the_penalty_that_validates_best)
{
    struct bench b = bench_random(s, 300, 0);
    double alpha = 0;
    b.recipe.ridge = (struct ridge_spec){.n_alphas = 3, .alphas = {1e9, 0.001, 1e6}};

    CHECK(fit_ridge(s, b.f, &b.recipe.ridge, &b.d, &b.d, &alpha) != NULL);

    CHECK_NEAR(alpha, 0.001, 0); // on its own training rows the weakest fits best
}

TEST(model_fits_leave_out_rows_without_a_target)
{
    for (size_t k = 0; k < 4; k++) {
        struct bench a = bench_random(s, 300, 0.1), b = bench_random(s, 300, 0.1);
        a.d.n_rows = 250;
        for (size_t i = 250; i < 300; i++)
            b.d.y[i] = NAN;
        CHECK_TEXT(saved(s, fitted(s, &b, families[k])).text,
                   saved(s, fitted(s, &a, families[k])).text);
    }
}

TEST(model_fits_without_rows_are_input_errors)
{
    const struct bench b = bench_open(s, 0);

    CHECK_FAILS(fitted(s, &b, "persistence"), ERROR_INPUT, "no row to learn from");
    CHECK_FAILS(fitted(s, &b, "ridge"), ERROR_INPUT, "no row to learn from");
    CHECK_FAILS(fitted(s, &b, "boost"), ERROR_INPUT, "cannot grow trees: no row to learn from");
}

TEST(model_ridge_of_a_constant_target_is_an_input_error)
{
    const struct bench b = bench_random(s, 20, 0);
    for (size_t i = 0; i < 20; i++)
        b.d.y[i] = 0.1;

    CHECK_FAILS(fitted(s, &b, "ridge"), ERROR_INPUT, "the target is 0.1 in all 20 rows");
}

TEST(model_of_one_row_predicts_it)
{
    const struct bench b = bench_random(s, 1, 0);
    double got;

    CHECK(!fitted(s, &b, "ridge")); // one target is constant
    scope_forgive(s);
    model_predict(fitted(s, &b, "persistence"), 1, b.d.X, &got);
    CHECK_NEAR(got, b.d.X[LAG0], 0);
    CHECK(fitted(s, &b, "boost") != NULL);
}

TEST(model_fitted_twice_saves_the_same_bytes)
{
    const struct bench b = bench_random(s, 3000, 0.1);

    for (size_t k = 0; k < 4; k++)
        CHECK_TEXT(saved(s, fitted(s, &b, families[k])).text,
                   saved(s, fitted(s, &b, families[k])).text);
}

TEST(model_loaded_predicts_the_same_bits)
{
    const struct bench b = bench_random(s, 1000, 0.1);
    double *a = scope_array(s, 1000, sizeof *a), *c = scope_array(s, 1000, sizeof *c);

    for (size_t k = 0; k < 4; k++) {
        const struct model *m = fitted(s, &b, families[k]);
        const struct buf text = saved(s, m);
        const struct model *again = model_load(s, json_parse(s, text.text, text.n));
        CHECK(again != NULL);
        CHECK_TEXT(saved(s, again).text, text.text);
        model_predict(m, 1000, b.d.X, a);
        model_predict(again, 1000, b.d.X, c);
        CHECK(memcmp(a, c, 1000 * sizeof *a) == 0);
    }
}

TEST(model_row_by_row_predicts_as_all_at_once)
{
    const struct bench b = bench_random(s, 777, 0.1);
    double *all = scope_array(s, 777, sizeof *all), one;

    for (size_t k = 0; k < 4; k++) {
        const struct model *m = fitted(s, &b, families[k]);
        model_predict(m, 777, b.d.X, all);
        for (size_t i = 0; i < 777; i++) {
            model_predict(m, 1, &b.d.X[i * N_FEATURES], &one);
            CHECK_NEAR(one, all[i], 0);
        }
    }
}

TEST(model_boost_stops_early_and_keeps_the_best_rounds)
{
    struct bench b = bench_random(s, 400, 0), v = bench_random(s, 800, 0);
    b.recipe.boost.rounds = 500;
    b.recipe.boost.depth = 8;
    v.d.X += 400 * N_FEATURES;
    v.d.y += 400;
    v.d.n_rows = 400;
    int rounds = 0;

    const struct model *m = fit_boost(s, b.f, &b.recipe.boost, 1, &b.d, &v.d, &rounds);

    CHECK(m != NULL);
    CHECK(rounds > 3 && rounds < 400);
    CHECK(((const struct trees *)m->fitted)->n_trees == (size_t)rounds);
}

TEST(model_boost_takes_a_value_that_no_row_missed_for_one_of_most_rows)
{
    struct bench b = bench_random(s, 1000, 0);
    for (size_t i = 0; i < 1000; i++) // one day in ten is high
        b.d.y[i] = b.d.X[i * N_FEATURES + LAG0] = i % 10 == 0 ? 100 : 5;
    const struct model *m = fitted(s, &b, "boost");
    double row[N_FEATURES], low, high, missing;
    CHECK(m != NULL);
    memcpy(row, b.d.X, sizeof row);

    row[LAG0] = 100;
    model_predict(m, 1, row, &high);
    row[LAG0] = 5;
    model_predict(m, 1, row, &low);
    row[LAG0] = NAN;
    model_predict(m, 1, row, &missing);

    CHECK(high > low + 50);
    CHECK_NEAR(missing, low, 1);
}

TEST(model_boost_failure_is_told_in_the_words_of_xgboost)
{
    struct bench b = bench_random(s, 50, 0);
    b.d.X[7] = INFINITY;

    CHECK(!fitted(s, &b, "boost"));
    CHECK(s->kind == ERROR_INPUT);
    CHECK(strstr(s->message, "cannot grow trees: XGBoost: ") != NULL);
    CHECK(strstr(s->message, "inf") != NULL);
}
