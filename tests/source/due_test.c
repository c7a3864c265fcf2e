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
