#include "base/time.h"

#include "test.h"

TEST(days_count_from_1970)
{
    // Counted by `date -d DAY +%s` / 86400.
    static const struct {
        int year, month, day_of_month, n;
    } cases[] = {
        {1970, 1, 1, 0},       {1969, 12, 31, -1},   {2000, 2, 29, 11016}, {2000, 3, 1, 11017},
        {2009, 12, 31, 14609}, {2024, 2, 29, 19782}, {1900, 3, 1, -25508}, {1, 1, 1, -719162},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int year, month, day_of_month;
        const struct day d = day_from(cases[i].year, cases[i].month, cases[i].day_of_month);
        day_parts(d, &year, &month, &day_of_month);
        CHECK(d.n == cases[i].n);
        CHECK(year == cases[i].year);
        CHECK(month == cases[i].month);
        CHECK(day_of_month == cases[i].day_of_month);
    }
}

TEST(every_day_of_four_centuries_comes_back)
{
    char text[DAY_TEXT];
    int last_year = 0;
    for (int n = day_from(1800, 1, 1).n; n <= day_from(2200, 12, 31).n; n++) {
        struct day back;
        const struct day d = {n};
        CHECK(day_read(day_format(d, text), 10, &back));
        CHECK(back.n == n);
        const int year = day_year(d);
        CHECK(day_of_year(d) == (year == last_year ? n - day_from(year, 1, 1).n + 1 : 1));
        last_year = year;
    }
}

TEST(leap_years_follow_the_gregorian_rule)
{
    CHECK(day_of_year(day_from(2000, 12, 31)) == 366);
    CHECK(day_of_year(day_from(1900, 12, 31)) == 365);
    CHECK(day_of_year(day_from(2008, 12, 31)) == 366);
    CHECK(day_of_year(day_from(2009, 12, 31)) == 365);
}

TEST(weeks_begin_on_monday)
{
    CHECK(day_of_week(day_from(1970, 1, 1)) == 3);
    CHECK(day_of_week(day_from(2009, 12, 28)) == 0);
    CHECK(day_of_week(day_from(2010, 1, 3)) == 6);
    CHECK(day_of_week(day_from(1969, 12, 28)) == 6);
}

TEST(days_that_do_not_exist_are_refused)
{
    static const char *const cases[] = {"2009-02-29",  "1900-02-29", "2009-04-31", "2009-13-01",
                                        "2009-00-10",  "2009-01-00", "0000-01-01", "2009-1-01",
                                        "2009/01/01",  "20090229",   "2009010",    "",
                                        "2009-01-01 ", "+009-01-01", "2009-01-0a", "2009-01-32"};
    struct day d;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (day_read(cases[i], strlen(cases[i]), &d))
            TEST_DIE("\"%s\" was read", cases[i]);
    CHECK(day_read("20240229", 8, &d));
    CHECK(d.n == day_from(2024, 2, 29).n);
    CHECK_FAILS(day_parse(s, "2009-02-30", &d), ERROR_INPUT,
                "\"2009-02-30\" is not a day, such as 2009-12-31");
}

TEST(a_bare_day_as_a_time_is_over)
{
    int64_t t;

    CHECK(time_parse(s, "1970-01-01", &t));
    CHECK(t == 86399);
    CHECK(time_parse(s, "1970-01-02T00:00:01Z", &t));
    CHECK(t == 86401);
    CHECK(time_parse(s, "1969-12-31T23:59:59Z", &t));
    CHECK(t == -1);
    CHECK(time_parse(s, "now", &t));
    CHECK(t > INT64_C(1700000000));
}

TEST(wrong_times_are_refused)
{
    static const char *const cases[] = {"2009-12-31T24:00:00Z",
                                        "2009-12-31T23:60:00Z",
                                        "2009-12-31T23:59:60Z",
                                        "2009-12-31T06:00:00",
                                        "2009-12-31 06:00:00Z",
                                        "2009-02-30T06:00:00Z",
                                        "20091231",
                                        "yesterday",
                                        ""};
    int64_t t;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *message = scope_print(
            s, "\"%s\" is not a time, such as now, 2009-12-31 or 2009-12-31T06:00:00Z", cases[i]);
        CHECK_FAILS(time_parse(s, cases[i], &t), ERROR_INPUT, message);
    }
}

TEST(times_format_as_they_parse)
{
    char text[TIME_TEXT];
    const int64_t cases[] = {0, -1, 86399, 86400, INT64_C(1262239200), INT64_C(-62135596800)};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t t;
        CHECK(time_parse(s, time_format(cases[i], text), &t));
        CHECK(t == cases[i]);
    }
    CHECK_TEXT(time_format(1262239200, text), "2009-12-31T06:00:00Z");
}

TEST(the_day_of_a_time_is_its_utc_day)
{
    CHECK(time_day(86399).n == 0);
    CHECK(time_day(86400).n == 1);
    CHECK(time_day(-1).n == -1);
    CHECK(time_day(-86400).n == -1);
    CHECK(time_day(-86401).n == -2);
    CHECK(time_of_day(day_from(1970, 1, 3)) == 172800);
    CHECK(day_add(day_from(2009, 12, 31), 1).n == day_from(2010, 1, 1).n);
}
