#include "score/regression.h"

#include "base/chance.h"

#include "test.h"

static struct regression
scored(size_t n, const double truth[], const double guess[])
{
    struct regression r = {0};
    for (size_t i = 0; i < n; i++)
        regression_add(&r, truth[i], guess[i]);
    return r;
}

TEST(regression_matches_a_sum_worked_by_hand)
{
    // Misses 0, 0, 0 and -4; truth spreads 5 around its mean of 2.5.
    const struct regression r = scored(4, (double[]){1, 2, 3, 4}, (double[]){1, 2, 3, 8});
    struct regression_summary got;

    CHECK(regression_summarise(s, &r, &got));
    CHECK_NEAR(got.mae, 1.0, 0);
    CHECK_NEAR(got.mse, 4.0, 0);
    CHECK_NEAR(got.rmse, 2.0, 0);
    CHECK_NEAR(got.bias, 1.0, 0);
    CHECK_NEAR(got.r2, -2.2, 1e-15);
}

TEST(regression_without_pairs_is_an_input_error)
{
    const struct regression r = scored(1, (double[]){NAN}, (double[]){1});
    struct regression_summary got;

    CHECK_FAILS(regression_summarise(s, &r, &got), ERROR_INPUT,
                "no finite pair to score (1 skipped)");
}

TEST(regression_of_constant_truth_has_no_r2)
{
    const struct regression r = scored(2, (double[]){3, 3}, (double[]){1, 2});
    struct regression_summary got;

    CHECK(regression_summarise(s, &r, &got));
    CHECK(isnan(got.r2));
    CHECK_NEAR(got.bias, -1.5, 0);
}

TEST(regression_merged_halves_equal_the_whole)
{
    struct chance chance = chance_open(7);
    struct regression whole = {0}, halves[2] = {{0}, {0}};
    struct regression_summary a, b;
    for (int i = 0; i < 1001; i++) {
        const double truth = 100 * chance_unit(&chance), guess = 100 * chance_unit(&chance);
        regression_add(&whole, truth, guess);
        regression_add(&halves[i % 3 == 0], truth, guess);
    }
    regression_merge(&halves[0], &halves[1]);

    CHECK(regression_summarise(s, &whole, &a));
    CHECK(regression_summarise(s, &halves[0], &b));
    CHECK(a.n == b.n);
    // Sums of a thousand numbers in another order differ by rounding only.
    CHECK_NEAR(b.rmse, a.rmse, 1e-11);
    CHECK_NEAR(b.mae, a.mae, 1e-11);
    CHECK_NEAR(b.bias, a.bias, 1e-11);
    CHECK_NEAR(b.r2, a.r2, 1e-11);
}

TEST(regression_merged_into_an_empty_one_is_itself)
{
    const struct regression r = scored(3, (double[]){1, 2, 4}, (double[]){2, 2, 2});
    struct regression empty = {0};

    regression_merge(&empty, &r);

    CHECK(empty.n == 3);
    CHECK_NEAR(empty.mean, r.mean, 1e-15);
    CHECK_NEAR(empty.spread, r.spread, 1e-15);
    CHECK_NEAR(empty.sum, r.sum, 0);
}

TEST(regression_bias_shifts_with_the_guesses)
{
    struct regression_summary a, b;
    const struct regression x = scored(3, (double[]){1, 2, 4}, (double[]){2, 2, 2});
    const struct regression y = scored(3, (double[]){1, 2, 4}, (double[]){12, 12, 12});

    CHECK(regression_summarise(s, &x, &a));
    CHECK(regression_summarise(s, &y, &b));
    CHECK_NEAR(b.bias - a.bias, 10, 1e-12);
}

TEST(regression_skill_is_0_over_itself_and_1_when_perfect)
{
    const double truth[] = {1, 2, 4};
    const struct regression poor = scored(3, truth, (double[]){2, 2, 2});
    const struct regression perfect = scored(3, truth, truth);

    CHECK_NEAR(regression_skill(&poor, &poor), 0, 0);
    CHECK_NEAR(regression_skill(&perfect, &poor), 1, 0);
    CHECK(isnan(regression_skill(&poor, &perfect)));
    CHECK(isnan(regression_skill(&poor, &(struct regression){0})));
}
