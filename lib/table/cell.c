#include "table/cell.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "text/number.h"
#include "text/utf8.h"

#define EPOCH_DAYS 10957 // from 1970 to PostgreSQL's 2000-01-01
#define DAY_S 86400
#define SHOWN_BYTES 60 // of a field, in a reason

static void
whole_put(struct buf *out, uint64_t x, int n_bytes)
{
    char bytes[12] = {0, 0, 0, (char)n_bytes};
    for (int i = 0; i < n_bytes; i++)
        bytes[4 + i] = (char)(x >> 8 * (n_bytes - 1 - i));
    buf_add(out, bytes, 4 + (size_t)n_bytes);
}

void
cell_put_int(struct buf *out, int64_t x)
{
    whole_put(out, (uint64_t)x, 8);
}

static void
text_put(struct buf *out, const char *at, size_t n)
{
    char size[4] = {(char)(n >> 24), (char)(n >> 16), (char)(n >> 8), (char)n};
    buf_add(out, size, sizeof size);
    buf_add(out, at, n);
}

static bool
refuse(char reason[CELL_REASON_BYTES], const struct column *c, struct str field, const char *words)
{
    snprintf(reason, CELL_REASON_BYTES, "%s \"%.*s\" %s", c->name,
             field.n > SHOWN_BYTES ? SHOWN_BYTES : (int)field.n, field.at, words);
    return false;
}

static bool
bounds_check(const struct column *c, struct str field, double x, char reason[CELL_REASON_BYTES])
{
    char words[64];
    if (!(x < c->min) && !(x > c->max))
        return true;
    const bool is_below = x < c->min;
    const char *side = is_below ? "below" : "above";
    if (c->type == COLUMN_NUMBER || c->type == COLUMN_INTEGER)
        snprintf(words, sizeof words, "is %s %.15g", side, is_below ? c->min : c->max);
    else
        snprintf(words, sizeof words, "is %s its column's %s", side, is_below ? "min" : "max");
    return refuse(reason, c, field, words);
}

static bool
number_put(struct buf *out, const struct column *c, struct str field,
           char reason[CELL_REASON_BYTES])
{
    double x;
    uint64_t bits;
    if (!number_read(field, &x))
        return refuse(reason, c, field, "is not a number");
    if (!bounds_check(c, field, x, reason))
        return false;
    memcpy(&bits, &x, sizeof bits);
    whole_put(out, bits, 8);
    return true;
}

// A sign and up to 18 digits, which always fit.
static bool
integer_read(struct str field, int64_t *out)
{
    const bool is_signed = field.n > 0 && (field.at[0] == '-' || field.at[0] == '+');
    const size_t n_digits = field.n - (is_signed ? 1 : 0);
    int64_t x = 0;
    if (n_digits == 0 || n_digits > 18)
        return false;
    for (size_t i = is_signed ? 1 : 0; i < field.n; i++) {
        if (field.at[i] < '0' || field.at[i] > '9')
            return false;
        x = 10 * x + (field.at[i] - '0');
    }
    *out = is_signed && field.at[0] == '-' ? -x : x;
    return true;
}

static bool
integer_put(struct buf *out, const struct column *c, struct str field,
            char reason[CELL_REASON_BYTES])
{
    int64_t x;
    if (!integer_read(field, &x))
        return refuse(reason, c, field, "is not a whole number of at most 18 digits");
    if (!bounds_check(c, field, (double)x, reason))
        return false;
    cell_put_int(out, x);
    return true;
}

static bool
string_put(struct buf *out, const struct column *c, struct str field,
           char reason[CELL_REASON_BYTES])
{
    size_t n_characters = 0;
    if (utf8_span(field.at, field.n) != field.n ||
        memchr(field.at, 0, field.n) != NULL) {
        snprintf(reason, CELL_REASON_BYTES, "%s is not UTF-8", c->name);
        return false;
    }
    for (size_t i = 0; c->max_length > 0 && i < field.n; i++)
        n_characters += ((unsigned char)field.at[i] & 0xc0) != 0x80 ? 1 : 0;
    if (c->max_length > 0 && n_characters > c->max_length) {
        snprintf(reason, CELL_REASON_BYTES, "%s has %zu characters, more than %zu", c->name,
                 n_characters, c->max_length);
        return false;
    }
    text_put(out, field.at, field.n);
    return true;
}

