#include "text/utf8.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static bool
is_tail(unsigned char c)
{
    return (c & 0xC0) == 0x80;
}

size_t
utf8_length(const char *at, size_t n)
{
    const unsigned char *c = (const unsigned char *)at;
    if (n == 0)
        return 0;
    if (c[0] < 0x80)
        return 1;
    if (c[0] < 0xC2 || c[0] > 0xF4)
        return 0;
    const size_t length = c[0] < 0xE0 ? 2 : c[0] < 0xF0 ? 3 : 4;
    if (n < length || !is_tail(c[1]) || (length > 2 && !is_tail(c[2])) ||
        (length > 3 && !is_tail(c[3])))
        return 0;
    const bool is_overlong = (c[0] == 0xE0 && c[1] < 0xA0) || (c[0] == 0xF0 && c[1] < 0x90);
    const bool is_surrogate = c[0] == 0xED && c[1] > 0x9F;
    const bool is_above = c[0] == 0xF4 && c[1] > 0x8F;
    return is_overlong || is_surrogate || is_above ? 0 : length;
}

size_t
utf8_span(const char *at, size_t n)
{
    size_t i = 0;
    while (i < n) {
        uint64_t eight;
        if (n - i >= sizeof eight) {
            memcpy(&eight, at + i, sizeof eight);
            if ((eight & UINT64_C(0x8080808080808080)) == 0) {
                i += sizeof eight;
                continue;
            }
        }
        const size_t length = utf8_length(at + i, n - i);
        if (length == 0)
            return i;
        i += length;
    }
    return n;
}
