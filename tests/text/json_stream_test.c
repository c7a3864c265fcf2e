#include "text/json_stream.h"

#include "test.h"

struct source {
    const char *text;
    size_t n, at, piece;
};

static bool
source_fill(struct scope *s, void *context, char *to, size_t room_bytes, size_t *n)
{
    struct source *f = context;
    (void)s;
    *n = f->n - f->at < f->piece ? f->n - f->at : f->piece;
    *n = *n < room_bytes ? *n : room_bytes;
    memcpy(to, f->text + f->at, *n);
    f->at += *n;
    return true;
}

static struct json_stream *
opened(struct scope *s, const char *text, size_t piece, size_t most_bytes)
{
    struct source *f = scope_alloc(s, sizeof *f);
    *f = (struct source){.text = text, .n = strlen(text), .piece = piece};
    return json_stream_open(s, source_fill, f, most_bytes);
}

// What the elements of an array are, in words; pieces of every size must tell the same.
static const char *
elements(struct scope *s, const char *text, size_t piece, size_t most_bytes)
{
    static const char *const kinds[] = {"null", "bool", "number", "text", "array", "object"};
    struct buf out = buf_open(s, 256);
    struct json_stream *j = opened(s, text, piece, most_bytes);
    const struct json_item *item;
    if (!json_stream_enter(s, j, JSON_ARRAY))
        return NULL;
    for (;;) {
        if (!json_stream_take(s, j, &item))
            return NULL;
        if (item == NULL)
            return json_stream_finish(s, j) ? out.text : NULL;
        buf_print(&out, "%lld %s %.*s", (long long)item->line, kinds[item->kind], (int)item->raw.n,
                  item->raw.at);
        for (size_t i = 0; i < item->n; i++)
            buf_print(&out, " <%.*s=%.*s>", (int)item->members[i].key.n, item->members[i].key.at,
                      (int)item->members[i].value.n, item->members[i].value.at);
        buf_print(&out, "%s%s%s\n", item->has_same_keys ? " same" : "",
                  item->fault == NULL ? "" : " ! ", item->fault == NULL ? "" : item->fault);
    }
}

TEST(elements_are_taken_one_at_a_time_whatever_the_pieces)
{
    static const char text[] =
        " [1, -2.5e3,\n\"a\\n\", true,\nnull, [1,[2]], {\"x\": 1, \"y\": \"z\"},"
        "\n\n{\"x\":{\"y\":[]},\"y\":null}\n, {}]\n ";
    static const char told[] =
        "1 number 1\n"
        "1 number -2.5e3\n"
        "2 text \"a\\n\"\n"
        "2 bool true\n"
        "3 null null\n"
        "3 array [1,[2]]\n"
        "3 object {\"x\": 1, \"y\": \"z\"} <x=1> <y=z>\n"
        "5 object {\"x\":{\"y\":[]},\"y\":null} <x={\"y\":[]}> <y=null> same\n"
        "6 object {}\n";

    for (size_t piece = 1; piece <= sizeof text; piece++) {
        const char *got = elements(s, text, piece, 50);
        CHECK(got != NULL);
        CHECK_TEXT(got, told);
    }
}

TEST(an_array_longer_than_the_memory_is_read)
{
    struct buf text = buf_open(s, 1 << 20);
    const struct json_item *item;
    size_t n = 0;
    for (int i = 0; i < 100000; i++)
        buf_print(&text, "%s{\"i\":%d}", i == 0 ? "[" : ",\n", i);
    buf_char(&text, ']');
    struct json_stream *j = opened(s, text.text, 65536, 100);

    CHECK(json_stream_enter(s, j, JSON_ARRAY));
    for (; json_stream_take(s, j, &item) && item != NULL; n++) {
        CHECK(item->line == (int64_t)n + 1);
        CHECK(atoi(item->members[0].value.at) == (int)n);
    }
    CHECK(n == 100000);
    CHECK(json_stream_finish(s, j));
}

TEST(escapes_in_keys_and_values_are_resolved)
{
    const char *got = elements(
        s,
        "[{\"\\u0061b\":\"\\u00e9\\ud83d\\ude00\\\"\\\\\\/\\b\\f\\n\\r\\t\",\"c\":\"\xC3\xA9\"}]",
        3, 200);

    CHECK(got != NULL);
    CHECK(strstr(got, " <ab=\xC3\xA9\xF0\x9F\x98\x80\"\\/\b\f\n\r\t> <c=\xC3\xA9>\n") != NULL);
}

