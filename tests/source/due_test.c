// What of an AQS source is due, given what has been read of it: the plan, without any request.
#include "source/source.h"

#include "db.h"

#define AS_OF 1617148800 // 2021-03-31

static const struct query put_unit = {
    "t_put", "INSERT INTO data.source_unit (source, unit, parameter, area, year, state, covered, "
             "newest_day) VALUES ('nc', '88101 37 ' || $1, '88101', '37', $1::int, 'done', "
             "datemultirange(daterange($2::date, $3::date, '[]')), $4::date)"};

// The units due as "2020-01-01..2020-12-31 …".
static const char *
due(struct scope *s, struct db *db)
{
    struct source source;
    struct source_units units = {0};
    struct buf text = buf_open(s, 256);
    const struct source_work work = {.db = db, .source = &source, .as_of = AS_OF};
    const struct source_span span = {.last = time_day(AS_OF)};
    CHECK(source_get(s, db, "nc", &source) && source.kind->plan(s, &work, &span, &units));
    for (size_t i = 0; i < units.n; i++) {
        char first[DAY_TEXT], last[DAY_TEXT];
        buf_print(&text, "%s%s..%s", i == 0 ? "" : " ", day_format(units.units[i].first, first),
                  day_format(units.units[i].last, last));
    }
    return text.text;
}

static void
world(struct scope *s, struct db *db, const char *since)
{
    const struct source_given given[] = {
        {"parameter", "88101"}, {"state", "37"}, {"since", since}, {"revise-days", "60"}, {0}};
    CHECK(source_add(s, db, "nc", &source_aqs, given, AS_OF));
}

TEST_DB(due_is_everything_since_the_beginning_at_first)
{
    world(s, db, "2019-11-05");

    CHECK_TEXT(due(s, db), "2019-11-05..2019-12-31 2020-01-01..2020-12-31 2021-01-01..2021-03-31");
}

TEST_DB(due_is_then_the_window_before_the_last_day_and_what_follows)
{
    world(s, db, "2019-11-05");
    CHECK(DB_RUN(s, db, &put_unit, "2019", "2019-11-05", "2019-12-31", "2019-12-31"));
    CHECK(DB_RUN(s, db, &put_unit, "2020", "2020-01-01", "2020-12-31", "2020-12-31"));
    CHECK(DB_RUN(s, db, &put_unit, "2021", "2021-01-01", "2021-03-30", "2021-02-10"));

    // 60 days before 2021-02-10 is 2020-12-12.
    CHECK_TEXT(due(s, db), "2020-12-12..2020-12-31 2021-01-01..2021-03-31");
}

TEST_DB(due_is_a_year_that_failed_in_between_whole)
{
    world(s, db, "2019-11-05");
    CHECK(DB_RUN(s, db, &put_unit, "2019", "2019-11-05", "2019-12-31", "2019-12-31"));
    CHECK(DB_RUN(s, db, &put_unit, "2021", "2021-01-01", "2021-03-31", "2021-03-31"));

    CHECK_TEXT(due(s, db), "2020-01-01..2020-12-31 2021-01-30..2021-03-31");
}

TEST_DB(due_is_the_part_before_the_window_that_a_backfill_did_not_read)
{
    world(s, db, "2020-01-01");
    CHECK(DB_RUN(s, db, &put_unit, "2020", "2020-06-01", "2020-12-31", "2020-12-31"));
    CHECK(DB_RUN(s, db, &put_unit, "2021", "2021-01-01", "2021-03-31", "2021-03-31"));

    CHECK_TEXT(due(s, db), "2020-01-01..2020-12-31 2021-01-30..2021-03-31");
}

TEST_DB(due_is_little_of_a_parameter_that_ended_long_ago)
{
    world(s, db, "1997-01-01");
    for (int year = 1997; year <= 2020; year++)
        CHECK(DB_RUN(s, db, &put_unit, db_int(s, year), scope_print(s, "%d-01-01", year),
                     scope_print(s, "%d-12-31", year), year <= 1998 ? "1998-12-31" : NULL));

    CHECK_TEXT(due(s, db), "1998-11-01..1998-12-31 2020-01-01..2020-12-31 2021-01-01..2021-03-31");
}

TEST_DB(due_of_nothing_held_is_this_year_and_the_last)
{
    world(s, db, "2018-01-01");
    for (int year = 2018; year <= 2021; year++)
        CHECK(DB_RUN(s, db, &put_unit, db_int(s, year), scope_print(s, "%d-01-01", year),
                     scope_print(s, "%d-12-31", year), NULL));

    CHECK_TEXT(due(s, db), "2020-01-01..2020-12-31 2021-01-01..2021-03-31");
}

