#include "text/number.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS_MOST 15 // that any double holds exactly
#define POWER_MOST 22  // 10^22 is the largest power of ten that a double holds exactly
#define TEXT_MOST 400  // longer ones are refused: no double needs as many characters

static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

struct decimal { // digits * 10^exponent
    uint64_t digits;
    int n_digits; // without leading zeros
    int exponent;
};

static bool
is_digit(const char *at, const char *end)
{
    return at < end && (unsigned char)(*at - '0') < 10;
}

static const char *
digits_read(const char *at, const char *end, struct decimal *d)
{
    for (; is_digit(at, end); at++) {
        d->n_digits += d->n_digits > 0 || *at != '0';
        if (d->n_digits <= DIGITS_MOST)
            d->digits = d->digits * 10 + (uint64_t)(*at - '0');
    }
    return at;
}

// Reads "e-7". NULL where it is not one.
static const char *
exponent_read(const char *at, const char *end, int *out)
{
    const bool is_negative = at < end && *at == '-';
    int value = 0;
    at += at < end && (*at == '-' || *at == '+');
    if (!is_digit(at, end))
        return NULL;
    for (; is_digit(at, end); at++)
        value = value > 9999 ? value : value * 10 + (*at - '0');
    *out = is_negative ? -value : value;
    return at;
}

static bool
slow_read(struct str text, double *out)
{
    char copy[TEXT_MOST + 1];
    if (text.n > TEXT_MOST)
        return false;
    memcpy(copy, text.at, text.n);
    copy[text.n] = '\0';
    *out = strtod(copy, NULL);
    return isfinite(*out);
}

bool
number_read(struct str text, double *out)
{
    if (text.n == 0)
        return false;
    const char *at = text.at, *end = text.at + text.n;
    struct decimal d = {0};
    int exponent = 0;
    const bool is_negative = *at == '-';
    at += is_negative;
    const char *start = at;
    at = digits_read(at, end, &d);
    size_t n_characters = (size_t)(at - start);
    if (at < end && *at == '.') {
        start = ++at;
        at = digits_read(at, end, &d);
        d.exponent = -(int)(at - start);
        n_characters += (size_t)(at - start);
    }
    if (n_characters == 0)
        return false;
    if (at < end && (*at == 'e' || *at == 'E'))
        at = exponent_read(at + 1, end, &exponent);
    if (at != end)
        return false;
    d.exponent += exponent;
    if (d.n_digits > DIGITS_MOST || d.exponent < -POWER_MOST || d.exponent > POWER_MOST)
        return slow_read(text, out);
    const double x = d.exponent < 0 ? (double)d.digits / powers[-d.exponent]
                                    : (double)d.digits * powers[d.exponent];
    *out = is_negative ? -x : x;
    return true;
}

bool
number_read_whole(struct str text, int most, int *out)
{
    int64_t value = 0;
    if (text.n == 0)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        const unsigned digit = (unsigned char)(text.at[i] - '0');
        value = value * 10 + digit;
        if (digit > 9 || value > most)
            return false;
    }
    *out = (int)value;
    return true;
}
