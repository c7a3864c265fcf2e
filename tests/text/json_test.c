#include "text/json.h"

#include "test.h"

static const struct json *
parsed(struct scope *s, const char *text)
{
    const struct json *value = json_parse(s, text, strlen(text));
    CHECK(value != NULL);
    return value;
}

TEST(values_are_read_by_path)
{
    const struct json *v = parsed(s, "{\"runs\": [1, 2, {\"id\": \"a\"}, {\"metrics\": {\"rmse\": "
                                     "6.5, \"n\": 3}, \"ok\": true}]}");
    const char *text;
    double x;
    int64_t n;
    bool is_ok;
    const struct json *part;

    CHECK(json_text(s, v, "runs[2].id", &text));
    CHECK_TEXT(text, "a");
    CHECK(json_number(s, v, "runs[3].metrics.rmse", &x));
    CHECK_NEAR(x, 6.5, 0);
    CHECK(json_int(s, v, "runs[3].metrics.n", &n));
    CHECK(n == 3);
    CHECK(json_bool(s, v, "runs[3].ok", &is_ok));
    CHECK(is_ok);
    CHECK(json_array(s, v, "runs", &part));
    CHECK(json_count(part) == 4);
    CHECK(json_object(s, v, "", &part));
    CHECK_TEXT(json_key(json_first(part)), "runs");
    CHECK(json_find(v, "runs[4]") == NULL);
    CHECK(json_find(v, "run") == NULL);
    CHECK(json_find(v, "runs[0].x") == NULL);
    CHECK(json_find(v, "runs.x") == NULL);
}

TEST(reading_another_type_names_the_path)
{
    const struct json *v =
        parsed(s, "{\"a\": [{\"b\": \"x\"}], \"c\": 1.5, \"d\": null, \"e\": 1e300}");
    const char *text;
    double x;
    int64_t n;
    bool is_ok;
    const struct json *part;

    CHECK_FAILS(json_number(s, v, "a[0].b", &x), ERROR_INPUT, "a[0].b is text, not a number");
    CHECK_FAILS(json_text(s, v, "a[1].b", &text), ERROR_INPUT, "a[1].b is missing");
    CHECK_FAILS(json_int(s, v, "c", &n), ERROR_INPUT, "c is 1.5, not a whole number");
    CHECK_FAILS(json_int(s, v, "e", &n), ERROR_INPUT,
                "e is 1.0000000000000001e+300, not a whole number up to 2^53");
    CHECK_FAILS(json_bool(s, v, "d", &is_ok), ERROR_INPUT, "d is null, not true or false");
    CHECK_FAILS(json_array(s, v, "", &part), ERROR_INPUT, "the value is an object, not an array");
    CHECK_FAILS(json_object(s, v, "a", &part), ERROR_INPUT, "a is an array, not an object");
}

TEST(faults_are_told_by_line_and_column)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "line 1, column 1: expected a value, but the text ends"},
        {" \n ", "line 2, column 2: expected a value, but the text ends"},
        {"{\n  \"a\": 1,\n  \"b\" 2\n}", "line 3, column 7: expected \":\" behind the key"},
        {"{\"a\": 1,}", "line 1, column 9: expected a key in double quotes"},
        {"{a: 1}", "line 1, column 2: expected a key in double quotes"},
        {"{\"a\": 1", "line 1, column 8: the text ends inside an object"},
        {"[1, 2", "line 1, column 6: the text ends inside an array"},
        {"[1 2]", "line 1, column 4: expected \",\" or \"]\""},
        {"[1,]", "line 1, column 4: expected a value"},
        {"[1}", "line 1, column 3: expected \",\" or \"]\""},
        {"{\"a\":1]", "line 1, column 7: expected \",\" or \"}\""},
        {"1 x", "line 1, column 3: expected the end of the text"},
        {"01", "line 1, column 1: a number may not begin with 0"},
        {"-01", "line 1, column 1: a number may not begin with 0"},
        {"[1.]", "line 1, column 4: a digit is missing"},
        {"[-]", "line 1, column 3: a digit is missing"},
        {"+1", "line 1, column 1: expected a value"},
        {".5", "line 1, column 1: expected a value"},
        {"NaN", "line 1, column 1: expected a value"},
        {"1e", "line 1, column 3: the text ends inside a number"},
        {"[0, 1e400]", "line 1, column 5: the number is too large"},
        {"0.1234567890123456789012345678901234567890123456789012345678901",
         "line 1, column 1: the number is longer than 60 characters"},
        {"nul", "line 1, column 1: expected a value"},
        {"\"a", "line 1, column 3: the text ends inside a string"},
        {"\"abcdefghijk", "line 1, column 13: the text ends inside a string"},
        {"\"a\\", "line 1, column 3: the text ends inside a string"},
        {"\"a\tb\"", "line 1, column 3: a control character inside a string must be escaped"},
        {"\"\\q\"", "line 1, column 2: unknown escape"},
        {"\"\\u12g4\"", "line 1, column 6: \\u wants four hexadecimal digits"},
        {"\"\\u0000\"", "line 1, column 2: \\u0000 is not text"},
        {"\"x\\ud800y\"", "line 1, column 3: \\u names half a surrogate pair"},
        {"\"\\udc00\"", "line 1, column 2: \\u names half a surrogate pair"},
        {"\"\\ud800\\u0041\"", "line 1, column 2: \\u names half a surrogate pair"},
        {"\"\xC3\x28\"", "line 1, column 2: the bytes are not UTF-8"},
        {"\"\xED\xA0\x80\"", "line 1, column 2: the bytes are not UTF-8"},
        {"\xEF\xBB\xBF{}", "line 1, column 1: expected a value"},
        {"{\"a\": 1, \"b\": {\"c\": 1, \"a\": 2},\n \"a\": 3}",
         "line 2, column 2: key \"a\" appears twice"},
        {"{\"a\": 1, \"\\u0061\": 2}", "line 1, column 10: key \"a\" appears twice"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_FAILS(json_parse(s, cases[i].text, strlen(cases[i].text)) != NULL, ERROR_INPUT,
                    cases[i].message);
}

