#include "quality/panel.h"

// The panel has 10 stations x 120 days; the last 90 of them are 900 rows.

TEST_DB(row_count_holds_between_its_bounds)
{
    PANEL_CASES({"", "{\"expect\":\"row_count\",\"min\":1200}", "pass", 1200, 0, "[]"},
                {"", "{\"expect\":\"row_count\",\"min\":1201}", "fail", 1200, 1, "[]"},
                {"", "{\"expect\":\"row_count\",\"max\":1200}", "pass", 1200, 0, "[]"},
                {"", "{\"expect\":\"row_count\",\"max\":1199}", "fail", 1200, 1, "[]"},
                {"", "{\"expect\":\"row_count\",\"min\":901,\"days\":90}", "fail", 900, 1, "[]"},
                {"", "{\"expect\":\"row_count\",\"min\":900,\"max\":900,\"days\":90}", "pass", 900,
                 0, "[]"},
                {"",
                 "{\"expect\":\"row_count\",\"min\":451,\"days\":90,\"where\":\"state = 'NC'\"}",
                 "fail", 450, 1, "[]"},
                {"", "{\"expect\":\"row_count\",\"min\":1199.5}", "pass", 1200, 0, "[]"},
                {"", "{\"expect\":\"row_count\",\"max\":1199.5}", "fail", 1200, 1, "[]"},
                {"DELETE FROM data.observation", "{\"expect\":\"row_count\",\"min\":1}", "fail", 0,
                 1, "[]"});
}

TEST_DB(row_count_by_station_counts_stations)
{
    PANEL_CASES({"DELETE FROM data.observation WHERE site_id = 3 AND day > '2009-04-20'",
                 "{\"expect\":\"row_count\",\"by\":\"site\",\"min\":90,\"days\":90}", "fail", 10, 1,
                 "{\"site\":\"S3\",\"observed\":80}"},
                {"DELETE FROM data.observation WHERE site_id = 3 AND day > '2009-04-20'",
                 "{\"expect\":\"row_count\",\"by\":\"site\",\"min\":90,\"days\":90,\"mostly\":0.9}",
                 "pass", 10, 1, "S3"},
                {"DELETE FROM data.observation WHERE site_id IN (3, 4) AND day > '2009-04-20'",
                 "{\"expect\":\"row_count\",\"by\":\"site\",\"min\":90,\"days\":90,\"mostly\":0.9}",
                 "fail", 10, 2, "S4"});
}

TEST_DB(completeness_counts_stations_with_gaps)
{
    const char *gap = "DELETE FROM data.observation WHERE site_id <= 6 AND "
                      "day BETWEEN '2009-02-01' AND '2009-04-21'"; // 10 of 90 days are left
    PANEL_CASES(
        {"", "{\"expect\":\"completeness\",\"share\":1}", "pass", 10, 0, "[]"},
        {gap, "{\"expect\":\"completeness\",\"share\":0.5}", "fail", 10, 6,
         "{\"site\":\"S1\",\"days\":10,\"expected\":90,\"share\":0.1111}"},
        {gap, "{\"expect\":\"completeness\",\"share\":0.1111111111111111}", "pass", 10, 0, "[]"},
        {gap, "{\"expect\":\"completeness\",\"share\":0.5,\"mostly\":0.4}", "pass", 10, 6, "S5"},
        {gap, "{\"expect\":\"completeness\",\"share\":0.5,\"mostly\":0.41}", "fail", 10, 6, "S5"},
        {gap, "{\"expect\":\"completeness\",\"share\":0.5,\"mostly\":0.4,\"warn_below\":0.5}",
         "warn", 10, 6, "S5"},
        // 4 x 90 + 6 x 10 = 420 of 900
        {gap, "{\"expect\":\"completeness\",\"share\":0,\"overall\":0.466}", "pass", 10, 0, "[]"},
        {gap, "{\"expect\":\"completeness\",\"share\":0,\"overall\":0.467}", "fail", 10, 0, "[]"},
        // A second instrument on the same days makes nothing more complete.
        {"INSERT INTO data.observation (parameter, site_id, day, poc, value, object_id) "
         "SELECT parameter, site_id, day, 2, value, 1 FROM data.observation WHERE site_id = "
         "1; DELETE FROM data.observation WHERE site_id = 1 AND day > '2009-04-21'",
         "{\"expect\":\"completeness\",\"share\":1}", "fail", 10, 1,
         "{\"site\":\"S1\",\"days\":81,\"expected\":90,\"share\":0.9000}"},
        // A station that ended is not active, and nobody's gap.
        {"DELETE FROM data.observation WHERE site_id = 1 AND day > '2009-03-31'",
         "{\"expect\":\"completeness\",\"share\":1}", "pass", 9, 0, "[]"},
        {"DELETE FROM data.observation", "{\"expect\":\"completeness\"}", "fail", 0, 1, "[]"});
}