TEST(a_broken_object_costs_itself_and_not_the_rest)
{
    static const struct {
        const char *object, *fault;
    } cases[] = {
        {"{\"a\":01}", "a number may not begin with 0"},
        {"{\"a\":1,}", "expected a key in double quotes"},
        {"{\"a\" 1}", "expected \":\" behind the key"},
        {"{\"a\":nul}", "expected a value"},
        {"{\"a\":[1,{]}}", "expected a key in double quotes"},
        {"{\"a\":\"}\\q\"}", "unknown escape"},
        {"{\"a\":\"x\ty\"}", "a control character inside a string must be escaped"},
        {"{\"a\":\"\\ud800\"}", "\\u names half a surrogate pair"},
        {"{\"a\":\"\\u0000\"}", "\\u0000 is not text"},
        {"{\"a\":\"\xE9\"}", "the bytes are not UTF-8"},
        {"{\"a\":1,\"b\":2,\"\\u0061\":3}", "key \"a\" appears twice"},
        {"[1 2]", "expected \",\" or \"]\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t piece = 1; piece < 40; piece += 19) {
            const char *got = elements(
                s, scope_print(s, "[{\"a\":1},\n%s,{\"a\":2}]", cases[i].object), piece, 40);
            CHECK(got != NULL);
            CHECK(strstr(got, scope_print(s, "%s ! %s\n", cases[i].object, cases[i].fault)) !=
                  NULL);
            CHECK(strstr(got, "{\"a\":2} <a=2>") != NULL);
        }
}

TEST(what_cannot_be_passed_over_fails_with_its_line)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "broken JSON at line 1: the file ends too early"},
        {"\n{}", "broken JSON at line 2: expected an array"},
        {"[", "broken JSON at line 1: the file ends too early"},
        {"[1,\n", "broken JSON at line 2: the file ends too early"},
        {"[1\n2]", "broken JSON at line 2: expected \",\" or \"]\""},
        {"[1,\n]", "broken JSON at line 2: expected a value"},
        {"[,1]", "broken JSON at line 1: expected a value"},
        {"[\"a\n\"]", "broken JSON at line 1: a control character inside a string must be escaped"},
        {"[1}", "broken JSON at line 1: expected \",\" or \"]\""},
        {"[{\"a\":\n1", "broken JSON at line 1: the file ends too early"},
        {"[nul]", "broken JSON at line 1: expected a value"},
        {"[]\n]", "broken JSON at line 2: something follows the value"},
        {"\xEF\xBB\xBF[]", "broken JSON at line 1: expected a value"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t piece = 1; piece < 10; piece += 7)
            CHECK_FAILS(elements(s, cases[i].text, piece, 50) != NULL, ERROR_INPUT,
                        cases[i].message);
}

TEST(a_value_above_the_limit_is_a_limit_error)
{
    const char *const forty = "\"01234567890123456789012345678901234567\"";

    CHECK(elements(s, scope_print(s, "[1,%s]", forty), 8, 40) != NULL);
    CHECK_FAILS(elements(s, scope_print(s, "[1,\n%s]", forty), 8, 39) != NULL, ERROR_LIMIT,
                "a value at line 2 is longer than 39 bytes");
    CHECK_FAILS(elements(s, scope_print(s, "[1,\n{\"a\":%s]", forty), 8, 39) != NULL, ERROR_LIMIT,
                "a value at line 2 is longer than 39 bytes");
}

TEST(an_object_that_never_ends_is_read_no_further_than_the_memory)
{
    char *text = scope_alloc(s, 1 << 20);
    memset(text, '[', (1 << 20) - 1);
    struct source f = {.text = text, .n = (1 << 20) - 1, .piece = 4096};
    struct json_stream *j = json_stream_open(s, source_fill, &f, 1000);
    const struct json_item *item;

    CHECK(json_stream_enter(s, j, JSON_ARRAY));
    CHECK_FAILS(json_stream_take(s, j, &item), ERROR_LIMIT,
                "a value at line 1 is longer than 1000 bytes");
    CHECK(f.at < (1 << 18));
}