TEST(a_zero_byte_is_refused)
{
    CHECK_FAILS(json_parse(s, "[1\0]", 4) != NULL, ERROR_INPUT,
                "line 1, column 3: expected \",\" or \"]\"");
    CHECK_FAILS(json_parse(s, "\"\0\"", 3) != NULL, ERROR_INPUT,
                "line 1, column 2: a control character inside a string must be escaped");
}

TEST(only_n_bytes_are_read)
{
    const struct json *v = json_parse(s, "12345", 2);

    CHECK(v != NULL);
    CHECK_NEAR(json_as_number(v), 12, 0);
}

TEST(a_key_twice_is_found_among_many)
{
    struct buf text = buf_open(s, 4096);
    for (int i = 0; i < 1000; i++)
        buf_print(&text, "%s\"k%d\":%d", i == 0 ? "{" : ",\n", i, i);
    buf_text(&text, ",\n\"k617\":1}");

    CHECK_FAILS(json_parse(s, text.text, text.n) != NULL, ERROR_INPUT,
                "line 1001, column 1: key \"k617\" appears twice");
}

TEST(nesting_ends_at_100)
{
    char text[300] = {0};
    memset(text, '[', 100);
    memset(text + 100, ']', 100);
    CHECK(json_parse(s, text, 200) != NULL);

    memset(text, '[', 101);
    memset(text + 101, ']', 101);
    CHECK_FAILS(json_parse(s, text, 202) != NULL, ERROR_INPUT,
                "line 1, column 101: nested deeper than 100");
}

TEST(strings_are_unescaped)
{
    const struct json *v =
        parsed(s, "\"\\u00e9\\ud83d\\ude00 \\\"\\\\\\/\\b\\f\\n\\r\\t \xC3\xA9\"");

    CHECK_TEXT(json_as_text(v), "\xC3\xA9\xF0\x9F\x98\x80 \"\\/\b\f\n\r\t \xC3\xA9");
}

TEST(numbers_are_read_exactly)
{
    const struct json *v = parsed(s, "[0.1, -0, 1E+2, 1.7976931348623157e308, 9007199254740992]");
    int64_t n;

    CHECK_NEAR(json_as_number(json_first(v)), 0.1, 0);
    CHECK(signbit(json_as_number(json_find(v, "[1]"))));
    CHECK_NEAR(json_as_number(json_find(v, "[2]")), 100, 0);
    CHECK_NEAR(json_as_number(json_find(v, "[3]")), 1.7976931348623157e308, 0);
    CHECK(json_int(s, v, "[4]", &n));
    CHECK(n == 9007199254740992);
}

TEST(unknown_keys_are_told_with_the_known)
{
    const struct json *v = parsed(s, "{\"depth\": 1, \"depht\": 2}");

    CHECK(json_keys_check(s, v, (const char *const[]){"depht", "depth", NULL}));
    CHECK_FAILS(json_keys_check(s, v, (const char *const[]){"depth", "rounds", NULL}), ERROR_INPUT,
                "unknown key \"depht\" (known: depth, rounds)");
}

TEST(the_writer_keeps_commas_and_nesting)
{
    struct buf out = buf_open(s, 16);
    struct json_writer w = {.out = &out};

    json_object_begin(&w);
    json_pair_text(&w, "a", "x");
    json_put_key(&w, "b");
    json_array_begin(&w);
    json_put_int(&w, 9223372036854775807);
    json_put_text(&w, NULL);
    json_object_begin(&w);
    json_object_end(&w);
    json_array_begin(&w);
    json_array_end(&w);
    json_put_raw(&w, "[1]");
    json_array_end(&w);
    json_pair_bool(&w, "c", true);
    json_pair_number(&w, "d", NAN);
    json_pair_number(&w, "e", 0.1);
    json_pair_int(&w, "f", -1);
    json_pair_text(&w, "g", NULL);
    json_object_end(&w);

    CHECK_TEXT(out.text, "{\"a\":\"x\",\"b\":[9223372036854775807,null,{},[],[1]],\"c\":true,"
                         "\"d\":null,\"e\":0.1,\"f\":-1,\"g\":null}");
}

TEST(the_writer_escapes_and_mends)
{
    struct buf out = buf_open(s, 16);
    struct json_writer w = {.out = &out};

    json_array_begin(&w);
    json_put_text(&w, "\"\\/\b\f\n\r\t\x01\x0b\x7f");
    json_put_text(&w, "\xC3\xA9 \xC3");
    json_put_text(&w, "a\xFFz");
    json_array_end(&w);

    CHECK_TEXT(out.text, "[\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u000b\\u007f\","
                         "\"\xC3\xA9 \xEF\xBF\xBD\",\"a\xEF\xBF\xBDz\"]");
    CHECK(json_parse(s, out.text, out.n) != NULL);
}
