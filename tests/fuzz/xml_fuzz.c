// tests/fuzz/xml_fuzz.c: any bytes are refused in words or read as XML, whose ends match its
// beginnings and whose texts are text.
#include "text/xml.h"

#include <assert.h>
#include <string.h>

#include "store/s3_error.h"
#include "text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void
error_try(const uint8_t *bytes, size_t n)
{
    struct scope s = {0};
    const struct exchange_answer answer = {
        .status = 503, .body = {(const char *)bytes, n}, .headers = "Date: x\r\n"};
    const struct s3_error e = s3_error_read(&s, &answer);
    assert(!s3_error_fail(&s, &e, "b", "r"));
    scope_close(&s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct scope s = {0};
    struct xml x = xml_open((const char *)bytes, n);
    struct xml_event e = {0};
    int depth = 0;
    bool ok;
    while ((ok = xml_next(&s, &x, &e)) && e.kind != XML_END) {
        depth += e.kind == XML_OPEN ? 1 : -1;
        assert(depth >= 0 && depth <= XML_DEPTH);
        assert(utf8_span(e.text, strlen(e.text)) == strlen(e.text));
        assert(*e.name != '\0' && strchr(e.name, ':') == NULL);
    }
    assert(ok ? depth == 0 : s.kind == ERROR_INPUT || s.kind == ERROR_LIMIT);
    scope_close(&s);
    error_try(bytes, n);
    return 0;
}
