// tests/fuzz/json_fuzz.c: any bytes are refused in words or read; what was read writes again.
#include "text/json.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void
written_again_check(struct scope *s, const struct json *value)
{
    struct buf once = buf_open(s, 64), twice = buf_open(s, 64);
    struct json_writer first = {.out = &once}, second = {.out = &twice};
    json_put_value(&first, value);
    const struct json *again = json_parse(s, once.text, once.n);
    assert(again != NULL);
    json_put_value(&second, again);
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
