#include "source/pace.h"

#include "base/time.h"

#include "db.h"

static const struct query started = {
    "t_started", "SELECT cardinality(started_at) AS n, ended_at IS NOT NULL AS is_ended, "
                 "extract(epoch FROM not_before - clock_timestamp()) AS left_s "
                 "FROM data.source_pace WHERE service = $1"};
static const struct query put_past = {
    "t_past", "INSERT INTO data.source_pace (service, started_at, ended_at) SELECT 'aqs', "
              "array_agg(clock_timestamp() - interval '59.7 s' ORDER BY i), "
              "clock_timestamp() - interval '50 s' FROM generate_series(1, 10) AS i"};
static const struct query put_killed = {"t_killed",
                                        "INSERT INTO data.source_pace (service, started_at) "
                                        "VALUES ('aqs', ARRAY[clock_timestamp()])"};

static double
begin_s(struct scope *s, struct db *db, const struct pace *pace)
{
    const double from = time_monotonic_s();
    CHECK(pace_begin(s, db, pace));
    return time_monotonic_s() - from;
}

TEST_DB(pace_pauses_after_the_end_of_a_request)
{
    const struct pace pace = {.service = "aqs", .pause_ms = 200};
    begin_s(s, db, &pace);
    CHECK(pace_end(s, db, &pace, 0));

    const double waited_s = begin_s(s, db, &pace);

    CHECK(waited_s > 0.18);
    CHECK(pace_end(s, db, &pace, 0));
}

TEST_DB(pace_counts_a_request_whose_process_died)
{
    const struct pace pace = {.service = "aqs", .pause_ms = 200};
    CHECK(db_run(s, db, &put_killed, 0, NULL));

    CHECK(begin_s(s, db, &pace) > 0.15);
}

TEST_DB(pace_allows_so_many_in_a_minute)
{
    const struct pace pace = {.service = "aqs", .n_a_minute = 10};
    CHECK(db_run(s, db, &put_past, 0, NULL));

    const double waited_s = begin_s(s, db, &pace); // the tenth last was 59.7 s ago

    CHECK(waited_s > 0.1);
    CHECK(pace_end(s, db, &pace, 0));
    const struct rows *r = DB_QUERY(s, db, &started, "aqs");
    CHECK(r != NULL && rows_int(r, 0, "n") == 10 && rows_bool(r, 0, "is_ended"));
}

TEST_DB(pace_of_nine_in_a_minute_waits_for_nothing)
{
    const struct pace pace = {.service = "aqs", .n_a_minute = 11};
    CHECK(db_run(s, db, &put_past, 0, NULL));

    CHECK(begin_s(s, db, &pace) < 0.1);
}

TEST_DB(pace_leaves_a_service_alone_as_long_as_it_asks)
{
    const struct pace pace = {.service = "aqs"};
    begin_s(s, db, &pace);
    CHECK(pace_end(s, db, &pace, 300));

    CHECK(begin_s(s, db, &pace) > 0.27);
}

TEST_DB(pace_gives_one_turn_at_a_time)
{
    const struct pace pace = {.service = "aqs"};
    struct db *other = db_open(s, getenv("TEST_DATABASE_URL"), "other");
    static const struct query try_lock = {
        "t_try",
        "SELECT pg_try_advisory_lock(hashtext('source.pace'), hashtext('aqs')) AS is_free"};
    CHECK(other != NULL);
    begin_s(s, db, &pace);

    const struct rows *r = db_query(s, other, &try_lock, 0, NULL);
    CHECK(r != NULL && !rows_bool(r, 0, "is_free"));
    CHECK(pace_end(s, db, &pace, 0));
    r = db_query(s, other, &try_lock, 0, NULL);
    CHECK(r != NULL && rows_bool(r, 0, "is_free"));
}
