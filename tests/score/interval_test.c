#include "score/interval.h"

#include "base/chance.h"

#include "test.h"

TEST(interval_factor_is_the_quantile_worked_by_hand)
{
    // Scales 3, 3, 4 and 10; scaled misses 1, 2, 0.5 and 0.1. Of n = 4 the ceil(5 * 0.6) = 3rd
    // smallest is 1.
    const double truth[] = {0, 6, 2, 11}, guess[] = {3, 0, 4, 10};
    double factor;

    CHECK(interval_calibrate(s, 4, truth, guess, 3, 0.6, &factor));
    CHECK_NEAR(factor, 1, 0);
}

TEST(interval_passes_over_pairs_that_are_not_finite)
{
    const double truth[] = {0, NAN, 6, 2, 11}, guess[] = {3, 1, 0, 4, 10};
    double factor;

    CHECK(interval_calibrate(s, 5, truth, guess, 3, 0.6, &factor));
    CHECK_NEAR(factor, 1, 0);
}

TEST(interval_of_too_few_rows_is_an_input_error)
{
    double factor;

    CHECK_FAILS(interval_calibrate(s, 3, (double[]){1, 2, 3}, (double[]){1, 2, 3}, 3, 0.8, &factor),
                ERROR_INPUT, "cannot promise an interval of 80 % coverage from 3 rows");
}

TEST(interval_covers_what_it_promises_on_rows_like_those_it_saw)
{
    enum { N = 20000 };
    struct chance chance = chance_open(3);
    double *truth = scope_array(s, N, sizeof *truth), *guess = scope_array(s, N, sizeof *guess);
    double factor;
    struct interval_tally t = {0};
    for (int i = 0; i < N; i++) {
        guess[i] = 30 * chance_unit(&chance);
        truth[i] = guess[i] * 2 * chance_unit(&chance);
    }

    CHECK(interval_calibrate(s, N / 2, truth, guess, 3, 0.8, &factor));
    for (int i = N / 2; i < N; i++) {
        const double half = factor * interval_scale(guess[i], 3);
        interval_add(&t, truth[i], guess[i] - half, guess[i] + half);
    }

    CHECK_NEAR(interval_coverage(&t), 0.8, 0.015); // four standard errors of both halves' shares
}

TEST(interval_tally_counts_its_bounds_as_inside)
{
    struct interval_tally a = {0};

    CHECK(isnan(interval_coverage(&a)));
    CHECK(isnan(interval_mean_width(&a)));
    interval_add(&a, 1, 1, 3);
    interval_add(&a, 3, 1, 3);
    interval_add(&a, 4, 1, 3);
    interval_add(&a, NAN, 1, 3);
    interval_add(&a, 2, 0, 6);

    CHECK(a.n == 4);
    CHECK_NEAR(interval_coverage(&a), 0.75, 0);
    CHECK_NEAR(interval_mean_width(&a), 3, 0);
}
