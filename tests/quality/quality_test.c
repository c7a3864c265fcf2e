#include "quality/quality.h"

#include "db.h"

// Ten stations with a value a day from 2009-01-01 to 2009-04-30, never twice the same in a row.
static const char panel[] =
    "SELECT data.observation_years('2008-01-01', '2009-01-01');"
    "INSERT INTO data.site (site, latitude, longitude)"
    " SELECT 'S' || i, 50 + i, 10 FROM generate_series(1, 10) i;"
    "INSERT INTO data.observation (parameter, site_id, day, poc, value, object_id)"
    " SELECT 81102, site_id, d, 1, 20 + site_id % 7 + extract(doy FROM d)::int % 5, 1"
    " FROM data.site, generate_series('2009-01-01'::date, '2009-04-30', '1 day') d;";

static const struct quality_spec spec = {
    .fresh_days = 3,
    .completeness = 0.5,
    .range_share = 0.001,
    .flat_days = 7,
    .rows_at_least = 1000,
};
static const struct query find_check = {
    "t_check", "SELECT verdict, observed, detail FROM data.quality_report WHERE name = $1"};
static const struct query count_checks = {"t_checks",
                                          "SELECT count(*) AS n FROM data.quality_report"};

static struct quality_result
ran(struct scope *s, struct db *db, const char *day)
{
    struct quality_result got;
    int64_t as_of;
    CHECK(time_parse(s, day, &as_of));
    CHECK(quality_run(s, db, &spec, 81102, "pm", as_of, &got));
    return got;
}

static void
check_says(struct scope *s, struct db *db, const char *name, const char *verdict,
           const char *detail)
{
    const struct rows *r = DB_QUERY(s, db, &find_check, name);
    CHECK(r != NULL && rows_count(r) == 1);
    CHECK_TEXT(rows_text(r, 0, "detail"), detail);
    CHECK_TEXT(rows_text(r, 0, "verdict"), verdict);
}

TEST_DB(quality_passes_a_good_panel_and_writes_a_row_for_each_check)
{
    CHECK(db_script(s, db, panel));

    const struct quality_result got = ran(s, db, "2009-04-30");

    CHECK(got.n_checks == 8 && got.n_warnings == 0 && got.n_failures == 0);
    CHECK(got.first_failure == NULL);
    ran(s, db, "2009-04-30"); // replaces
    const struct rows *r = db_query(s, db, &count_checks, 0, NULL);
    CHECK(r != NULL && rows_int(r, 0, "n") == 8);
    check_says(s, db, "rows", "pass", "at least 1000 values");
    check_says(s, db, "flat", "pass", "no station repeats one value for 7 days");
}

TEST_DB(quality_fails_where_the_newest_value_is_old)
{
    CHECK(db_script(s, db, panel));

    const struct quality_result got = ran(s, db, "2009-05-04");

    CHECK(got.n_failures == 1);
    CHECK_TEXT(got.first_failure, "freshness: the newest value is of 2009-04-30, 4 days before "
                                  "2009-05-04 (at most 3)");
}

TEST_DB(quality_looks_no_further_than_its_day)
{
    CHECK(db_script(s, db, panel));
    CHECK(db_script(s, db, "UPDATE data.observation SET value = 5000 WHERE day > '2009-04-20'"));

    CHECK(ran(s, db, "2009-04-20").n_failures == 0);
    CHECK(ran(s, db, "2009-04-30").n_failures > 0);
}

TEST_DB(quality_fails_without_any_value)
{
    const struct quality_result got = ran(s, db, "2009-04-30");

    CHECK(got.n_checks == 8);
    CHECK(got.n_failures >= 3);
    check_says(s, db, "rows", "fail", "0 values, fewer than 1000");
    check_says(s, db, "freshness", "fail", "there is no value at all");
    check_says(s, db, "completeness", "fail", "no station is active");
}

TEST_DB(quality_names_the_stations_with_gaps)
{
    CHECK(db_script(s, db, panel));
    CHECK(db_script(s, db,
                    "DELETE FROM data.observation USING data.site s WHERE s.site_id = "
                    "observation.site_id AND site IN ('S1','S2','S3','S4','S5','S6') AND "
                    "day BETWEEN '2009-02-01' AND '2009-04-21'"));

    const struct quality_result got = ran(s, db, "2009-04-30");

    CHECK(got.n_failures == 2); // and 720 values are too few; 10 of 90 days are 11 %
    check_says(s, db, "completeness", "fail",
               "4 of 10 active stations have 50 % of the last 90 days; the worst: S1 11 %, "
               "S2 11 %, S3 11 %, S4 11 %, S5 11 %");
}

TEST_DB(quality_fails_where_too_many_values_are_out_of_range)
{
    CHECK(db_script(s, db, panel));
    CHECK(db_script(s, db,
                    "UPDATE data.observation SET value = 1500 FROM data.site s WHERE "
                    "s.site_id = observation.site_id AND site = 'S3' AND day IN "
                    "('2009-04-29', '2009-04-30')"));

    ran(s, db, "2009-04-30");

    check_says(s, db, "range", "fail",
               "2 of 900 values are above 1000 ug/m3: S3 on 2009-04-29: 1500, S3 on 2009-04-30: "
               "1500");
}

TEST_DB(quality_fails_where_the_unit_cannot_be_right)
{
    CHECK(db_script(s, db, panel));
    CHECK(db_script(s, db, "UPDATE data.observation SET value = -value"));

    ran(s, db, "2009-04-30");

    const struct rows *r = DB_QUERY(s, db, &find_check, "unit");
    CHECK(r != NULL && rows_count(r) == 1);
    CHECK_TEXT(rows_text(r, 0, "verdict"), "fail");
}

TEST_DB(quality_warns_of_one_stuck_sensor_and_fails_on_many)
{
    CHECK(db_script(s, db, panel));
    CHECK(db_script(s, db,
                    "UPDATE data.observation SET value = 7 FROM data.site s WHERE "
                    "s.site_id = observation.site_id AND site = 'S3' AND day > "
                    "'2009-04-23'"));
    CHECK(ran(s, db, "2009-04-30").n_failures == 0);
    check_says(s, db, "flat", "warn", "1 of 10 active stations repeat one value for 7 days: S3");

    CHECK(db_script(s, db, "UPDATE data.observation SET value = 7 WHERE day > '2009-04-23'"));
    CHECK(ran(s, db, "2009-04-30").n_failures == 1);
}

TEST_DB(quality_warns_of_stations_at_one_place)
{
    CHECK(db_script(s, db, panel));
    CHECK(db_script(s, db, "UPDATE data.site SET latitude = 51 WHERE site = 'S2'"));

    ran(s, db, "2009-04-30");

    check_says(s, db, "duplicates", "warn",
               "2 active stations share their place with another: S1 = S2");
}

TEST_DB(quality_warns_of_instruments_that_disagree)
{
    CHECK(db_script(s, db, panel));
    CHECK(db_script(s, db,
                    "INSERT INTO data.observation (parameter, site_id, day, poc, value, "
                    "object_id) SELECT parameter, site_id, day, 2, 200, 1 FROM "
                    "data.observation WHERE day = '2009-04-30' AND site_id = (SELECT "
                    "min(site_id) FROM data.site)"));

    ran(s, db, "2009-04-30");

    const struct rows *r = DB_QUERY(s, db, &find_check, "instruments");
    CHECK(r != NULL && rows_count(r) == 1);
    CHECK_TEXT(rows_text(r, 0, "verdict"), "warn");
}
