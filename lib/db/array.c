#include "db/array.h"

#include <assert.h>
#include <math.h>
#include <string.h>

struct db_array
db_array_open(struct scope *s, size_t room_bytes)
{
    struct db_array a = {.text = buf_open(s, room_bytes)};
    buf_char(&a.text, '{');
    return a;
}

static void
element_begin(struct db_array *a)
{
    if (a->text.n > 1)
        buf_char(&a->text, ',');
}

void
db_array_text(struct db_array *a, const char *text)
{
    element_begin(a);
    if (text == NULL) {
        buf_text(&a->text, "NULL");
        return;
    }
    buf_char(&a->text, '"');
    for (size_t n; *text != '\0'; text += n) {
        n = strcspn(text, "\"\\");
        buf_add(&a->text, text, n);
        if (n == 0) {
            buf_char(&a->text, '\\');
            buf_char(&a->text, text[n++]);
        }
    }
    buf_char(&a->text, '"');
}

void
db_array_int(struct db_array *a, int64_t x)
{
    element_begin(a);
    buf_int(&a->text, x);
}

void
db_array_number(struct db_array *a, double x)
{
    element_begin(a);
    if (isnan(x))
        buf_text(&a->text, "NaN");
    else if (isinf(x))
        buf_text(&a->text, x > 0 ? "Infinity" : "-Infinity");
    else
        buf_number(&a->text, x);
}

const char *
db_array_end(struct db_array *a)
{
    buf_char(&a->text, '}');
    return a->text.text;
}

// Reads one element, in quotes or bare; `at` moves behind it.
static const char *
element_read(struct scope *s, const char **at)
{
    const char *c = *at;
    const bool is_quoted = *c == '"';
    const size_t most = strlen(c);
    char *out = scope_alloc(s, most + 1);
    size_t n = 0;
    for (c += is_quoted; *c != '\0' && (is_quoted ? *c != '"' : *c != ',' && *c != '}'); c++) {
        c += *c == '\\' && c[1] != '\0';
        out[n++] = *c;
    }
    *at = c + (is_quoted && *c == '"');
    return is_quoted || strcmp(out, "NULL") != 0 ? out : NULL;
}

size_t
db_array_read(struct scope *s, const char *array, const char ***out)
{
    size_t n = 0, most = 1;
    for (const char *c = array; *c != '\0'; c++)
        most += *c == ',';
    const char **texts = scope_array(s, most, sizeof *texts);
    for (const char *at = array + (*array == '{'); *at != '\0' && *at != '}'; at += *at == ',')
        texts[n++] = element_read(s, &at);
    *out = texts;
    return n;
}

#define HEAD 20 // bytes before the first element
#define EACH 12 // bytes of an element and its size

static uint64_t
big_endian(const char *at, size_t n)
{
    uint64_t x = 0;
    for (size_t i = 0; i < n; i++)
        x = x << 8 | (unsigned char)at[i];
    return x;
}

size_t
db_array_count(struct str array)
{
    if (array.n < HEAD)
        return 0; // no dimension: an empty array
    const size_t n = big_endian(array.at + 12, 4);
    assert(big_endian(array.at, 4) == 1 && big_endian(array.at + 4, 4) == 0);
    assert(array.n == HEAD + n * EACH);
    return n;
}

void
db_array_ints(struct str array, size_t room, int64_t out[])
{
    const size_t n = db_array_count(array);
    for (size_t i = 0; i < room && i < n; i++)
        out[i] = (int64_t)big_endian(array.at + HEAD + i * EACH + 4, 8);
}

void
db_array_numbers(struct str array, size_t room, double out[])
{
    const size_t n = db_array_count(array);
    for (size_t i = 0; i < room && i < n; i++) {
        const uint64_t bits = big_endian(array.at + HEAD + i * EACH + 4, 8);
        memcpy(&out[i], &bits, sizeof bits);
    }
}
