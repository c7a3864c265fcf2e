#include "text/json_list.h"

#include "test.h"

static const struct json *
parsed(struct scope *s, const char *text)
{
    const struct json *value = json_parse(s, text, strlen(text));
    CHECK(value != NULL);
    return value;
}

TEST(json_list_reads_back_what_it_wrote)
{
    const double x[] = {1, NAN, -0.1, 1e300};
    double got[4];
    struct buf out = buf_open(s, 64);
    struct json_writer w = {.out = &out};

    json_list_put(&w, x, 4);

    CHECK_TEXT(out.text, "[1,null,-0.1,1e+300]");
    CHECK(json_list_read(s, parsed(s, out.text), "x", 4, true, got));
    CHECK(got[0] == 1 && isnan(got[1]) && got[2] == -0.1 && got[3] == 1e300);
}

TEST(json_list_errors_name_the_member)
{
    const struct json *value = parsed(s, "{\"x\":[1,null,2.5],\"y\":3}");
    double got[3];
    int64_t whole[3];

    CHECK_FAILS(json_list_get(s, value, "x", 2, true, got), ERROR_INPUT, "x has 3 members, not 2");
    CHECK_FAILS(json_list_get(s, value, "x", 3, false, got), ERROR_INPUT, "x[1] is not a number");
    CHECK_FAILS(json_list_read(s, json_find(value, "y"), "y", 1, false, got), ERROR_INPUT,
                "y is not an array");
    CHECK_FAILS(
        json_list_int(s, parsed(s, "{\"x\":[1,2.5]}"), "x", 2, (const int64_t[]){0, 9}, whole),
        ERROR_INPUT, "x[1] is 2.5, not a whole number within 0 and 9");
    CHECK_FAILS(json_list_int(s, parsed(s, "{\"x\":[10]}"), "x", 1, (const int64_t[]){0, 9}, whole),
                ERROR_INPUT, "x[0] is 10, not a whole number within 0 and 9");
}
