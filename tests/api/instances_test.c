#include "api/instances.h"

#include "api/instances_scan.h"
#include "test.h"

static const char *const names[] = {"lag0", "mean7", "sin1"};
static const bool may_miss[] = {true, true, false};
static const struct schema schema = {3, names, may_miss};

static bool
read_text(struct scope *s, const char *body, struct instances *out)
{
    return instances_read(s, &schema, (struct str){body, strlen(body)}, out);
}

TEST(instances_are_read_from_arrays_objects_and_their_wrapping)
{
    static const char *const bodies[] = {
        "[[1.5,null,-2e-3]]",
        " { \"instances\" : [ [ 1.5 , null , -0.002 ] ] } ",
        "[{\"sin1\":-0.002,\"lag0\":1.5,\"mean7\":null}]",
        "{\"instances\":[{\"lag0\":15e-1,\"mean7\":null,\"sin1\":-2E-3}]}",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct instances got;
        CHECK(read_text(s, bodies[i], &got));
        CHECK(got.n == 1);
        CHECK_NEAR(got.X[0], 1.5, 0);
        CHECK(isnan(got.X[1]));
        CHECK_NEAR(got.X[2], -0.002, 0);
    }
}

TEST(instances_keep_each_row_as_numbers_for_the_log)
{
    struct instances got;
    CHECK(read_text(s, "[{\"sin1\":3,\"lag0\":1,\"mean7\":null},[4,5,6]]", &got));
    CHECK_TEXT(scope_copy_n(s, got.text[0].at, got.text[0].n), "1,null,3");
    CHECK_TEXT(scope_copy_n(s, got.text[1].at, got.text[1].n), "4,5,6");
}

TEST(instances_near_zero_are_kept_as_the_database_can_take_them)
{
    struct instances got;
    CHECK(read_text(s, "[[1e-20000,0e-99999,0e99999]]", &got));
    CHECK_TEXT(scope_copy_n(s, got.text[0].at, got.text[0].n), "0,0,0");
}

TEST(instances_that_are_wrong_are_named_by_row_and_feature)
{
    static const struct {
        const char *body, *message;
    } cases[] = {
        {"[[1,2]]", "instances[0] has 2 values, and the model takes 3"},
        {"[[1,2,3],[1,2,3,4]]", "instances[1] has 4 values, and the model takes 3"},
        {"[[1,2,null]]", "instances[0].sin1 is null, and may not be missing"},
        {"[[1,\"2\",3]]", "instances[0].mean7 is text, not a number"},
        {"[[1,[2],3]]", "instances[0].mean7 is an array, not a number"},
        {"[[true,2,3]]", "instances[0].lag0 is true or false, not a number"},
        {"[[1,2,3],7]", "instances[1] is a number, neither an array nor an object"},
        {"[{\"lag0\":1,\"sin1\":1}]", "instances[0] lacks feature \"mean7\" (null means missing)"},
        {"[{\"lag0\":1,\"mean7\":1}]", "instances[0] lacks feature \"sin1\""},
        {"[{\"lag0\":1,\"lagg\":1}]", "instances[0] has an unknown feature \"lagg\""},
        {"[]", "instances is empty"},
        {"{\"instances\":[]}", "instances is empty"},
        {"{\"rows\":[[1,2,3]]}", "unknown key \"rows\" (known: instances)"},
        {"{\"instances\":5}", "instances is a number, not an array"},
        {"5", "the body is a number, neither an array of rows nor {\"instances\": [rows]}"},
        {"[[1,NaN,3]]", "line 1, column 5: expected a value"},
        {"[[1,1e999,3]]", "line 1, column 5: the number is too large"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct instances got;
        CHECK_FAILS(read_text(s, cases[i].body, &got), ERROR_INPUT, cases[i].message);
    }
}

TEST(instances_above_the_limit_are_refused)
{
    struct instances got;
    struct buf body = buf_open(s, 100000);
    for (int i = 0; i <= INSTANCES_MOST; i++)
        buf_text(&body, i == 0 ? "[[1,2,3]" : ",[1,2,3]");
    buf_text(&body, "]");

    CHECK_FAILS(read_text(s, body.text, &got), ERROR_LIMIT,
                "instances has 10001 rows, and at most 10000 are taken");
}

TEST(instances_refuse_a_body_of_far_too_many_values_before_it_is_parsed)
{
    struct instances got;
    struct buf body = buf_open(s, 200000);
    buf_char(&body, '[');
    for (int i = 0; i < 100000; i++)
        buf_text(&body, "[],");
    buf_text(&body, "[]]");
    CHECK_FAILS(read_text(s, body.text, &got), ERROR_LIMIT,
                "the body has about 200002 values, far more than 10000 rows of 3");
}

TEST(instances_scanner_reads_numbers_as_strtod_does)
{
    static const char *const numbers[] = {
        "0",
        "-0",
        "0.1",
        "123456789012345678",
        "0.30000000000000004",
        "1e22",
        "1e23",
        "1e-22",
        "1e-23",
        "17.53035409133296",
        "9007199254740993",
        "1.7976931348623157e308",
        "5e-324",
        "0.000000000000000000000000000001234",
        "2.2250738585072011e-308",
        "9007199254740992.5",
        "4503599627370496.5",
        "4503599627370497.5",
        "0.5000000000000001110",
        "10000000000000000000",
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct instances got;
        const char *body = scope_print(s, "[[%s,1,1]]", numbers[i]);
        CHECK(instances_scan(s, &schema, (struct str){body, strlen(body)}, &got));
        CHECK(got.X[0] == strtod(numbers[i], NULL));
    }
}

TEST(instances_scanner_leaves_what_is_not_json_to_the_parser)
{
    static const char *const bodies[] = {
        "[[01,1,1]]",    "[[.5,1,1]]",  "[[1.,1,1]]", "[[+1,1,1]]",  "[[1e,1,1]]",
        "[[0x1,1,1]]",   "[[1,1,1],]",  "[[1,1,1]]]", "[[1,1,1]",    "[[1 1,1]]",
        "[[nul,1,1]]",   "[[1,1,1]]x",  "",           "[[inf,1,1]]", "{\"instances\":[[1,1,1]]",
        "[[1,1,1e999]]", "[[--1,1,1]]",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct instances got;
        CHECK(!instances_scan(s, &schema, (struct str){bodies[i], strlen(bodies[i])}, &got));
        CHECK(s->kind == ERROR_NONE);
        CHECK(!instances_read_slowly(s, &schema, (struct str){bodies[i], strlen(bodies[i])}, &got));
        scope_forgive(s);
    }
}
