#include "aqs/envelope.h"

#include <stdio.h>

#include "test.h"

#define ROW                                                                                        \
    "\"state_code\":\"37\",\"county_code\":\"183\",\"site_number\":\"0014\","                      \
    "\"parameter_code\":\"88101\",\"poc\":1,\"latitude\":35.8,\"longitude\":-78.5,"                \
    "\"sample_duration\":\"24 HOUR\",\"units_of_measure\":\"Micrograms/cubic meter (LC)\","        \
    "\"event_type\":\"None\",\"observation_count\":1,\"arithmetic_mean\":7.5,"                     \
    "\"first_max_value\":7.5,\"method_code\":null,\"date_local\":\"2016-01-01\""

static struct envelope *
opened(struct scope *s, const char *text)
{
    FILE *file = tmpfile();
    fputs(text, file);
    fflush(file);
    struct feed *feed = feed_open(s, fileno(file));
    CHECK(feed != NULL);
    static struct format format;
    return envelope_open(s, feed, &format);
}

TEST(escapes_in_names_are_resolved)
{
    struct envelope *e =
        opened(s, "{\"Header\":[{\"status\":\"Success\"}],\n\"Data\":[\n{" ROW
                  ",\"local_site_name\":\"\\\"Mac\\u00f3n\\\" \\ud83d\\ude00\\/\"}]}");
    struct line line;
    bool is_end;

    CHECK(e != NULL);
    CHECK(envelope_next(s, e, &line, &is_end));
    CHECK(!is_end);
    CHECK(line.number == 3);
    CHECK(str_is(line.fields[FIELD_NAME], "\"Mac\xC3\xB3n\" \xF0\x9F\x98\x80/"));
    CHECK(str_is(line.fields[FIELD_MEAN], "7.5"));
    CHECK(line.fields[FIELD_METHOD].n == 0);
    CHECK(envelope_next(s, e, &line, &is_end));
    CHECK(is_end);
}

TEST(objects_with_other_keys_or_another_order_are_read_alike)
{
    struct envelope *e = opened(s, "{\"Data\":[{" ROW "},{\"poc\":2,\"state_code\":\"01\"},{" ROW
                                   "},{\"poc\":3,\"state_code\":\"02\"}]}");
    static const char *const states[] = {"37", "01", "37", "02"}, *const pocs[] = {"1", "2", "1",
                                                                                   "3"};
    struct line line;
    bool is_end;

    CHECK(e != NULL);
    for (int i = 0; i < 4; i++) {
        CHECK(envelope_next(s, e, &line, &is_end));
        CHECK(str_is(line.fields[FIELD_STATE], states[i]));
        CHECK(str_is(line.fields[FIELD_POC], pocs[i]));
        CHECK((line.fields[FIELD_MEAN].n > 0) == (i % 2 == 0));
    }
}

TEST(a_broken_object_is_a_line_with_a_fault)
{
    static const char *const objects[][2] = {
        {"{" ROW ",\"poc\":2}", "key \"poc\" appears twice"},
        {"{" ROW ",\"local_site_name\":\"\xF3\"}", "the bytes are not UTF-8"},
        {"{" ROW ",}", "expected a key in double quotes"},
    };
    for (size_t i = 0; i < sizeof objects / sizeof *objects; i++) {
        struct envelope *e =
            opened(s, scope_print(s, "{\"Data\":[{" ROW "},\n%s,\n{" ROW "}]}", objects[i][0]));
        struct line line;
        bool is_end;

        CHECK(e != NULL);
        CHECK(envelope_next(s, e, &line, &is_end) && line.fault == NULL);
        CHECK(envelope_next(s, e, &line, &is_end));
        CHECK(line.number == 2);
        CHECK_TEXT(line.fault, objects[i][1]);
        CHECK(envelope_next(s, e, &line, &is_end) && line.fault == NULL);
        CHECK(line.number == 3);
        CHECK(envelope_next(s, e, &line, &is_end) && is_end);
    }
}

static const char *
refused(struct scope *s, const char *text)
{
    struct envelope *e = opened(s, text);
    struct line line;
    bool is_end = false;
    while (e != NULL && !is_end)
        if (!envelope_next(s, e, &line, &is_end))
            break;
    CHECK(s->kind != ERROR_NONE);
    const char *message = scope_copy(s, s->message);
    scope_forgive(s);
    return message;
}

TEST(an_answer_is_refused_in_words)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"{\"Data\":[],\"Data\":[]}", "broken JSON at line 1: \"Data\" comes twice"},
        {"{\"Data\":[]}x", "broken JSON at line 1: something follows the value"},
        {"{\"Data\":[\n1]}", "broken JSON at line 2: an object is missing in \"Data\""},
        {"{\"Data\":{}}", "broken JSON at line 1: \"Data\" is not an array"},
        {"{\"Header\":[{\"a\":01}],\"Data\":[]}",
         "broken JSON at line 1: a number may not begin with 0"},
        {"{\"Data\":[{" ROW "}", "broken JSON at line 1: the file ends too early"},
        {"{\"Data\":[{" ROW "},\n{\"state_", "broken JSON at line 2: the file ends too early"},
        {"{\"Header\":[{\"status\":\"Failed\",\"error\":[\"no \\u00e9mail\"]}],\"Data\":[]}",
         "EPA refused the request: no \\u00e9mail"},
        {"{\"Header\":[{\"status\":\"Failed\",\"error\":\"no \\u00e9mail\"}],\"Data\":[]}",
         "EPA refused the request: no \xC3\xA9mail"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_TEXT(refused(s, cases[i].text), cases[i].message);
}
