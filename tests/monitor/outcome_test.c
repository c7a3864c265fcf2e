#include "monitor/outcome.h"

#include "monitor/history.h"

static const struct query count_mark = {"t_mark", "SELECT as_of FROM serve.outcome_mark"};

static double
truth_now(struct scope *s, struct db *db, int64_t n_wanted)
{
    const struct rows *r = db_query(s, db, &history_outcomes, 0, NULL);
    CHECK(r != NULL && rows_int(r, 0, "n") == n_wanted);
    return rows_number(r, 0, "truth");
}

TEST_DB(outcome_joins_a_day_once_it_is_measured)
{
    const char *site = history_station(s, db, "DE1");
    history_guess(s, db, site, &(struct guess_row){"V1.0.0", "2009-03-02", 20, NAN, NAN, NAN});

    CHECK(history_join(s, db, "2009-03-02") == 0);
    history_truth(s, db, site, "2009-03-02", 23);
    CHECK(history_join(s, db, "2009-03-01") == 0); // not before its day is over
    CHECK(history_join(s, db, "2009-03-03") == 1);
    CHECK(history_join(s, db, "2009-03-04") == 0);

    CHECK_NEAR(truth_now(s, db, 1), 23, 0);
}

TEST_DB(outcome_is_the_mean_over_instruments)
{
    const char *site = history_station(s, db, "DE1");
    history_guess(s, db, site, &(struct guess_row){"V1.0.0", "2009-03-02", 20, NAN, NAN, NAN});
    history_truth(s, db, site, "2009-03-02", 10);
    CHECK(DB_RUN(s, db, &history_observe, site, "2009-03-02", "14", "2"));

    CHECK(history_join(s, db, "2009-03-02") == 1);

    CHECK_NEAR(truth_now(s, db, 1), 12, 0);
}

TEST_DB(outcome_follows_a_recent_correction)
{
    const char *site = history_station(s, db, "DE1");
    history_guess(s, db, site, &(struct guess_row){"V1.0.0", "2009-03-02", 20, NAN, NAN, NAN});
    history_truth(s, db, site, "2009-03-02", 23);
    CHECK(history_join(s, db, "2009-03-02") == 1);
    history_truth(s, db, site, "2009-03-02", 18);

    CHECK(history_join(s, db, "2009-03-04") == 1);

    CHECK_NEAR(truth_now(s, db, 1), 18, 0);
}

TEST_DB(outcome_finds_an_old_day_that_a_later_ingest_reached)
{
    const char *site = history_station(s, db, "DE1");
    history_guess(s, db, site, &(struct guess_row){"V1.0.0", "2009-01-10", 20, NAN, NAN, NAN});
    CHECK(history_join(s, db, "2009-03-01") == 0);
    history_truth(s, db, site, "2009-01-10", 23);
    CHECK(history_join(s, db, "2009-03-02") == 0); // nobody said that it was touched
    CHECK(DB_RUN(s, db, &history_ingest, "2009-01-10"));

    CHECK(history_join(s, db, "2009-03-03") == 1);
    CHECK(history_join(s, db, "2009-03-03") == 0);
}

TEST_DB(outcome_catches_up_after_weeks_without_a_join)
{
    const char *site = history_station(s, db, "DE1");
    history_guess(s, db, site, &(struct guess_row){"V1.0.0", "2009-01-11", 20, NAN, NAN, NAN});
    CHECK(history_join(s, db, "2009-01-10") == 0);
    history_truth(s, db, site, "2009-01-11", 23);

    CHECK(history_join(s, db, "2009-06-01") == 1);
}

TEST_DB(outcome_join_for_an_older_day_does_not_move_the_mark_back)
{
    CHECK(history_join(s, db, "2009-06-01") == 0);
    CHECK(history_join(s, db, "2009-01-01") == 0);

    const struct rows *r = db_query(s, db, &count_mark, 0, NULL);
    CHECK(r != NULL && rows_count(r) == 1);
    CHECK_TEXT(rows_text(r, 0, "as_of"), "2009-06-01");
}

TEST_DB(outcome_leaves_predictions_without_a_station_alone)
{
    history_station(s, db, "DE1");
    history_guess(s, db, NULL, &(struct guess_row){"V1.0.0", "2009-03-02", 20, NAN, NAN, NAN});

    CHECK(history_join(s, db, "2009-03-02") == 0);
}

TEST_DB(outcome_join_for_an_older_day_passes_no_later_ingest_by)
{
    const char *site = history_station(s, db, "DE1");
    history_guess(s, db, site, &(struct guess_row){"V1.0.0", "2009-05-10", 20, NAN, NAN, NAN});
    history_truth(s, db, site, "2009-05-10", 23);
    CHECK(history_join(s, db, "2009-06-01") == 1);
    history_truth(s, db, site, "2009-05-10", 18);
    CHECK(DB_RUN(s, db, &history_ingest, "2009-05-10"));

    CHECK(history_join(s, db, "2009-01-01") == 0); // sees the ingest, but not its day
    CHECK(history_join(s, db, "2009-06-02") == 1);

    CHECK_NEAR(truth_now(s, db, 1), 18, 0);
}
