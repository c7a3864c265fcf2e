#include "api/instances_scan.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS_WIDE 19    // so many are below 2^64
#define POWER_WIDE 19     // so is the mantissa of this power of ten
#define DIGITS_EXACT 15   // so many decimal digits are a double without rounding
#define POWER_EXACT 22    // so is this power of ten, and one product of both rounds once
#define NUMBER_BYTES 60   // text/json takes no longer ones
#define EXPONENT_MOST 400 // the database takes no "1e-20000" or "0e-99999", near 0 as they are

struct scan {
    const char *at, *end; // *end is a terminator
};

static void
space_skip(struct scan *in)
{
    while (*in->at == ' ' || *in->at == '\n' || *in->at == '\r' || *in->at == '\t')
        in->at++;
}

static bool
word_take(struct scan *in, const char *word)
{
    const size_t n = strlen(word);
    space_skip(in);
    if ((size_t)(in->end - in->at) < n || memcmp(in->at, word, n) != 0)
        return false;
    in->at += n;
    return true;
}

struct decimal {
    uint64_t digits;
    int n_digits, power;
};

static const char *
digits_take(const char *at, struct decimal *d, int step)
{
    for (; *at >= '0' && *at <= '9'; at++) {
        if (d->n_digits < DIGITS_WIDE)
            d->digits = d->digits * 10 + (uint64_t)(*at - '0');
        d->n_digits += d->digits != 0;
        d->power -= step;
    }
    return at;
}

// Up to 19 digits: one operation on exact operands in the x87's 64-bit mantissa, then rounded to
// 53 bits. That is the nearest double unless the first rounding hid on which side of a tie the
// number lies; then, and on machines without such a mantissa, it is false.
static bool
wide_value(const struct decimal *d, double *out)
{
#if LDBL_MANT_DIG == 64
    static const long double ten[POWER_WIDE + 1] = {1e0L,  1e1L,  1e2L,  1e3L,  1e4L,  1e5L,  1e6L,
                                                    1e7L,  1e8L,  1e9L,  1e10L, 1e11L, 1e12L, 1e13L,
                                                    1e14L, 1e15L, 1e16L, 1e17L, 1e18L, 1e19L};
    if (d->n_digits > DIGITS_WIDE || d->power > 0 || d->power < -POWER_WIDE || d->digits == 0)
        return false;
    const long double x = (long double)d->digits / ten[-d->power];
    uint64_t mantissa;
    memcpy(&mantissa, &x, sizeof mantissa);
    const uint64_t below = mantissa & 0x7ff; // what rounding to 53 bits drops; a tie is 0x400
    *out = (double)x;
    return below < 0x3ff || below > 0x401;
#else
    (void)d;
    (void)out;
    return false;
#endif
}

static double
decimal_value(const struct decimal *d, const char *text, bool is_negative)
{
    static const double ten[POWER_EXACT + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    double wide;
    if (d->n_digits > DIGITS_EXACT || d->power > POWER_EXACT || d->power < -POWER_EXACT) {
        if (!wide_value(d, &wide))
            return strtod(text, NULL);
        return is_negative ? -wide : wide;
    }
    // source: Clinger, "How to read floating point numbers accurately", 1990
    const double x =
        d->power < 0 ? (double)d->digits / ten[-d->power] : (double)d->digits * ten[d->power];
    return is_negative ? -x : x;
}

// A number by JSON's grammar.
static bool
number_take(struct scan *in, double *out)
{
    const char *start = in->at, *at = start + (*start == '-');
    struct decimal d = {0};
    int exponent = 0;

    if (*at < '0' || *at > '9' || (*at == '0' && at[1] >= '0' && at[1] <= '9'))
        return false;
    at = digits_take(at, &d, 0);
    if (*at == '.') {
        const char *first = ++at;
        at = digits_take(at, &d, 1);
        if (at == first)
            return false;
    }
    if (*at == 'e' || *at == 'E') {
        const bool is_less = at[1] == '-';
        at += 1 + (at[1] == '-' || at[1] == '+');
        if (*at < '0' || *at > '9')
            return false;
        for (; *at >= '0' && *at <= '9'; at++)
            exponent = exponent < 10000 ? exponent * 10 + (*at - '0') : exponent;
        if (exponent > EXPONENT_MOST)
            return false;
        d.power += is_less ? -exponent : exponent;
    }
    if (at - start > NUMBER_BYTES)
        return false;
    *out = decimal_value(&d, start, *start == '-');
    in->at = at;
    return isfinite(*out);
}

static bool
row_take(struct scan *in, const struct schema *schema, double *x, struct str *text)
{
    if (!word_take(in, "["))
        return false;
    text->at = in->at;
    for (size_t j = 0; j < schema->n_features; j++) {
        if (j > 0 && !word_take(in, ","))
            return false;
        space_skip(in);
        if (*in->at != 'n' ? !number_take(in, &x[j])
                           : !word_take(in, "null") || !schema->may_miss[j])
            return false;
        if (in->at[-1] == 'l')
            x[j] = NAN;
    }
    text->n = (size_t)(in->at - text->at);
    return word_take(in, "]");
}

// How many rows there are, from the brackets; an upper bound for any body that will be taken.
static size_t
rows_bound(struct str body)
{
    size_t n = 0;
    for (const char *at = body.at, *end = at + body.n; at < end; n++) {
        at = memchr(at, '[', (size_t)(end - at));
        if (at == NULL)
            break;
        at++;
    }
    return n;
}

bool
instances_scan(struct scope *s, const struct schema *schema, struct str body, struct instances *out)
{
    struct scan in = {body.at, body.at + body.n};
    const size_t most = rows_bound(body);
    const bool is_wrapped = word_take(&in, "{");

    *out = (struct instances){0};
    if (is_wrapped && (!word_take(&in, "\"instances\"") || !word_take(&in, ":")))
        return false;
    if (!word_take(&in, "[") || most < 2 || most > INSTANCES_MOST + 1 || schema->n_features == 0)
        return false;
    out->X = scope_array(s, most * schema->n_features, sizeof *out->X);
    out->text = scope_array(s, most, sizeof *out->text);
    do {
        if (!row_take(&in, schema, out->X + out->n * schema->n_features, &out->text[out->n]))
            return false;
        out->n++;
    } while (word_take(&in, ","));
    if (!word_take(&in, "]") || (is_wrapped && !word_take(&in, "}")))
        return false;
    space_skip(&in);
    return in.at == in.end;
}
