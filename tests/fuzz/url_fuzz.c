// tests/fuzz/url_fuzz.c: any query is refused in words or read; what was read is text, and shown in
// HTML it stays text.
#include "text/url.h"

#include <assert.h>
#include <string.h>

#include "text/html.h"
#include "text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct scope s = {0};
    const char *query = scope_copy_n(&s, (const char *)bytes, n), *value;
    struct buf html = buf_open(&s, 64);

    if (!url_query_find(&s, query, "site", &value))
        assert(s.kind == ERROR_INPUT);
    else if (value != NULL)
        assert(utf8_span(value, strlen(value)) == strlen(value));
    html_text(&html, query);
    assert(strpbrk(html.text, "<>\"'") == NULL);
    scope_close(&s);
    return 0;
}
