#include "monitor/history.h"

// Four days of one station, the first two by V1.0.0 and the others by V1.0.1. Errors (guess -
// truth) are 2, -1, 3 and 0; persistence missed by 4, 2, unknown and 6.
static const char *
past_make(struct scope *s, struct db *db)
{
    const char *site = history_station(s, db, "DE1");
    static const struct guess_row guesses[] = {
        {"V1.0.0", "2009-03-01", 12, 10, 14, 14},
        {"V1.0.0", "2009-03-02", 19, 18, 19.5, 22},
        {"V1.0.1", "2009-03-03", 33, 30, 36, NAN},
        {"V1.0.1", "2009-03-04", 40, NAN, NAN, 46},
    };
    static const double truths[] = {10, 20, 30, 40};
    for (size_t i = 0; i < 4; i++) {
        history_guess(s, db, site, &guesses[i]);
        history_truth(s, db, site, guesses[i].day, truths[i]);
    }
    return site;
}

static int64_t
update(struct scope *s, struct db *db, const char *day)
{
    int64_t as_of, n_rows = -1;
    history_join(s, db, day);
    CHECK(time_parse(s, day, &as_of));
    CHECK(accuracy_update(s, db, as_of, &n_rows));
    return n_rows;
}

static const struct rows *
score(struct scope *s, struct db *db, const char *version, const char *window_days, const char *day)
{
    const struct rows *r = DB_QUERY(s, db, &history_score, version, window_days, day);
    CHECK(r != NULL);
    return r;
}

TEST_DB(accuracy_of_all_versions_matches_sums_worked_by_hand)
{
    past_make(s, db);
    update(s, db, "2009-03-04");

    // Squares 4 + 1 + 9 + 0 = 14; the truth spreads 500 around 25. On the three days that know
    // persistence the model has 5 and persistence 16 + 4 + 36 = 56. Truths inside: 10 (on the
    // bound) and 30 of three intervals.
    const struct rows *r = score(s, db, "", "7", "2009-03-04");
    CHECK(rows_count(r) == 1);
    CHECK(rows_int(r, 0, "n") == 4);
    CHECK_NEAR(rows_number(r, 0, "mse"), 3.5, 1e-15);
    CHECK_NEAR(rows_number(r, 0, "rmse"), sqrt(3.5), 1e-15);
    CHECK_NEAR(rows_number(r, 0, "mae"), 1.5, 1e-15);
    CHECK_NEAR(rows_number(r, 0, "bias"), 1, 1e-15);
    CHECK_NEAR(rows_number(r, 0, "r2"), 1 - 14.0 / 500, 1e-12);
    CHECK_NEAR(rows_number(r, 0, "skill"), 1 - 5.0 / 56, 1e-15);
    CHECK_NEAR(rows_number(r, 0, "persistence_rmse"), sqrt(56.0 / 3), 1e-15);
    CHECK_NEAR(rows_number(r, 0, "coverage"), 2.0 / 3, 1e-15);
}

TEST_DB(accuracy_of_a_version_counts_its_own_days_only)
{
    past_make(s, db);
    update(s, db, "2009-03-04");

    const struct rows *r = score(s, db, "V1.0.0", "365", "2009-03-04");
    CHECK(rows_count(r) == 1);
    CHECK(rows_int(r, 0, "n") == 2);
    CHECK_NEAR(rows_number(r, 0, "mse"), 2.5, 1e-15);
    CHECK(rows_count(score(s, db, "V1.0.0", "1", "2009-03-04")) == 0);
}

TEST_DB(accuracy_window_ends_at_its_day_and_begins_behind_its_length)
{
    past_make(s, db);
    update(s, db, "2009-03-04");
    update(s, db, "2009-03-08");

    CHECK(rows_int(score(s, db, "", "1", "2009-03-04"), 0, "n") == 1);
    CHECK(rows_count(score(s, db, "", "1", "2009-03-08")) == 0);
    CHECK(rows_int(score(s, db, "", "7", "2009-03-08"), 0, "n") == 3);
    CHECK(rows_int(score(s, db, "", "30", "2009-03-08"), 0, "n") == 4);
}

TEST_DB(accuracy_of_constant_truth_has_no_r2)
{
    const char *site = history_station(s, db, "DE1");
    static const char *const days[] = {"2009-03-01", "2009-03-02", "2009-03-03"};
    for (size_t i = 0; i < 3; i++) { // thirds of 0.1 do not sum exactly
        history_guess(s, db, site, &(struct guess_row){"V1.0.0", days[i], 1, NAN, NAN, 0.1});
        history_truth(s, db, site, days[i], 0.1);
    }
    update(s, db, "2009-03-03");

    const struct rows *r = score(s, db, "", "7", "2009-03-03");
    CHECK(rows_count(r) == 1);
    CHECK(rows_is_null(r, 0, "r2"));
    CHECK(rows_is_null(r, 0, "skill")); // persistence was never wrong
    CHECK(rows_is_null(r, 0, "coverage"));
    CHECK_NEAR(rows_number(r, 0, "mae"), 0.9, 1e-15);
}

TEST_DB(accuracy_of_truth_that_differs_by_rounding_alone_has_no_r2)
{
    const char *site = history_station(s, db, "DE1");
    history_guess(s, db, site, &(struct guess_row){"V1.0.0", "2009-03-01", 1, NAN, NAN, NAN});
    history_guess(s, db, site, &(struct guess_row){"V1.0.0", "2009-03-02", 1, NAN, NAN, NAN});
    history_truth(s, db, site, "2009-03-01", 0.1);
    history_truth(s, db, site, "2009-03-02", nextafter(0.1, 1));
    update(s, db, "2009-03-02");

    const struct rows *r = score(s, db, "", "7", "2009-03-02");
    CHECK(rows_count(r) == 1);
    CHECK(rows_is_null(r, 0, "r2"));
}

TEST_DB(accuracy_follows_a_corrected_truth)
{
    const char *site = past_make(s, db);
    update(s, db, "2009-03-04");
    history_truth(s, db, site, "2009-03-03", 33);
    CHECK(update(s, db, "2009-03-04") > 0);

    CHECK_NEAR(rows_number(score(s, db, "", "7", "2009-03-04"), 0, "mse"), 5.0 / 4, 1e-15);
}

TEST_DB(accuracy_counts_a_forecast_once_however_often_it_was_asked_for)
{
    const char *site = past_make(s, db);
    for (int i = 0; i < 3; i++)
        history_guess(s, db, site, &(struct guess_row){"V1.0.1", "2009-03-04", 40, 0, 1, 46});
    update(s, db, "2009-03-04");

    CHECK(rows_int(score(s, db, "", "7", "2009-03-04"), 0, "n") == 4);
}

TEST_DB(accuracy_without_outcomes_writes_nothing)
{
    CHECK(update(s, db, "2009-03-04") == 0);
}