// The window is of 2009-01-31 to 2009-04-30.
TEST_DB(completeness_knows_from_before_its_window_what_is_expected)
{
    const char *late = "DELETE FROM data.observation WHERE day BETWEEN '2009-01-31' AND "
                       "'2009-03-16'"; // 45 days
    const char *gone = "DELETE FROM data.observation WHERE site_id = 1 AND day > '2009-04-20'";
    PANEL_CASES(
        {late, "{\"expect\":\"completeness\",\"share\":0.5}", "pass", 10, 0, "[]"},
        {late, "{\"expect\":\"completeness\",\"share\":0.51}", "fail", 10, 10,
         "{\"site\":\"S1\",\"days\":45,\"expected\":90,\"share\":0.5000}"},
        {late, "{\"expect\":\"completeness\",\"by\":\"day\"}", "fail", 90, 45,
         "{\"day\":\"2009-01-31\",\"sites\":0,\"expected\":10,\"share\":0.0000}"},
        // Nobody was there before: then it begins with the first.
        {"DELETE FROM data.observation WHERE day < '2009-03-17'",
         "{\"expect\":\"completeness\",\"share\":1}", "pass", 10, 0, "[]"},
        {"DELETE FROM data.observation WHERE day < '2009-03-17'",
         "{\"expect\":\"completeness\",\"by\":\"day\",\"share\":1}", "pass", 45, 0, "[]"},
        // Ten days ago is active still, though the window is of seven.
        {gone, "{\"expect\":\"completeness\",\"days\":7}", "fail", 10, 1,
         "{\"site\":\"S1\",\"days\":0,\"expected\":7,\"share\":0.0000}"},
        {gone, "{\"expect\":\"completeness\",\"days\":7,\"active_days\":10}", "pass", 9, 0, "[]"},
        {gone, "{\"expect\":\"completeness\",\"days\":7,\"by\":\"day\",\"share\":1}", "fail", 7, 7,
         "{\"day\":\"2009-04-24\",\"sites\":9,\"expected\":10,\"share\":0.9000}"});
}

// 9 of 10 stations have the day.
TEST_DB(completeness_tells_which_of_its_bounds_is_missed)
{
    CHECK(db_script(s, db, panel));
    CHECK(
        db_script(s, db, "DELETE FROM data.observation WHERE site_id = 1 AND day = '2009-04-30'"));
    const struct quality_check got =
        check_of(s, db, "{\"expect\":\"completeness\",\"by\":\"day\",\"days\":1,\"overall\":0.95}");

    CHECK_TEXT(got.verdict, "fail");
    CHECK_NEAR(got.observed, 0.9, 1e-15);
    CHECK_NEAR(got.bound, 0.95, 0);
    CHECK_TEXT(got.detail, "1 of 1 days have 50 % of the stations at work; in all 90 % of the "
                           "expected site-days are there, fewer than 95 %");
}

TEST_DB(completeness_by_day_names_the_days)
{
    const char *gap = "DELETE FROM data.observation WHERE site_id <= 6 AND day = '2009-04-10'";
    PANEL_CASES(
        {gap, "{\"expect\":\"completeness\",\"by\":\"day\",\"share\":0.4}", "pass", 90, 0, "[]"},
        {gap, "{\"expect\":\"completeness\",\"by\":\"day\",\"share\":0.5}", "fail", 90, 1,
         "{\"day\":\"2009-04-10\",\"sites\":4,\"expected\":10,\"share\":0.4000}"},
        {"DELETE FROM data.observation WHERE day = '2009-04-30'",
         "{\"expect\":\"completeness\",\"by\":\"day\"}", "fail", 90, 1, "2009-04-30"});
}

