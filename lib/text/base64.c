#include "text/base64.h"

#include <stdint.h>
#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
base64_write(struct buf *out, const void *bytes, size_t n)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < n; i += 3) {
        const uint32_t three = (uint32_t)at[i] << 16 | (i + 1 < n ? (uint32_t)at[i + 1] << 8 : 0) |
                               (i + 2 < n ? (uint32_t)at[i + 2] : 0);
        const char four[] = {alphabet[three >> 18], alphabet[three >> 12 & 63],
                             i + 1 < n ? alphabet[three >> 6 & 63] : '=',
                             i + 2 < n ? alphabet[three & 63] : '='};
        buf_add(out, four, sizeof four);
    }
}

static int
sextet(char c)
{
    const char *at = c == '\0' ? NULL : strchr(alphabet, c);
    return at == NULL ? -1 : (int)(at - alphabet);
}

bool
base64_read(struct str text, struct buf *out)
{
    uint32_t bits = 0;
    size_t n = text.n;

    while (n > 0 && text.n - n < 2 && text.at[n - 1] == '=')
        n--;
    if (n % 4 == 1 || (n < text.n && text.n % 4 != 0))
        return false;
    for (size_t i = 0; i < n; i++) {
        const int six = sextet(text.at[i]);
        if (six < 0)
            return false;
        bits = bits << 6 | (uint32_t)six;
        if (i % 4 != 0)
            buf_char(out, (char)(bits >> (6 - 2 * (i % 4)) & 0xff));
    }
    return true;
}
