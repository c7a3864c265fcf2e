#include "mlflow/message.h"

#include "test.h"

static struct request
posted(const char *body)
{
    return (struct request){.method = "POST",
                            .query = "",
                            .content_type = "application/json",
                            .body = {body, strlen(body)}};
}

static const struct message *
read(struct scope *s, const char *body)
{
    const struct request in = posted(body);
    const struct message *m = NULL;
    CHECK(message_read(s, &in, &m));
    return m;
}

static const struct message *
asked(struct scope *s, const char *query)
{
    const struct request in = {.method = "GET", .query = query};
    const struct message *m = NULL;
    CHECK(message_read(s, &in, &m));
    return m;
}

TEST(message_reads_each_type)
{
    const struct message *m =
        read(s, "{\"a\":\"x\\u00e9\\n\",\"b\":9223372036854775807,\"c\":\"-7\","
                "\"d\":1e-3,\"e\":\"NaN\",\"f\":\"-Infinity\",\"g\":true}");
    const char *text = NULL;
    int64_t whole = 0;
    double x = 0;
    bool is = false;

    CHECK(message_text(s, m, "a", &text));
    CHECK_TEXT(text, "x\xc3\xa9\n");
    CHECK(message_int(s, m, "b", &whole) && whole == INT64_MAX);
    CHECK(message_int(s, m, "c", &whole) && whole == -7);
    CHECK(message_number(s, m, "d", &x) && x == 1e-3);
    CHECK(message_number(s, m, "e", &x) && isnan(x));
    CHECK(message_number(s, m, "f", &x) && isinf(x) && x < 0);
    CHECK(message_bool(s, m, "g", &is) && is);
    CHECK(message_number(s, m, "g", &x) && x == 1); // as MLflow takes it
}

TEST(message_leaves_what_is_absent_or_null_as_it_was)
{
    const struct message *m = read(s, "{\"a\":null}");
    const char *text = "before";
    int64_t whole = 5;

    CHECK(message_text(s, m, "a", &text) && message_int(s, m, "b", &whole));
    CHECK_TEXT(text, "before");
    CHECK(whole == 5);
    CHECK(!message_has(m, "a") && !message_has(m, "b"));
}

TEST(message_without_an_object_is_empty)
{
    static const char *const bodies[] = {"", "  \n", "[]", "[ ]", "null", "{}", "\"{}\"", "\"\""};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        CHECK(!message_has(read(s, bodies[i]), "a"));
}

TEST(message_in_a_text_is_read_again)
{
    const char *text = NULL;
    CHECK(message_text(s, read(s, "\"{\\\"a\\\": \\\"b\\\\n\\\"}\""), "a", &text));
    CHECK_TEXT(text, "b\n");
}

TEST(message_that_is_no_json_fails_as_input)
{
    static const char *const bodies[] = {
        "{",   "{\"a\":NaN}", "{\"a\":\"\\ud800\"}", "x", "5", "true", "{\"a\":1,\"a\":2}",
        "[1]", "{\"a\":1}x",  "\"\\\"{}\\\"\""};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct scope one = {0};
        const struct request in = posted(bodies[i]);
        const struct message *m;
        if (message_read(&one, &in, &m) || one.kind != ERROR_INPUT)
            TEST_DIE("%s was taken", bodies[i]);
        scope_close(&one);
    }
}

TEST(message_of_another_content_type_is_refused)
{
    static const char *const types[] = {"",
                                        "text/plain",
                                        "application/jsonx",
                                        "application/json x",
                                        "application/x-www-form-urlencoded",
                                        "text/plain; application/json"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct request in = posted("{}");
        const struct message *m;
        in.content_type = types[i];
        CHECK_FAILS(message_read(s, &in, &m), ERROR_INPUT,
                    "Bad Request. Content-Type must be application/json");
    }
}

TEST(message_may_have_parameters_behind_its_content_type)
{
    struct request in = posted("{}");
    const struct message *m;
    in.content_type = "Application/JSON ; charset=utf-8";
    CHECK(message_read(s, &in, &m));
}

TEST(message_names_a_wrong_value_and_where_it_stands)
{
    const struct message *m =
        read(s, "{\"n\":\"many\",\"metrics\":[{\"key\":1},{\"timestamp\":1.5}],\"x\":1e400}");
    const struct message *const *list = NULL;
    const char *text;
    size_t n = 0;
    int64_t whole;
    double x;

    CHECK_FAILS(message_int(s, m, "n", &whole), ERROR_INPUT,
                "Invalid value \"many\" for parameter 'n' supplied: it is not a whole number of 64 "
                "bits");
    CHECK(message_list(s, m, "metrics", &n, &list) && n == 2);
    CHECK_FAILS(message_need_text(s, list[0], "key", &text), ERROR_INPUT,
                "Invalid value 1 for parameter 'metrics[0].key' supplied: it is not a string");
    CHECK_FAILS(
        message_int(s, list[1], "timestamp", &whole), ERROR_INPUT,
        "Invalid value 1.5 for parameter 'metrics[1].timestamp' supplied: it is not a whole "
        "number of 64 bits");
    CHECK_FAILS(message_need_text(s, list[1], "key", &text), ERROR_INPUT,
                "Missing value for required parameter 'metrics[1].key'");
    CHECK_FAILS(message_number(s, m, "x", &x), ERROR_INPUT,
                "Invalid value 1e400 for parameter 'x' supplied: it is not a number of double "
                "precision");
}