TEST_DB(freshness_tells_how_old_the_newest_is)
{
    PANEL_CASES({"", "{\"expect\":\"freshness\",\"max_age_days\":0}", "pass", 900, 0, "[]"},
                {"DELETE FROM data.observation WHERE day > '2009-04-27'",
                 "{\"expect\":\"freshness\",\"max_age_days\":3}", "pass", 870, 0, "[]"},
                {"DELETE FROM data.observation WHERE day > '2009-04-26'",
                 "{\"expect\":\"freshness\",\"max_age_days\":3}", "fail", 860, 1, "[]"},
                {"DELETE FROM data.observation WHERE day > '2009-04-26' AND site_id = 2",
                 "{\"expect\":\"freshness\",\"max_age_days\":3,\"by\":\"site\"}", "fail", 10, 1,
                 "{\"site\":\"S2\",\"observed\":4}"},
                {"DELETE FROM data.observation WHERE day > '2009-04-26' AND site_id = 2",
                 "{\"expect\":\"freshness\",\"max_age_days\":3,\"by\":\"site\",\"mostly\":0.9}",
                 "pass", 10, 1, "S2"},
                {"DELETE FROM data.observation WHERE day > '2009-01-02'",
                 "{\"expect\":\"freshness\",\"max_age_days\":3}", "fail", 0, 1, "[]"},
                {"DELETE FROM data.observation", "{\"expect\":\"freshness\",\"max_age_days\":3}",
                 "fail", 0, 1, "[]"});
    CHECK(db_script(s, db, "DELETE FROM data.observation WHERE day > '2009-01-02'"));
    CHECK_TEXT(check_of(s, db, "{\"expect\":\"freshness\",\"max_age_days\":3}").detail,
               "the newest row is of 2009-01-02, 118 days before 2009-04-30 (at most 3)");
}

TEST_DB(range_takes_its_bounds_in_and_not_a_number_for_missing)
{
    const char *two = "UPDATE data.observation SET value = 1500 WHERE site_id = 3 AND "
                      "day > '2009-04-28'";
    PANEL_CASES(
        {"", "{\"expect\":\"range\",\"min\":20,\"max\":30}", "pass", 900, 0, "[]"},
        {"", "{\"expect\":\"range\",\"above\":20}", "fail", 900, 18, "\"value\":20"},
        {"", "{\"expect\":\"range\",\"below\":30}", "fail", 900, 18, "\"value\":30"},
        {two, "{\"expect\":\"range\",\"max\":\"high\"}", "fail", 900, 2,
         "[{\"site\":\"S3\",\"day\":\"2009-04-30\",\"poc\":1,\"value\":1500}, \n "
         "{\"site\":\"S3\",\"day\":\"2009-04-29\",\"poc\":1,\"value\":1500}]"},
        {two, "{\"expect\":\"range\",\"max\":\"ceiling\"}", "pass", 900, 0, "[]"},
        {two, "{\"expect\":\"range\",\"max\":\"high\",\"mostly\":0.997}", "pass", 900, 2, "S3"},
        {two, "{\"expect\":\"range\",\"max\":\"high\",\"mostly\":0.998}", "fail", 900, 2, "S3"},
        {two, "{\"expect\":\"range\",\"max\":\"high\",\"mostly\":0,\"warn_below\":1}", "warn", 900,
         2, "S3"},
        {two, "{\"expect\":\"range\",\"max\":\"high\",\"severity\":\"warn\"}", "warn", 900, 2,
         "S3"},
        {two, "{\"expect\":\"range\",\"max\":\"high\",\"where\":\"state = 'VA'\"}", "pass", 450, 0,
         "[]"},
        {two, "{\"expect\":\"range\",\"max\":\"high\",\"sample\":1}", "fail", 900, 2,
         "[{\"site\":\"S3\",\"day\":\"2009-04-30\",\"poc\":1,\"value\":1500}]"},
        {two, "{\"expect\":\"range\",\"max\":\"high\",\"sample\":0}", "fail", 900, 2, "[]"},
        {"UPDATE data.observation SET value = 'NaN' WHERE site_id = 3",
         "{\"expect\":\"range\",\"min\":0}", "pass", 810, 0, "[]"},
        {"UPDATE data.observation SET value = 'Infinity' WHERE site_id = 3 AND day = "
         "'2009-04-30'",
         "{\"expect\":\"range\",\"max\":1e308}", "fail", 900, 1, "Infinity"},
        {"", "{\"expect\":\"range\",\"column\":\"n_hours\",\"min\":25}", "fail", 900, 900,
         "\"n_hours\":24"},
        {"DELETE FROM data.observation", "{\"expect\":\"range\",\"min\":0}", "pass", 0, 0, "[]"});
}

