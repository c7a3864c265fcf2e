// tests/fuzz/url_fuzz.c: any query is refused in words or read; names and values that were read
// come back when they are encoded and decoded.
#include "text/url.h"

#include <assert.h>
#include <string.h>

#include "text/html.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void
round_check(struct scope *s, const char *text)
{
    struct buf out = buf_open(s, 64);
    const char *back;
    url_encode(&out, text);
    const bool ok = url_decode(s, (struct str){out.text, out.n}, true, &back);
    assert(ok);
    assert(strcmp(back, text) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct scope s = {0};
    static struct url_query query;
    const char *text = scope_copy_n(&s, (const char *)bytes, n);
    struct buf html = buf_open(&s, 64);

    html_text(&html, text);
    assert(strpbrk(html.text, "<>\"'") == NULL);
    if (url_query_parse(&s, text, &query)) {
        for (size_t i = 0; i < query.n; i++) {
            round_check(&s, query.pairs[i].name);
            round_check(&s, query.pairs[i].value);
        }
    } else {
        assert(s.kind == ERROR_INPUT || s.kind == ERROR_LIMIT);
    }
    scope_close(&s);
    return 0;
}