TEST(message_refuses_whole_numbers_beyond_64_bits)
{
    const struct message *m = read(s, "{\"a\":9223372036854775808,\"b\":1e3,\"c\":1.5}");
    int64_t whole = 0;

    CHECK(!message_int(s, m, "a", &whole));
    scope_forgive(s);
    CHECK(message_int(s, m, "b", &whole) && whole == 1000);
    CHECK(!message_int(s, m, "c", &whole));
}

TEST(message_empty_text_counts_as_missing_where_it_is_needed)
{
    const char *text;
    CHECK_FAILS(message_need_text(s, read(s, "{\"key\":\"\"}"), "key", &text), ERROR_INPUT,
                "Missing value for required parameter 'key'");
}

TEST(message_of_a_query_is_decoded)
{
    const struct message *m =
        asked(s, "filter=a+%3D+%27b%27&run_ids=1&run_ids=2%2C&is=True&n=12&e=");
    const char *text = NULL;
    const char *const *ids = NULL;
    size_t n = 0;
    int64_t whole = 0;
    bool is = false;

    CHECK(message_text(s, m, "filter", &text));
    CHECK_TEXT(text, "a = 'b'");
    CHECK(message_texts(s, m, "run_ids", &n, &ids) && n == 2);
    CHECK_TEXT(ids[1], "2,");
    CHECK(message_bool(s, m, "is", &is) && is);
    CHECK(message_int(s, m, "n", &whole) && whole == 12);
    CHECK(message_text(s, m, "e", &text));
    CHECK_TEXT(text, "");
}

TEST(message_texts_are_a_list_of_strings_and_nothing_else)
{
    const struct message *m =
        read(s, "{\"a\":[ \"x\" , \"y\\\"]\" ],\"b\":[1],\"c\":\"x\",\"d\":[]}");
    const char *const *list = NULL;
    size_t n = 9;

    CHECK(message_texts(s, m, "a", &n, &list) && n == 2);
    CHECK_TEXT(list[1], "y\"]");
    CHECK(message_texts(s, m, "d", &n, &list) && n == 0);
    CHECK_FAILS(message_texts(s, m, "b", &n, &list), ERROR_INPUT,
                "Invalid value [1] for parameter 'b' supplied: it is not a list of strings");
    CHECK(!message_texts(s, m, "c", &n, &list));
}

TEST(message_words_come_by_name_or_number)
{
    static const struct message_name names[] = {{"RUNNING", 1}, {"FAILED", 4}, {0}};
    const struct message *m = read(s, "{\"a\":\"FAILED\",\"b\":1,\"c\":\"NOPE\",\"d\":9}");
    int word = 0;

    CHECK(message_enum(s, m, "a", names, &word) && word == 4);
    CHECK(message_enum(s, m, "b", names, &word) && word == 1);
    CHECK(message_enum(s, asked(s, "a=4"), "a", names, &word) && word == 4);
    CHECK_FAILS(message_enum(s, m, "c", names, &word), ERROR_INPUT,
                "Invalid value \"NOPE\" for parameter 'c' supplied: there is none of that name");
    CHECK(!message_enum(s, m, "d", names, &word));
}

TEST(message_inside_a_message_knows_its_path)
{
    const struct message *m = read(s, "{\"dataset\":{\"name\":\"n\",\"tags\":[{}]}}");
    const struct message *inner = NULL;
    const struct message *const *tags = NULL;
    const char *text;
    size_t n = 0;

    CHECK(message_nested(s, m, "dataset", &inner));
    CHECK(message_list(s, inner, "tags", &n, &tags) && n == 1);
    CHECK_FAILS(message_need_text(s, tags[0], "key", &text), ERROR_INPUT,
                "Missing value for required parameter 'dataset.tags[0].key'");
}

TEST(message_token_says_how_many_rows_came_before)
{
    const char *body = scope_print(s, "{\"page_token\":\"%s\"}", message_token(s, 1000));
    int64_t offset = 0;

    CHECK(message_offset(s, read(s, body), &offset) && offset == 1000);
    CHECK_TEXT(message_token(s, 1000), "eyJvZmZzZXQiOiAxMDAwfQ==");
}

TEST(message_token_of_nobody_is_an_input_error)
{
    static const char *const tokens[] = {"x", "eyJ", "!!!!", "eyJvZmZzZXQiOiAtMX0=", "e30="};
    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
        int64_t offset = 0;
        const struct message *m = read(s, scope_print(s, "{\"page_token\":\"%s\"}", tokens[i]));
        CHECK_FAILS(message_offset(s, m, &offset), ERROR_INPUT,
                    "Invalid page token: it is none that a page before gave");
    }
}

TEST(message_numbers_that_are_not_finite_are_written_as_text)
{
    struct buf b = buf_open(s, 64);
    struct json_writer w = {.out = &b};
    json_array_begin(&w);
    message_put_number(&w, NAN);
    message_put_number(&w, -INFINITY);
    message_put_number(&w, 0.5);
    json_array_end(&w);
    CHECK_TEXT(b.text, "[\"NaN\",\"-Infinity\",0.5]");
}
