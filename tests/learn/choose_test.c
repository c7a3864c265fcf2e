#include "learn/candidate.h"

#include "test.h"

static const struct recipe limit_15 = {
    .gap_limit = 1.5, .ridge = {.n_alphas = 1}, .boost = {.rounds = 1}};

// Training and validation RMSE of persistence, climatology, ridge and boost.
static struct contest
chosen_among(struct scope *s, const double train[4], const double validation[4])
{
    struct contest c = contest_open(&limit_15);
    for (size_t i = 0; i < c.n; i++) {
        c.candidates[i].train_rmse = train[i];
        c.candidates[i].validation_rmse = validation[i];
    }
    contest_choose(s, &c);
    return c;
}

TEST(choose_takes_the_lowest_validation_rmse)
{
    // boost: 6.5 against 6.6 is 1.5 % better; gap 6.5 / 5.2 = 1.25 over persistence's 7.7 / 7.7.
    const struct contest c =
        chosen_among(s, (double[]){7.7, 9, 6.5, 5.2}, (double[]){7.7, 9.9, 6.6, 6.5});

    CHECK_TEXT(c.candidates[c.chosen].family, "boost");
    CHECK_TEXT(c.reason, "boost: validation RMSE 6.5 beats ridge's 6.6 by 1.5 %, more than the "
                         "0.1 % that a simpler family is allowed; gap 1.25 <= 1.5");
}

TEST(choose_lets_a_simpler_family_win_a_near_tie)
{
    // 6.505 / 6.5 is 0.077 % above.
    const struct contest c =
        chosen_among(s, (double[]){7.7, 9, 6.505, 6.5}, (double[]){7.7, 9.9, 6.505, 6.5});

    CHECK_TEXT(c.candidates[c.chosen].family, "ridge");
    CHECK_TEXT(c.reason,
               "ridge: validation RMSE 6.505 is 0.077 % above boost's 6.5, within the 0.1 % "
               "that a simpler family is allowed; gap 1.00 <= 1.5");
}

TEST(choose_refuses_a_family_that_overfits)
{
    const struct contest c =
        chosen_among(s, (double[]){7.7, 9, 6.6, 3}, (double[]){7.7, 9.9, 6.6, 6});

    CHECK_TEXT(c.candidates[c.chosen].family, "ridge");
    CHECK(!c.candidates[3].is_eligible);
    CHECK_TEXT(c.reason,
               "ridge: validation RMSE 6.6 beats persistence's 7.7 by 17 %, more than the "
               "0.1 % that a simpler family is allowed; gap 1.00 <= 1.5; boost overfits "
               "and is not eligible: gap 2.00 > 1.5");
}

TEST(choose_does_not_take_a_harder_year_for_overfitting)
{
    // All miss twice as far on validation, persistence too.
    const struct contest c = chosen_among(s, (double[]){8, 10, 7, 6}, (double[]){16, 20, 14, 12});

    CHECK_TEXT(c.candidates[c.chosen].family, "boost");
    CHECK_NEAR(c.candidates[c.chosen].gap, 1, 1e-15);
}

TEST(choose_falls_back_to_a_baseline)
{
    const struct contest c = chosen_among(s, (double[]){8, 9, 1, 1}, (double[]){8, 9, 7, 7});

    CHECK_TEXT(c.candidates[c.chosen].family, "persistence");
    CHECK(c.candidates[c.chosen].is_chosen);
}
