#include "base/buf.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct buf
buf_open(struct scope *s, size_t room_bytes)
{
    const size_t room = room_bytes < 16 ? 16 : room_bytes;
    return (struct buf){.s = s, .text = scope_alloc(s, room), .room_bytes = room};
}

char *
buf_room(struct buf *b, size_t n)
{
    if (b->room_bytes - b->n > n)
        return b->text + b->n;
    const size_t room = (b->room_bytes + n + 1) * 2;
    char *text = scope_alloc(b->s, room);
    memcpy(text, b->text, b->n);
    b->text = text;
    b->room_bytes = room;
    return b->text + b->n;
}

void
buf_grow(struct buf *b, size_t n)
{
    assert(n < b->room_bytes - b->n);
    b->n += n;
    b->text[b->n] = '\0';
}

void
buf_add(struct buf *b, const void *bytes, size_t n)
{
    if (n == 0)
        return;
    memcpy(buf_room(b, n), bytes, n);
    buf_grow(b, n);
}

void
buf_text(struct buf *b, const char *text)
{
    buf_add(b, text, strlen(text));
}

void
buf_char(struct buf *b, char c)
{
    buf_add(b, &c, 1);
}

void
buf_print(struct buf *b, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    const int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(n >= 0);
    vsnprintf(buf_room(b, (size_t)n), (size_t)n + 1, format, again);
    va_end(again);
    buf_grow(b, (size_t)n);
}

// Writes a number of at most six decimals and eight digits before them, as most measured ones are;
// returns 0 for others. Where m / 10^k gives x back its decimal form reads back as x, for both are
// the same correctly rounded quotient.
static size_t
decimal_write(double x, char *end)
{
    static const double power[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
    const double size = fabs(x);
    if (!(size >= 1e-4 && size < 1e8)) // below that "%g" writes an exponent
        return 0;
    for (int k = 1; k <= 6; k++) {
        const double m = round(size * power[k]);
        if (m / power[k] != size)
            continue;
        char *at = end;
        int n_digits = 0;
        for (uint64_t rest = (uint64_t)m; rest > 0 || n_digits <= k; rest /= 10) {
            *--at = (char)('0' + rest % 10);
            if (++n_digits == k)
                *--at = '.';
        }
        if (x < 0)
            *--at = '-';
        return (size_t)(end - at);
    }
    return 0;
}

void
buf_number(struct buf *b, double x)
{
    assert(isfinite(x));
    char text[32];
    int n = 0;
    if (x == floor(x) && fabs(x) < 1e15) { // whole numbers print exactly, and fast
        n = snprintf(text, sizeof text, "%" PRId64, (int64_t)x);
    } else {
        const size_t n_written = decimal_write(x, text + sizeof text);
        if (n_written > 0) {
            buf_add(b, text + sizeof text - n_written, n_written);
            return;
        }
        n = snprintf(text, sizeof text, "%.15g", x);
        if (strtod(text, NULL) != x)
            n = snprintf(text, sizeof text, "%.16g", x);
        if (strtod(text, NULL) != x)
            n = snprintf(text, sizeof text, "%.17g", x);
    }
    buf_add(b, text, (size_t)n);
}

void
buf_int(struct buf *b, int64_t x)
{
    char text[24];
    const int n = snprintf(text, sizeof text, "%" PRId64, x);
    buf_add(b, text, (size_t)n);
}

void
buf_clear(struct buf *b)
{
    b->n = 0;
    b->text[0] = '\0';
}

bool
str_is(struct str slice, const char *text)
{
    return strlen(text) == slice.n && (slice.n == 0 || memcmp(slice.at, text, slice.n) == 0);
}
