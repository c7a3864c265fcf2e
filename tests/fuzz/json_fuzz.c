// tests/fuzz/json_fuzz.c: any bytes are refused in words or read; what was read writes again.
#include "text/json.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void
value_write(struct json_writer *w, const struct json *value)
{
    const enum json_kind kind = json_kind(value);
    if (kind == JSON_OBJECT)
        json_object_begin(w);
    if (kind == JSON_ARRAY)
        json_array_begin(w);
    if (kind == JSON_OBJECT || kind == JSON_ARRAY)
        for (const struct json *m = json_first(value); m != NULL; m = json_next(m)) {
            if (kind == JSON_OBJECT)
                json_put_key(w, json_key(m));
            value_write(w, m);
        }
    if (kind == JSON_OBJECT)
        json_object_end(w);
    else if (kind == JSON_ARRAY)
        json_array_end(w);
    else if (kind == JSON_TEXT)
        json_put_text(w, json_as_text(value));
    else if (kind == JSON_NUMBER)
        json_put_number(w, json_as_number(value));
    else
        json_put_raw(w, kind == JSON_NULL ? "null" : json_as_bool(value) ? "true" : "false");
}

static int
depth_of(const struct json *value)
{
    int most = 0;
    if (json_kind(value) != JSON_ARRAY && json_kind(value) != JSON_OBJECT)
        return 0;
    for (const struct json *m = json_first(value); m != NULL; m = json_next(m)) {
        const int depth = depth_of(m);
        most = depth > most ? depth : most;
    }
    return most + 1;
}

static void
written_again_check(struct scope *s, const struct json *value)
{
    struct buf once = buf_open(s, 64), twice = buf_open(s, 64);
    struct json_writer first = {.out = &once}, second = {.out = &twice};
    if (depth_of(value) >= JSON_DEPTH)
        return; // deeper than anything we write
    value_write(&first, value);
    const struct json *again = json_parse(s, once.text, once.n);
    assert(again != NULL);
    value_write(&second, again);
    assert(strcmp(once.text, twice.text) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct scope s = {0};
    const struct json *value = json_parse(&s, (const char *)bytes, n);
    if (value == NULL) {
        assert(s.kind == ERROR_INPUT);
        assert(strncmp(s.message, "line ", 5) == 0);
    } else {
        const char *text;
        double x;
        written_again_check(&s, value);
        (void)!json_text(&s, value, "runs[0].name", &text);
        (void)!json_number(&s, value, "instances[1][0]", &x);
    }
    scope_close(&s);
    return 0;
}
