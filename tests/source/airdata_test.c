// What settings the airdata kind takes, and which files it makes of them; no file is fetched.
#include "source/source.h"

#include "test.h"

#define AS_OF 1617148800 // 2021-03-31

// The settings as JSON; NULL where they are refused.
static const char *
settled(struct scope *s, const struct source_given given[])
{
    struct buf text = buf_open(s, 128);
    struct json_writer w = {.out = &text};
    json_object_begin(&w);
    if (!source_airdata.settle(s, given, AS_OF, &w))
        return NULL;
    json_object_end(&w);
    return text.text;
}

TEST(airdata_settings_are_kept)
{
    static const struct source_given daily[] = {
        {"parameter", "88101,RH_DP"}, {"years", "2019-2021"}, {0}};
    static const struct source_given hourly[] = {{"parameter", "TEMP"},
                                                 {"years", "2020-"},
                                                 {"hourly", "true"},
                                                 {"url", "http://mirror.example/airdata"},
                                                 {0}};

    CHECK_TEXT(settled(s, daily), "{\"parameter\":[\"88101\",\"RH_DP\"],\"first_year\":2019,"
                                  "\"last_year\":2021,\"files\":\"daily\"}");
    CHECK_TEXT(settled(s, hourly),
               "{\"parameter\":[\"TEMP\"],\"first_year\":2020,"
               "\"files\":\"hourly\",\"url\":\"http://mirror.example/airdata\"}");
}

TEST(airdata_settings_that_cannot_be_name_their_option)
{
    static const struct {
        const char *parameter, *years, *url, *message;
    } cases[] = {
        {NULL, "2019", NULL, "option --parameter is missing"},
        {"88101", NULL, NULL, "option --years is missing"},
        {"8810", "2019", NULL,
         "option --parameter: \"8810\" is neither a code of 5 digits nor one of SPEC, PM10SPEC, "
         "WIND, TEMP, PRESS, RH_DP, HAPS, VOCS, NONOxNOy and LEAD"},
        {"62101", "2019", NULL, "option --parameter: 62101 has no file of its own, it is in TEMP"},
        {"61103", "2019", NULL, "option --parameter: 61103 has no file of its own, it is in WIND"},
        {"TEMP,TEMP", "2019", NULL, "option --parameter: \"TEMP\" comes twice"},
        {"88101", "19", NULL,
         "option --years: \"19\" is not a year, nor two as in 2019-2025, nor one to begin with as "
         "in 2019-"},
        {"88101", "2019-20", NULL,
         "option --years: \"2019-20\" is not a year, nor two as in 2019-2025, nor one to begin "
         "with as in 2019-"},
        {"88101", "2020-2019", NULL,
         "option --years: \"2020-2019\" is not within 1980-2021, in order"},
        {"88101", "1979", NULL, "option --years: \"1979\" is not within 1980-2021, in order"},
        {"88101", "2020-2022", NULL,
         "option --years: \"2020-2022\" is not within 1980-2021, in order"},
        {"88101", "2022-", NULL, "option --years: \"2022-\" is not within 1980-2021, in order"},
        {"88101", "2020", "ftp://x/", "option --url: \"ftp://x/\" is not an http or https address"},
        {"88101", "2020", "http://me:pw@x/",
         "option --url: \"http://redacted@x/\" holds a password or key, which a source does not "
         "keep"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct source_given given[4] = {0};
        size_t n = 0;
        if (cases[i].parameter != NULL)
            given[n++] = (struct source_given){"parameter", cases[i].parameter};
        if (cases[i].years != NULL)
            given[n++] = (struct source_given){"years", cases[i].years};
        if (cases[i].url != NULL)
            given[n++] = (struct source_given){"url", cases[i].url};

        CHECK_FAILS(settled(s, given) != NULL, ERROR_USAGE, cases[i].message);
    }
}

// The files that a span wants, as "daily_88101_2019 …".
static const char *
planned(struct scope *s, const char *settings, const struct source_span *span)
{
    const struct source source = {.settings = json_parse(s, settings, strlen(settings))};
    const struct source_work work = {.source = &source, .as_of = AS_OF};
    struct source_units units = {0};
    struct buf text = buf_open(s, 256);
    CHECK(source_airdata.plan(s, &work, span, &units));
    for (size_t i = 0; i < units.n; i++) {
        char last[DAY_TEXT];
        buf_print(&text, "%s%s..%s", i == 0 ? "" : " ", units.units[i].unit,
                  day_format(units.units[i].last, last));
    }
    return text.text;
}

TEST(airdata_plans_a_file_for_each_parameter_and_year)
{
    const char *closed = "{\"parameter\":[\"88101\",\"TEMP\"],\"first_year\":2019,"
                         "\"last_year\":2020,\"files\":\"daily\"}";
    const char *open = "{\"parameter\":[\"88101\"],\"first_year\":2020,\"files\":\"hourly\"}";
    const struct source_span now = {.last = time_day(AS_OF)};
    const struct source_span past = {
        .is_backfill = true, .first = day_from(2009, 7, 1), .last = day_from(2010, 2, 1)};
    const struct source_span ancient = {
        .is_backfill = true, .first = day_from(1960, 1, 1), .last = day_from(1980, 12, 31)};

    CHECK_TEXT(planned(s, closed, &now),
               "daily_88101_2019..2019-12-31 daily_TEMP_2019..2019-12-31 "
               "daily_88101_2020..2020-12-31 daily_TEMP_2020..2020-12-31");
    CHECK_TEXT(planned(s, open, &now),
               "hourly_88101_2020..2020-12-31 hourly_88101_2021..2021-03-31");
    CHECK_TEXT(planned(s, open, &past),
               "hourly_88101_2009..2009-12-31 hourly_88101_2010..2010-02-01");
    CHECK_TEXT(planned(s, open, &ancient), "hourly_88101_1980..1980-12-31");
}