static bool
category_put(struct buf *out, const struct column *c, struct str field,
             char reason[CELL_REASON_BYTES])
{
    for (size_t i = 0; i < c->n_words; i++)
        if (str_is(field, c->words[i])) {
            text_put(out, c->values[i], strlen(c->values[i]));
            return true;
        }
    return refuse(reason, c, field, "is not an allowed value");
}

static bool
boolean_put(struct buf *out, const struct column *c, struct str field,
            char reason[CELL_REASON_BYTES])
{
    static const char *const words[][2] = {{"false", "true"}, {"0", "1"},        {"no", "yes"},
                                           {"f", "t"},        {"False", "True"}, {"FALSE", "TRUE"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        for (unsigned k = 0; k < 2; k++)
            if (str_is(field, words[i][k])) {
                whole_put(out, k, 1);
                return true;
            }
    return refuse(reason, c, field, "is neither true nor false");
}

static bool
day_put(struct buf *out, const struct column *c, struct str field, char reason[CELL_REASON_BYTES])
{
    struct day day;
    if (!day_read(field.at, field.n, &day))
        return refuse(reason, c, field, "is not a day, YYYY-MM-DD");
    if (!bounds_check(c, field, day.n, reason))
        return false;
    whole_put(out, (uint64_t)(int64_t)(day.n - EPOCH_DAYS), 4);
    return true;
}

static bool
two_read(const char *at, int most, int *out)
{
    return number_read_whole((struct str){at, 2}, most, out);
}

// "2013-03-01T05:30:00Z", "2013-03-01 05:30:00" and "2013-03-01 05:30", all UTC.
static bool
time_read(struct str field, int64_t *out)
{
    struct day day;
    int hour, minute, second = 0;
    size_t n = field.n;
    if (n > 0 && field.at[n - 1] == 'Z')
        n--;
    if ((n != 16 && n != 19) || !day_read(field.at, 10, &day) ||
        (field.at[10] != ' ' && field.at[10] != 'T') || field.at[13] != ':' ||
        !two_read(field.at + 11, 23, &hour) || !two_read(field.at + 14, 59, &minute))
        return false;
    if (n == 19 && (field.at[16] != ':' || !two_read(field.at + 17, 59, &second)))
        return false;
    *out = (int64_t)day.n * DAY_S + hour * 3600 + minute * 60 + second;
    return true;
}

static bool
time_put(struct buf *out, const struct column *c, struct str field, char reason[CELL_REASON_BYTES])
{
    int64_t t;
    if (!time_read(field, &t))
        return refuse(reason, c, field, "is not a time, YYYY-MM-DD HH:MM:SS");
    if (!bounds_check(c, field, (double)t, reason))
        return false;
    cell_put_int(out, (t - (int64_t)EPOCH_DAYS * DAY_S) * 1000000);
    return true;
}

static bool
is_null(const struct declaration *d, struct str field)
{
    for (size_t i = 0; i < d->n_null_words; i++)
        if (str_is(field, d->null_words[i]))
            return true;
    return field.at == NULL;
}

bool
cell_put(struct buf *out, const struct declaration *d, const struct column *c, struct str field,
         char reason[CELL_REASON_BYTES])
{
    static bool (*const puts[COLUMN_TYPES])(struct buf *, const struct column *, struct str,
                                            char *) = {
        [COLUMN_NUMBER] = number_put,   [COLUMN_INTEGER] = integer_put,
        [COLUMN_TEXT] = string_put,     [COLUMN_CATEGORY] = category_put,
        [COLUMN_BOOLEAN] = boolean_put, [COLUMN_DAY] = day_put,
        [COLUMN_TIME] = time_put,
    };
    if (!is_null(d, field))
        return puts[c->type](out, c, field, reason);
    if (!c->is_nullable) {
        snprintf(reason, CELL_REASON_BYTES, "%s is missing", c->name);
        return false;
    }
    buf_add(out, "\377\377\377\377", 4); // the length -1 is NULL
    return true;
}
