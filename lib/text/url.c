#include "text/url.h"

#include <string.h>

#include "text/utf8.h"

static bool
is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("-._~", c) != NULL);
}

void
url_encode(struct buf *out, const char *text)
{
    static const char digits[] = "0123456789ABCDEF";
    for (const char *c = text; *c != '\0'; c++) {
        const unsigned char byte = (unsigned char)*c;
        if (is_unreserved(*c))
            buf_char(out, *c);
        else
            buf_add(out, (const char[]){'%', digits[byte >> 4], digits[byte & 15]}, 3);
    }
}

static int
hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    const int lower = c | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool
url_decode(struct scope *s, struct str text, bool is_query, const char **out)
{
    char *to = scope_alloc(s, text.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.at[i];
        if (c == '%') {
            const int high = i + 2 < text.n ? hex_value(text.at[i + 1]) : -1;
            const int low = i + 2 < text.n ? hex_value(text.at[i + 2]) : -1;
            if (high < 0 || low < 0)
                return fail(s, ERROR_INPUT, "\"%%\" is not followed by two hexadecimal digits");
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+' && is_query) {
            c = ' ';
        }
        if (c == '\0')
            return fail(s, ERROR_INPUT, "a zero byte is not text");
        to[n++] = c;
    }
    if (utf8_span(to, n) != n)
        return fail(s, ERROR_INPUT, "the bytes are not UTF-8");
    *out = to;
    return true;
}

static bool
pair_parse(struct scope *s, struct str text, struct url_query *out)
{
    struct query_pair pair;
    const char *equals = memchr(text.at, '=', text.n);
    const size_t n_name = equals == NULL ? text.n : (size_t)(equals - text.at);
    const size_t n_used = equals == NULL ? text.n : n_name + 1;
    if (n_name == 0)
        return fail(s, ERROR_INPUT, "a name in the query is empty");
    if (!url_decode(s, (struct str){text.at, n_name}, true, &pair.name))
        return explain(s, "cannot read a name in the query");
    if (!url_decode(s, (struct str){text.at + n_used, text.n - n_used}, true, &pair.value))
        return explain(s, "cannot read \"%.60s\" in the query", pair.name);
    if (url_query_find(out, pair.name) != NULL)
        return fail(s, ERROR_INPUT, "\"%.60s\" comes twice in the query", pair.name);
    if (out->n == QUERY_PAIRS)
        return fail(s, ERROR_LIMIT, "the query has more than %d pairs", QUERY_PAIRS);
    out->pairs[out->n++] = pair;
    return true;
}

bool
url_query_parse(struct scope *s, const char *text, struct url_query *out)
{
    out->n = 0;
    if (strlen(text) > QUERY_BYTES)
        return fail(s, ERROR_LIMIT, "the query is longer than %zu bytes", QUERY_BYTES);
    while (*text != '\0') {
        const size_t n = strcspn(text, "&");
        if (n > 0 && !pair_parse(s, (struct str){text, n}, out))
            return false;
        text += n + (text[n] == '&');
    }
    return true;
}

const char *
url_query_find(const struct url_query *query, const char *name)
{
    for (size_t i = 0; i < query->n; i++)
        if (strcmp(query->pairs[i].name, name) == 0)
            return query->pairs[i].value;
    return NULL;
}
