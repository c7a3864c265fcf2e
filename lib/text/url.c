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
url_decode_again(char *text)
{
    bool is_other = false;
    char *to = text;
    for (const char *c = text; *c != '\0'; c++) {
        const int high = *c == '%' ? hex_value(c[1]) : -1;
        const int low = high >= 0 ? hex_value(c[2]) : -1;
        const bool is_escape = low >= 0 && high + low > 0;
        *to++ = is_escape ? (char)(high * 16 + low) : *c;
        c += is_escape ? 2 : 0;
        is_other = is_other || is_escape;
    }
    *to = '\0';
    return is_other;
}

bool
url_decode(struct scope *s, struct str text, bool has_plus, const char **out)
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
        } else if (c == '+' && has_plus) {
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

bool
url_query_next(const char **at, struct str *name, struct str *value)
{
    *at += strspn(*at, "&");
    if (**at == '\0')
        return false;
    const size_t n_pair = strcspn(*at, "&"), n_name = strcspn(*at, "=&");
    const size_t n_sign = n_name < n_pair; // the "="
    *name = (struct str){*at, n_name};
    *value = (struct str){*at + n_name + n_sign, n_pair - n_name - n_sign};
    *at += n_pair;
    return true;
}

bool
url_query_find(struct scope *s, const char *query, const char *name, const char **value)
{
    struct str key, text;
    *value = NULL;
    while (url_query_next(&query, &key, &text))
        if (str_is(key, name) && key.at[key.n] == '=')
            return url_decode(s, text, true, value);
    return true;
}
