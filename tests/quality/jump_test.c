#include "quality/panel.h"

// The panel's neighbours differ by at most 6 and never change their distance but at the turn of
// the fives, so that the floor, a 500th of 1000, is the scale: 2 ug/m3; six of them are 12.

#define JUMP(more) "{\"expect\":\"jump\",\"days\":90" more "}"

TEST_DB(jump_from_the_neighbours_is_found)
{
    const char *spike = "UPDATE data.observation SET value = value + 100 WHERE site_id = 5 AND day "
                        "= '2009-04-15'";
    PANEL_CASES({"", JUMP(), "pass", 900, 0, "[]"},
                {spike, JUMP(), "fail", 900, 1, "\"site\":\"S5\",\"day\":\"2009-04-15\""},
                {spike, JUMP(",\"mostly\":0.998"), "pass", 900, 1, "S5"},
                {spike, JUMP(",\"where\":\"site <> 'S5'\""), "pass", 810, 0, "[]"},
                {spike, JUMP(",\"where\":\"site = 'S5'\""), "fail", 90, 1, "S5"},
                {spike, JUMP(",\"z\":60"), "pass", 900, 0, "[]"},
                {spike, JUMP(",\"floor\":50"), "pass", 900, 0, "[]"},
                // All stations high together are no jump of any.
                {"UPDATE data.observation SET value = value + 100 WHERE day = '2009-04-15'", JUMP(),
                 "pass", 900, 0, "[]"},
                // Nobody is within 5 km, and three of 25 km are not there for the ends.
                {spike, JUMP(",\"within_km\":5"), "pass", 0, 0, "[]"},
                {spike, JUMP(",\"within_km\":25"), "fail", 720, 1, "S5"},
                {"UPDATE data.site SET latitude = NULL", JUMP(), "pass", 0, 0, "[]"},
                {"DELETE FROM data.observation", JUMP(), "pass", 0, 0, "[]"});
}

TEST_DB(jump_is_measured_from_the_usual_difference)
{
    // S5 is always 60 higher: that is no jump; on the day it is not, it is.
    PANEL_CASES({"UPDATE data.observation SET value = value + 60 WHERE site_id = 5", JUMP(), "pass",
                 900, 0, "[]"},
                {"UPDATE data.observation SET value = value + 60 WHERE site_id = 5 AND day <> "
                 "'2009-04-15'",
                 JUMP(), "fail", 900, 1, "\"site\":\"S5\",\"day\":\"2009-04-15\""});
}

TEST_DB(jump_at_the_exact_bound_holds)
{
    // Constant values: the median difference is 0, so is the spread, and the scale is the floor.
    const char *flat = "UPDATE data.observation SET value = 10; UPDATE data.observation SET value "
                       "= 22 WHERE site_id = 5 AND day = '2009-04-15'";
    PANEL_CASES({flat, JUMP(",\"floor\":2,\"z\":6"), "pass", 900, 0, "[]"},
                {flat, JUMP(",\"floor\":2,\"z\":5.99"), "fail", 900, 1, "\"z\":6.00"},
                {flat, JUMP(",\"against\":\"previous\",\"floor\":2,\"z\":6"), "pass", 890, 0, "[]"},
                // Up and down again are two.
                {flat, JUMP(",\"against\":\"previous\",\"floor\":2,\"z\":5.99"), "fail", 890, 2,
                 "\"day_before\":22"});
}

TEST_DB(jump_from_the_day_before_needs_that_day)
{
    PANEL_CASES(
        {"UPDATE data.observation SET value = 10; DELETE FROM data.observation WHERE day = "
         "'2009-04-14'; UPDATE data.observation SET value = 500 WHERE site_id = 5 AND day = "
         "'2009-04-15'",
         JUMP(",\"against\":\"previous\""), "fail", 870, 1,
         "\"day\":\"2009-04-16\",\"value\":10,\"day_before\":500"});
}

TEST_DB(jump_scale_is_the_median_deviation)
{
    // S5 swings by +-30 day by day around its neighbours' 100: 44 days of 30, 45 of -30 and one of
    // 330 have the median 0 and the median deviation 30; 330 / (1.4826 x 30) = 7.42.
    CHECK(db_script(s, db, panel));
    CHECK(
        db_script(s, db,
                  "UPDATE data.observation SET value = 100; UPDATE data.observation SET value = "
                  "100 + 30 * (1 - 2 * ((day - date '2009-01-01') % 2)) WHERE site_id = 5; UPDATE "
                  "data.observation SET value = 430 WHERE site_id = 5 AND day = '2009-04-15'"));

    const struct quality_check got = check_of(s, db, JUMP(",\"z\":7"));

    CHECK(got.n_bad == 1);
    CHECK(strstr(got.sample, "\"neighbours\":100,\"z\":7.42") != NULL);
}
