#include "text/json_escape.h"

#include <string.h>

static unsigned
hex_read(const char *at)
{
    unsigned code = 0;
    for (int i = 0; i < 4; i++)
        code = code * 16 + (unsigned)(at[i] <= '9' ? at[i] - '0' : (at[i] | 0x20) - 'a' + 10);
    return code;
}

static char *
utf8_put(char *to, unsigned code)
{
    if (code < 0x80) {
        *to++ = (char)code;
        return to;
    }
    if (code < 0x800) {
        *to++ = (char)(0xC0 | code >> 6);
    } else {
        if (code < 0x10000) {
            *to++ = (char)(0xE0 | code >> 12);
        } else {
            *to++ = (char)(0xF0 | code >> 18);
            *to++ = (char)(0x80 | (code >> 12 & 63));
        }
        *to++ = (char)(0x80 | (code >> 6 & 63));
    }
    *to++ = (char)(0x80 | (code & 63));
    return to;
}

struct str
json_unescape(char *to, struct str text)
{
    static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
    char *out = to;
    for (const char *at = text.at, *end = text.at + text.n; at < end;) {
        if (*at != '\\') {
            *out++ = *at++;
            continue;
        }
        if (at[1] != 'u') {
            *out++ = into[strchr(from, at[1]) - from];
            at += 2;
            continue;
        }
        unsigned code = hex_read(at + 2);
        at += 6;
        if (code >= 0xD800 && code <= 0xDBFF) { // the other half follows, or the scan had failed
            code = 0x10000 + ((code - 0xD800) << 10) + (hex_read(at + 2) - 0xDC00);
            at += 6;
        }
        out = utf8_put(out, code);
    }
    return (struct str){to, (size_t)(out - to)};
}