TEST_DB(range_of_an_unknown_parameter_cannot_hold)
{
    PANEL_CASES({"DELETE FROM data.parameter WHERE parameter = 81102",
                 "{\"expect\":\"range\",\"max\":\"high\",\"mostly\":0.5}", "fail", 900, 900, "S1"});
}

TEST_DB(null_share_counts_missing_and_not_a_number)
{
    const char *nine = "UPDATE data.observation SET n_hours = NULL WHERE site_id = 3 AND day > "
                       "'2009-04-21'"; // 9 of 900
    PANEL_CASES(
        {"", "{\"expect\":\"null_share\",\"column\":\"n_hours\"}", "pass", 900, 0, "[]"},
        {nine, "{\"expect\":\"null_share\",\"column\":\"n_hours\",\"max\":0.01}", "pass", 900, 9,
         "\"n_hours\":null"},
        {nine, "{\"expect\":\"null_share\",\"column\":\"n_hours\",\"max\":0.0099}", "fail", 900, 9,
         "S3"},
        {nine, "{\"expect\":\"null_share\",\"column\":\"n_hours\",\"mostly\":0.99}", "pass", 900, 9,
         "S3"},
        {"UPDATE data.observation SET value = 'NaN' WHERE site_id = 3",
         "{\"expect\":\"null_share\",\"max\":0.1}", "pass", 900, 90, "\"value\":null"},
        {"DELETE FROM data.observation", "{\"expect\":\"null_share\"}", "pass", 0, 0, "[]"});
}

TEST_DB(unique_names_the_keys_that_stand_twice)
{
    const char *place = "UPDATE data.site SET latitude = 50.1 WHERE site = 'S2'";
    const char *twin = "INSERT INTO data.observation (parameter, site_id, day, poc, value, "
                       "object_id) SELECT parameter, site_id, day, 2, value, 1 FROM "
                       "data.observation WHERE day = '2009-04-30' AND site_id = 4";
    PANEL_CASES(
        {"", "{\"expect\":\"unique\",\"key\":[\"site\",\"day\",\"poc\"]}", "pass", 900, 0, "[]"},
        {twin, "{\"expect\":\"unique\",\"key\":[\"site\",\"day\"]}", "fail", 901, 2,
         "[{\"site\":\"S4\",\"day\":\"2009-04-30\",\"n_rows\":2}]"},
        {twin, "{\"expect\":\"unique\",\"key\":[\"site\",\"day\"],\"mostly\":0.99}", "pass", 901, 2,
         "S4"},
        {place, "{\"expect\":\"unique\",\"key\":[\"latitude\",\"longitude\",\"day\",\"poc\"]}",
         "fail", 900, 180, "\"site\":\"S1\",\"other_site\":\"S2\",\"n_rows\":2"},
        {place,
         "{\"expect\":\"unique\",\"key\":[\"latitude\",\"longitude\",\"day\",\"poc\"],"
         "\"where\":\"site <> 'S2'\"}",
         "pass", 810, 0, "[]"},
        // What is missing is the same as nothing.
        {"UPDATE data.site SET latitude = NULL",
         "{\"expect\":\"unique\",\"key\":[\"latitude\",\"longitude\",\"day\",\"poc\"]}", "pass", 0,
         0, "[]"});
}