// Of a state's hours a year is too much for one request.
TEST_DB(due_of_a_state_s_hours_comes_by_quarter_and_parameter)
{
    static const struct query put_quarter = {
        "t_put_quarter",
        "INSERT INTO data.source_unit (source, unit, parameter, area, year, state, covered, "
        "newest_day) SELECT 'nc', concat_ws(' ', p, '37', y, 'Q' || q), p, '37', y, 'done', "
        "datemultirange(daterange(make_date(y, 3 * q - 2, 1), (make_date(y, 3 * q - 2, 1) + "
        "interval '3 months')::date)), $1::date FROM generate_series(1, 4) q, "
        "unnest('{44201,88101}'::text[]) p, generate_series(2019, 2021) y "
        "WHERE y < 2021 OR q = 1"};
    static const struct source_given given[] = {{"parameter", "44201,88101"},
                                                {"state", "37"},
                                                {"service", "sampleData"},
                                                {"since", "2019-05-01"},
                                                {0}};
    CHECK(source_add(s, db, "nc", &source_aqs, given, AS_OF));

    CHECK_TEXT(due(s, db), "2019-05-01..2019-06-30 2019-05-01..2019-06-30 "
                           "2019-07-01..2019-09-30 2019-07-01..2019-09-30 "
                           "2019-10-01..2019-12-31 2019-10-01..2019-12-31 "
                           "2020-01-01..2020-03-31 2020-01-01..2020-03-31 "
                           "2020-04-01..2020-06-30 2020-04-01..2020-06-30 "
                           "2020-07-01..2020-09-30 2020-07-01..2020-09-30 "
                           "2020-10-01..2020-12-31 2020-10-01..2020-12-31 "
                           "2021-01-01..2021-03-31 2021-01-01..2021-03-31");
    CHECK(DB_RUN(s, db, &put_quarter, "2021-02-10")); // 60 days before is 2020-12-12
    CHECK_TEXT(due(s, db), "2020-12-12..2020-12-31 2020-12-12..2020-12-31 "
                           "2021-01-01..2021-03-31 2021-01-01..2021-03-31");
}

TEST_DB(backfill_of_hours_is_divided_by_the_kind_of_area)
{
    static const struct {
        const char *name, *options[3][2];
        const char *units;
        bool is_alone;
    } cases[] = {
        {"a", {{"state", "06"}}, "44201 06 2019 Q4, 44201 06 2020 Q1", true},
        {"b",
         {{"box", "33,-119,35,-117"}},
         "44201 box:33,-119,35,-117 2019 Q4, 44201 box:33,-119,35,-117 2020 Q1",
         true},
        {"c", {{"cbsa", "31080"}}, "44201 cbsa:31080 2019, 44201 cbsa:31080 2020", true},
        {"d", {{"state", "06"}, {"county", "037"}}, "44201 06-037 2019, 44201 06-037 2020", true},
        {"e",
         {{"state", "06"}, {"county", "037"}, {"site", "0002"}},
         "44201 06-037-0002 2019, 44201 06-037-0002 2020",
         false},
    };
    const struct source_span span = {
        .is_backfill = true, .first = day_from(2019, 11, 15), .last = day_from(2020, 2, 3)};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct source_given given[8] = {{"parameter", "44201"}, {"service", "sampleData"}};
        for (size_t k = 0; k < 3 && cases[i].options[k][0] != NULL; k++)
            given[2 + k] = (struct source_given){cases[i].options[k][0], cases[i].options[k][1]};
        struct source source;
        struct source_units units = {0};
        struct buf text = buf_open(s, 256);
        const struct source_work work = {.db = db, .source = &source, .as_of = AS_OF};
        CHECK(source_add(s, db, cases[i].name, &source_aqs, given, AS_OF));

        CHECK(source_get(s, db, cases[i].name, &source) &&
              source.kind->plan(s, &work, &span, &units));

        for (size_t k = 0; k < units.n; k++) {
            buf_print(&text, "%s%s", k == 0 ? "" : ", ", units.units[k].unit);
            CHECK(units.units[k].is_alone == cases[i].is_alone);
        }
        CHECK_TEXT(text.text, cases[i].units);
        CHECK(units.units[0].first.n == span.first.n && units.units[1].last.n == span.last.n);
    }
}
