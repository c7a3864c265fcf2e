#include "quality/expectation.h"

#include "quality/panel.h"

static bool
spec_read(struct scope *s, const char *text, struct quality_spec *out)
{
    const struct json *root = json_parse(s, text, strlen(text));
    CHECK(root != NULL);
    return quality_spec_read(s, root, "quality", &relation_observations, out);
}

TEST(expectations_left_out_are_the_usual_eight)
{
    static const char *const names[] = {"rows", "freshness",  "completeness", "range",
                                        "unit", "duplicates", "instruments",  "flat"};
    struct quality_spec spec;

    CHECK(spec_read(s, "{}", &spec));

    CHECK(spec.n == 8);
    for (size_t i = 0; i < 8; i++)
        CHECK_TEXT(spec.items[i].name, names[i]);
    CHECK_NEAR(spec.items[0].low.number, 1000, 0);
}

TEST(expectations_of_recipes_from_before_are_five_bounds)
{
    struct quality_spec spec;

    CHECK(spec_read(s,
                    "{\"quality\":{\"fresh_days\":4,\"completeness\":0.25,\"range_share\":0.01,"
                    "\"flat_days\":9,\"rows_at_least\":77}}",
                    &spec));

    CHECK(spec.n == 8);
    CHECK_NEAR(spec.items[0].low.number, 77, 0);
    CHECK(spec.items[1].max_age_days == 4);
    CHECK_NEAR(spec.items[2].share, 0.25, 0);
    CHECK_NEAR(spec.items[3].mostly, 0.99, 0);
    CHECK(spec.items[7].run_days == 9);
    CHECK_FAILS(spec_read(s, "{\"quality\":{\"fresh_days\":4}}", &spec), ERROR_INPUT,
                "quality: completeness is missing");
}

TEST(expectations_that_are_wrong_are_named_by_their_path)
{
    static const struct {
        const char *item, *message;
    } cases[] = {
        {"5", "not an object"},
        {"{}", "expect is missing"},
        {"{\"expect\":\"rnage\"}",
         "expect is \"rnage\", no kind (known: row_count, completeness, freshness, range, "
         "null_share, unique, allowed_values, distinct_share, flat_line, jump, "
         "distribution_shift, schema, instruments)"},
        {"{\"expect\":\"range\",\"maximum\":1}", "unknown key \"maximum\" (known: expect, name, "
                                                 "severity, mostly, warn_below, where, sample, "
                                                 "days, column, min, above, max, below)"},
        {"{\"expect\":\"range\"}", "none of min, above, max and below is given"},
        {"{\"expect\":\"range\",\"min\":2,\"max\":1}", "min 2 is above max 1"},
        {"{\"expect\":\"range\",\"min\":2,\"above\":1}",
         "above is a second limit to the same side"},
        {"{\"expect\":\"range\",\"max\":\"top\"}",
         "max is \"top\", not a number, floor, ceiling or high"},
        {"{\"expect\":\"range\",\"max\":1,\"column\":\"valeu\"}",
         "column is \"valeu\", no column (known: site, day, poc, value, n_hours, method, event, "
         "state, county, latitude, longitude)"},
        {"{\"expect\":\"range\",\"max\":1,\"column\":\"state\"}",
         "column \"state\" holds a text, not numbers"},
        {"{\"expect\":\"range\",\"max\":1,\"severity\":\"bad\"}",
         "severity is \"bad\", not warn or fail"},
        {"{\"expect\":\"range\",\"max\":1,\"mostly\":1.5}", "mostly is 1.5, not within 0 and 1"},
        {"{\"expect\":\"range\",\"max\":1,\"days\":-1}", "days is -1, not within 0 and 36500"},
        {"{\"expect\":\"range\",\"max\":1,\"sample\":21}", "sample is 21, not within 0 and 20"},
        {"{\"expect\":\"range\",\"max\":1,\"name\":\"a b\"}",
         "name is \"a b\", not 1 to 63 of a-z, 0-9, \"-_.\""},
        {"{\"expect\":\"range\",\"max\":1,\"where\":\"stat = 1\"}",
         "where: at 1, \"stat\": no such column (known: site, day, poc, value, n_hours, method, "
         "event, state, county, latitude, longitude)"},
        {"{\"expect\":\"row_count\"}", "neither min nor max is given"},
        {"{\"expect\":\"row_count\",\"min\":1,\"mostly\":0.5}",
         "mostly is a share of groups, and there are none without a column in \"by\""},
        {"{\"expect\":\"freshness\",\"max_age_days\":3,\"warn_below\":0.5}",
         "warn_below is a share of groups, and there are none without a column in \"by\""},
        {"{\"expect\":\"freshness\"}", "max_age_days is missing"},
        {"{\"expect\":\"null_share\",\"max\":0.1,\"mostly\":0.9}",
         "max and mostly say the same: give one"},
        {"{\"expect\":\"unique\",\"key\":[]}", "key has 0 columns, not 1 to 8"},
        {"{\"expect\":\"unique\",\"key\":[\"site\",\"site\"]}", "key[1] is \"site\" again"},
        {"{\"expect\":\"unique\",\"key\":[\"sight\"]}",
         "key[0] is \"sight\", no column (known: site, day, poc, value, n_hours, method, event, "
         "state, county, latitude, longitude)"},
        {"{\"expect\":\"allowed_values\",\"column\":\"poc\",\"values\":[1.5]}",
         "values[0] is not a value for \"poc\", a integer"},
        {"{\"expect\":\"allowed_values\",\"column\":\"state\",\"values\":[1]}",
         "values[0] is not a value for \"state\", a text"},
        {"{\"expect\":\"completeness\",\"days\":0}", "days is 0, but completeness wants a window"},
        {"{\"expect\":\"completeness\",\"by\":\"hour\"}", "by is \"hour\", not site or day"},
        {"{\"expect\":\"jump\",\"nearest\":2}", "at_least 3 is above nearest 2"},
        {"{\"expect\":\"flat_line\",\"run_days\":1}", "run_days is 1, not within 2 and 3650"},
        {"{\"expect\":\"distribution_shift\",\"psi_max\":-1}",
         "psi_max is -1, not within 0 and 100"},
        {"{\"expect\":\"schema\",\"where\":\"poc = 1\"}",
         "where chooses rows, and a schema has none"},
        {"{\"expect\":\"schema\",\"columns\":{\"value\":\"float\"}}",
         "columns.value is not one of integer, number, text, day, time and boolean"},
    };
    struct quality_spec spec;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_FAILS(
            spec_read(s,
                      scope_print(s, "{\"quality\":[{\"expect\":\"schema\"}, %s]}", cases[i].item),
                      &spec),
            ERROR_INPUT, scope_print(s, "quality[1]: %s", cases[i].message));
}

TEST(expectations_have_names_of_their_own)
{
    struct quality_spec spec;

    CHECK_FAILS(
        spec_read(s, "{\"quality\":[{\"expect\":\"schema\"},{\"expect\":\"schema\"}]}", &spec),
        ERROR_INPUT, "quality[1]: name \"schema\" is taken; give it another");
    CHECK(spec_read(
        s, "{\"quality\":[{\"expect\":\"schema\"},{\"expect\":\"schema\",\"name\":\"two\"}]}",
        &spec));
    CHECK_FAILS(spec_read(s, "{\"quality\":[]}", &spec), ERROR_INPUT,
                "quality has 0 members, not 1 to 100");
    CHECK_FAILS(spec_read(s, "{\"quality\":1}", &spec), ERROR_INPUT,
                "quality is not a list of expectations");
}
