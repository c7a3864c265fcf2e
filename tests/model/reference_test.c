// Numbers to meet: the reference models for the German sample, made with pandas, scikit-learn and
// XGBoost's Python package; train to 2006, choose on 2007, test on 2008-2009.
#include "model/fit.h"
#include "score/interval.h"
#include "score/regression.h"

#include "sample.h"

struct stages {
    struct panel panel;
    struct recipe recipe;
    struct feature_set *early, *late; // fitted up to 2006, up to 2007
    struct design train, validate, both, test;
};

static struct stages
stages_open(struct scope *s)
{
    struct stages g = {.panel = sample_panel(s), .recipe = sample_recipe(s)};
    const struct day a = day_from(2006, 12, 31), b = day_from(2007, 12, 31);
    g.early = feature_fit(s, &g.recipe, &g.panel, a);
    g.late = feature_fit(s, &g.recipe, &g.panel, b);
    g.train = sample_design(s, g.early, &g.panel, g.panel.first, a);
    g.validate = sample_design(s, g.early, &g.panel, day_add(a, 1), b);
    g.both = sample_design(s, g.late, &g.panel, g.panel.first, b);
    g.test = sample_design(s, g.late, &g.panel, day_add(b, 1), day_from(2009, 12, 31));
    return g;
}

static struct regression_summary
score(struct scope *s, const struct design *d, const double guess[])
{
    struct regression r = {0};
    struct regression_summary out;
    for (size_t i = 0; i < d->n_rows; i++)
        regression_add(&r, d->y[i], guess[i]);
    CHECK(regression_summarise(s, &r, &out));
    return out;
}

static double *
predict(struct scope *s, const struct model *m, const struct design *d)
{
    double *out = scope_array(s, d->n_rows, sizeof *out);
    CHECK(m != NULL);
    model_predict(m, d->n_rows, d->X, out);
    return out;
}

static void
check_summary(struct regression_summary got, struct regression_summary want)
{
    CHECK_NEAR((double)got.n, (double)want.n, 0);
    CHECK_NEAR(got.rmse, want.rmse, 1e-4);
    CHECK_NEAR(got.mae, want.mae, 1e-4);
    CHECK_NEAR(got.bias, want.bias, 1e-4);
    CHECK_NEAR(got.r2, want.r2, 1e-4);
}

TEST(reference_baselines_agree_to_a_ten_thousandth)
{
    const struct stages g = stages_open(s);
    const struct model *same = fit_persistence(s, g.late, &g.both);
    const struct model *usual = fit_climatology(s, g.late, &g.both);

    CHECK(g.train.n_rows == 102687);
    CHECK(g.test.n_features == 35);
    check_summary(
        score(s, &g.test, predict(s, same, &g.test)),
        (struct regression_summary){
            .n = 28067, .rmse = 7.729705, .mae = 4.992133, .bias = -0.024477, .r2 = 0.346892});
    check_summary(
        score(s, &g.test, predict(s, usual, &g.test)),
        (struct regression_summary){
            .n = 28067, .rmse = 9.882976, .mae = 7.348476, .bias = 3.097639, .r2 = -0.067665});
    check_summary(score(s, &g.test, g.test.persistence),
                  score(s, &g.test, predict(s, same, &g.test)));
    check_summary(score(s, &g.test, g.test.climatology),
                  score(s, &g.test, predict(s, usual, &g.test)));
}

TEST(reference_ridge_is_matched)
{
    const struct stages g = stages_open(s);
    double alpha;

    CHECK(fit_ridge(s, g.early, &g.recipe.ridge, &g.train, &g.validate, &alpha) != NULL);
    const struct ridge_spec chosen = {.n_alphas = 1, .alphas = {alpha}};
    const struct model *m = fit_ridge(s, g.late, &chosen, &g.both, NULL, &alpha);
    const struct regression_summary got = score(s, &g.test, predict(s, m, &g.test));

    CHECK(got.n == 28067);
    CHECK(got.rmse <= 6.95); // the reference has 6.940
    CHECK(got.mae <= 4.63);  // 4.627
}

TEST(reference_boosted_trees_are_matched_and_their_interval_covers)
{
    const struct stages g = stages_open(s);
    int rounds = 0;
    double factor;
    struct interval_tally t = {0};

    const struct model *first =
        fit_boost(s, g.early, &g.recipe.boost, g.recipe.seed, &g.train, &g.validate, &rounds);
    CHECK(interval_calibrate(s, g.validate.n_rows, g.validate.y, predict(s, first, &g.validate), 3,
                             0.8, &factor));
    const struct model *m =
        fit_boost(s, g.late, &g.recipe.boost, g.recipe.seed, &g.both, NULL, &rounds);
    const double *guess = predict(s, m, &g.test);
    const struct regression_summary got = score(s, &g.test, guess);
    for (size_t i = 0; i < g.test.n_rows; i++) {
        const double half = factor * interval_scale(guess[i], 3);
        interval_add(&t, g.test.y[i], guess[i] - half, guess[i] + half);
    }

    CHECK(got.rmse <= 6.95); // the reference has 6.980
    CHECK(got.mae <= 4.60);  // 4.561
    CHECK_NEAR(interval_coverage(&t), 0.8, 0.03);
}