TEST(an_object_of_too_many_members_is_a_fault)
{
    struct buf text = buf_open(s, 4096);
    for (int i = 0; i <= JSON_MEMBERS; i++)
        buf_print(&text, "%s\"k%d\":%d", i == 0 ? "[{" : ",", i, i);
    buf_text(&text, "}]");

    const char *got = elements(s, text.text, 100, 10000);

    CHECK(got != NULL);
    CHECK(strstr(got, "! an object has more than 200 members") != NULL);
}

// The members that come behind "wanted" in {"skipped": …, "wanted": …}.
static const char *
wanted(struct scope *s, const char *text, size_t piece, size_t most_bytes)
{
    struct json_stream *j = opened(s, text, piece, most_bytes);
    const struct json_item *item;
    const char *key, *found = "";
    if (!json_stream_enter(s, j, JSON_OBJECT))
        return NULL;
    for (;;) {
        if (!json_stream_key(s, j, &key))
            return NULL;
        if (key == NULL)
            return json_stream_finish(s, j) ? found : NULL;
        if (strcmp(key, "wanted") != 0) {
            if (!json_stream_skip(s, j))
                return NULL;
            continue;
        }
        if (!json_stream_take(s, j, &item))
            return NULL;
        found = scope_copy_n(s, item->raw.at, item->raw.n);
    }
}

TEST(a_value_of_any_length_is_skipped_and_checked)
{
    struct buf text = buf_open(s, 1 << 20);
    buf_text(&text, "{\"long\":[{\"a\":[");
    for (int i = 0; i < 50000; i++)
        buf_print(&text, "%s{\"k\":[%d,\"x\"]}", i == 0 ? "" : ",", i);
    const size_t end = text.n;
    buf_text(&text, "]}],\"\\u0077anted\":[7]}");

    CHECK_TEXT(wanted(s, text.text, 5000, 100), "[7]");
    text.text[end] = '}';
    CHECK_FAILS(wanted(s, text.text, 5000, 100) != NULL, ERROR_INPUT,
                "broken JSON at line 1: expected \",\" or \"]\"");
}

TEST(objects_are_checked_member_by_member)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"{\"a\":1,}", "broken JSON at line 1: expected a key in double quotes"},
        {"{\"a\":1 \"b\":2}", "broken JSON at line 1: expected \",\" or \"}\""},
        {"{\"a\"\n1}", "broken JSON at line 2: expected \":\" behind the key"},
        {"{\"a\":}", "broken JSON at line 1: expected a value"},
        {"{\"a\":[1,]}", "broken JSON at line 1: expected a value"},
        {"{\"\xFF\":1}", "broken JSON at line 1: the bytes are not UTF-8"},
        {"{\"a\":1} x", "broken JSON at line 1: something follows the value"},
        {"[]", "broken JSON at line 1: not an object"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_FAILS(wanted(s, cases[i].text, 3, 50) != NULL, ERROR_INPUT, cases[i].message);
}

TEST(brackets_are_counted_wherever_they_are)
{
    char deep[300] = "";
    memset(deep, '[', 100);
    memset(deep + 100, ']', 100);
    CHECK(elements(s, deep, 7, 300) != NULL);
    CHECK(wanted(s, scope_print(s, "{\"a\":%.99s%.99s}", deep, deep + 100), 7, 4) != NULL);

    CHECK(strstr(elements(s, scope_print(s, "[%s]", deep), 7, 300), "! nested deeper than 100") !=
          NULL);
    CHECK_FAILS(wanted(s, scope_print(s, "{\"a\":%s}", deep), 7, 4) != NULL, ERROR_INPUT,
                "broken JSON at line 1: nested deeper than 100");
}

static bool
source_break(struct scope *s, void *context, char *to, size_t room_bytes, size_t *n)
{
    if (*(int *)context > 0)
        return fail(s, ERROR_UNAVAILABLE, "could not read: the disk is gone");
    ++*(int *)context;
    *n = room_bytes < 3 ? room_bytes : 3;
    memcpy(to, "[1,", *n);
    return true;
}

TEST(a_source_that_fails_fails_the_reader)
{
    int n_calls = 0;
    struct json_stream *j = json_stream_open(s, source_break, &n_calls, 10);

    CHECK_FAILS(json_stream_enter(s, j, JSON_ARRAY), ERROR_UNAVAILABLE,
                "could not read: the disk is gone");
}