TEST_DB(allowed_values_names_the_others)
{
    const char *other = "UPDATE data.observation SET event = 'X' WHERE site_id = 2 AND day = "
                        "'2009-04-30'";
    PANEL_CASES(
        {"", "{\"expect\":\"allowed_values\",\"column\":\"event\",\"values\":[\"N\",\"I\"]}",
         "pass", 900, 0, "[]"},
        {other, "{\"expect\":\"allowed_values\",\"column\":\"event\",\"values\":[\"N\",\"I\"]}",
         "fail", 900, 1, "\"event\":\"X\""},
        {other,
         "{\"expect\":\"allowed_values\",\"column\":\"event\",\"values\":[\"N\"],\"mostly\":0.99}",
         "pass", 900, 1, "S2"},
        {"", "{\"expect\":\"allowed_values\",\"column\":\"poc\",\"values\":[1, 2]}", "pass", 900, 0,
         "[]"},
        {"", "{\"expect\":\"allowed_values\",\"column\":\"poc\",\"values\":[2]}", "fail", 900, 900,
         "\"poc\":1"},
        {"UPDATE data.observation SET n_hours = NULL",
         "{\"expect\":\"allowed_values\",\"column\":\"n_hours\",\"values\":[24]}", "pass", 0, 0,
         "[]"});
}

TEST_DB(distinct_share_holds_between_its_bounds)
{
    // 20 to 30: 11 different values in 900 rows; a station has 5 in 90.
    PANEL_CASES({"", "{\"expect\":\"distinct_share\",\"min\":0.0122}", "pass", 1, 0, "[]"},
                {"", "{\"expect\":\"distinct_share\",\"min\":0.0123}", "fail", 1, 1, "[]"},
                {"", "{\"expect\":\"distinct_share\",\"max\":0.0122}", "fail", 1, 1, "[]"},
                {"UPDATE data.observation SET value = 7 WHERE site_id = 5",
                 "{\"expect\":\"distinct_share\",\"by\":\"site\",\"min\":0.05}", "fail", 10, 1,
                 "\"site\":\"S5\",\"observed\":0.0111"},
                {"UPDATE data.observation SET value = 7 WHERE site_id = 5",
                 "{\"expect\":\"distinct_share\",\"by\":\"site\",\"min\":0.05,\"mostly\":0.9}",
                 "pass", 10, 1, "S5"},
                {"DELETE FROM data.observation", "{\"expect\":\"distinct_share\",\"min\":0.5}",
                 "pass", 0, 0, "[]"});
}

TEST_DB(flat_line_finds_a_run_wherever_it_begins)
{
    CHECK(db_script(s, db, panel));
    for (int length = 2; length <= 7; length += length == 4 ? 3 : 1)
        for (int first = 0; first < length; first++) { // every place in the stride of length - 1
            struct scope one = {0};
            CHECK(db_begin(&one, db));
            CHECK(db_script(
                &one, db,
                scope_print(s,
                            "UPDATE data.observation SET value = 777 WHERE site_id = 3 AND day "
                            "BETWEEN date '2009-03-10' + %d AND date '2009-03-10' + %d",
                            first, first + length - 1)));
            const struct quality_check exact = check_of(
                s, db, scope_print(s, "{\"expect\":\"flat_line\",\"run_days\":%d}", length));
            const struct quality_check more = check_of(
                s, db, scope_print(s, "{\"expect\":\"flat_line\",\"run_days\":%d}", length + 1));
            CHECK(exact.n_bad == 1 && strstr(exact.sample, "\"site\":\"S3\"") != NULL);
            CHECK(more.n_bad == 0 && more.n_rows == 10);
            scope_close(&one);
        }
}

TEST_DB(flat_line_counts_stations_and_days_in_a_row)
{
    const char *stuck = "UPDATE data.observation SET value = 7 WHERE site_id = 3 AND day > "
                        "'2009-04-23'";
    PANEL_CASES(
        {stuck, "{\"expect\":\"flat_line\",\"mostly\":0.9,\"warn_below\":1}", "warn", 10, 1,
         "\"value\":7,\"first_day\":\"2009-04-24\",\"last_day\":\"2009-04-30\""},
        {stuck, "{\"expect\":\"flat_line\",\"mostly\":0.91}", "fail", 10, 1, "S3"},
        {"UPDATE data.observation SET value = 7 WHERE day > '2009-04-23'",
         "{\"expect\":\"flat_line\",\"mostly\":0.9}", "fail", 10, 10, "S1"},
        // A day in between that is missing is no repetition.
        {"UPDATE data.observation SET value = 7 WHERE site_id = 3 AND day > '2009-04-23'; "
         "DELETE FROM data.observation WHERE day = '2009-04-27'",
         "{\"expect\":\"flat_line\"}", "pass", 10, 0, "[]"},
        {stuck, "{\"expect\":\"flat_line\",\"where\":\"value <> 7\"}", "pass", 10, 0, "[]"});
}

TEST_DB(instruments_that_disagree_are_counted)
{
    const char *second =
        "INSERT INTO data.observation (parameter, site_id, day, poc, value, object_id) SELECT "
        "parameter, site_id, day, 2, value * 3, 1 FROM data.observation WHERE site_id = 1 AND "
        "day > '2009-04-20'; UPDATE data.observation SET value = value * 1.1 WHERE poc = 2 AND "
        "day > '2009-04-25'"; // three times: the difference is their middle; a tenth more: above it
    PANEL_CASES({"", "{\"expect\":\"instruments\"}", "pass", 0, 0, "[]"},
                {second, "{\"expect\":\"instruments\"}", "fail", 10, 5, "\"site\":\"S1\""},
                {second, "{\"expect\":\"instruments\",\"mostly\":0.5}", "pass", 10, 5, "S1"},
                {second, "{\"expect\":\"instruments\",\"ratio\":1.1}", "pass", 10, 0, "[]"},
                {second, "{\"expect\":\"instruments\",\"where\":\"day <= '2009-04-25'\"}", "pass",
                 5, 0, "[]"});
}

TEST_DB(schema_holds_the_catalogue_against_the_wish)
{
    PANEL_CASES(
        {"", "{\"expect\":\"schema\"}", "pass", 1, 0, "[]"},
        {"", "{\"expect\":\"schema\",\"unit\":\"ug/m3\",\"columns\":{\"value\":\"number\"}}",
         "pass", 3, 0, "[]"},
        {"", "{\"expect\":\"schema\",\"unit\":\"ppm\"}", "fail", 2, 1,
         "[{\"what\":\"unit\",\"wanted\":\"ppm\",\"found\":\"ug/m3\"}]"},
        {"", "{\"expect\":\"schema\",\"columns\":{\"value\":\"text\",\"x\":\"day\"}}", "fail", 3, 2,
         "{\"what\":\"x\",\"wanted\":\"day\",\"found\":null}"},
        {"DELETE FROM data.parameter WHERE parameter = 81102", "{\"expect\":\"schema\"}", "fail", 1,
         1, "{\"what\":\"parameter\",\"wanted\":\"81102\",\"found\":null}"},
        {"", "{\"expect\":\"schema\",\"unit\":\"ppm\",\"mostly\":0.5}", "pass", 2, 1, "ppm"},
        {"", "{\"expect\":\"schema\",\"exact\":true}", "fail", 14, 13,
         "{\"what\":\"value\",\"wanted\":null,\"found\":\"number\"}"});
}

TEST_DB(several_expectations_of_one_pass_do_not_mix)
{
    CHECK(db_script(s, db, panel));

    const struct quality_report r = report_of(
        s, db,
        "[{\"expect\":\"range\",\"name\":\"a\",\"min\":25},"
        "{\"expect\":\"range\",\"name\":\"b\",\"min\":25,\"days\":10,\"where\":\"state = 'NC'\"},"
        "{\"expect\":\"null_share\",\"column\":\"method\",\"severity\":\"warn\"},"
        "{\"expect\":\"freshness\",\"max_age_days\":1},"
        "{\"expect\":\"row_count\",\"min\":50,\"days\":10,\"where\":\"state in ('NC', 'XX')\"}]",
        "2009-04-30");

    CHECK(r.checks[0].n_rows == 900 && r.checks[0].n_bad > 0);
    CHECK(r.checks[1].n_rows == 50 && r.checks[1].n_bad < r.checks[0].n_bad);
    CHECK(r.checks[2].n_bad == 900);
    CHECK_NEAR(r.checks[3].observed, 0, 0);
    CHECK(r.checks[4].n_rows == 50);
    CHECK(r.n_failures == 2 && r.n_warnings == 1);
    CHECK_TEXT(r.verdict, "fail");
}

TEST_DB(no_expectation_looks_beyond_its_day)
{
    CHECK(db_script(s, db, panel));
    CHECK(db_script(s, db, "UPDATE data.observation SET value = 5000 WHERE day > '2009-04-20'"));
    const char *range = "[{\"expect\":\"range\",\"max\":100}]";

    CHECK(report_of(s, db, range, "2009-04-20").n_failures == 0);
    CHECK(report_of(s, db, range, "2009-04-30").n_failures == 1);
}
