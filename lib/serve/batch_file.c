#include "serve/batch_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

static const char header[] = "prediction_id,model,version,made_at,parameter,day,site,value,lower,"
                             "upper,persistence,climatology";

enum column { ID, MODEL, VERSION, MADE_AT, PARAMETER, DAY, SITE, VALUE, N_COLUMNS = VALUE + 5 };

void
batch_id(const struct batch *b, const char *site, char out[UUID_TEXT])
{
    struct scope one = {0};
    char day[DAY_TEXT], at[TIME_TEXT], hex[HASH_TEXT];
    struct buf text = buf_open(&one, 128);
    buf_print(&text, "%s\n%s\n%s\n%s", b->model, site, day_format(b->day, day),
              time_format(b->made_at, at));
    hash_bytes(text.text, text.n, hex);
    scope_close(&one);

    hex[12] = '8'; // the version, then the variant's two bits
    hex[16] = "89ab"[hex[16] & 3];
    for (size_t i = 0, j = 0; j < UUID_TEXT - 1; j++)
        out[j] = j == 8 || j == 13 || j == 18 || j == 23 ? '-' : hex[i++];
    out[UUID_TEXT - 1] = '\0';
}

static void
field_write(struct buf *out, const char *text)
{
    if (strpbrk(text, ",\"\r\n") == NULL) {
        buf_text(out, text);
        return;
    }
    buf_char(out, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"')
            buf_char(out, '"');
        buf_char(out, *text);
    }
    buf_char(out, '"');
}

void
batch_write(const struct batch *b, struct buf *out)
{
    char day[DAY_TEXT], at[TIME_TEXT];
    day_format(b->day, day);
    time_format(b->made_at, at);

    buf_print(out, "%s\n", header);
    for (size_t i = 0; i < b->n_rows; i++) {
        const struct batch_row *r = &b->rows[i];
        const double numbers[] = {r->value, r->lower, r->upper, r->persistence, r->climatology};
        buf_print(out, "%s,%s,%s,%s,%d,%s,", r->id, b->model, b->version, at, b->parameter, day);
        field_write(out, r->site);
        for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) {
            buf_char(out, ',');
            if (isfinite(numbers[k]))
                buf_number(out, numbers[k]);
        }
        buf_char(out, '\n');
    }
}

// Takes one field from `*at` into the scope and steps behind its comma or line end; `*is_last`
// tells that the line ended with it.
static const char *
field_read(struct scope *s, const char **at, const char *end, bool *is_last)
{
    const char *c = *at;
    struct buf text = buf_open(s, 48);
    const bool is_quoted = c < end && *c == '"';
    for (c += is_quoted; c < end; c++) {
        if (is_quoted && *c == '"') {
            if (c + 1 == end || c[1] != '"')
                break;
            c++;
        } else if (!is_quoted && (*c == ',' || *c == '\n'))
            break;
        buf_char(&text, *c);
    }
    c += is_quoted && c < end;
    *is_last = c == end || *c == '\n';
    *at = c < end ? c + 1 : end;
    return text.text;
}

static bool
number_read(const char *text, bool may_miss, double *out)
{
    char *end;
    *out = *text == '\0' ? NAN : strtod(text, &end);
    return *text == '\0' ? may_miss : *end == '\0' && isfinite(*out);
}

// Reads one line's fields into a row; what all lines share must be the same on each.
static bool
row_read(struct scope *s, const char *const f[N_COLUMNS], struct batch *b)
{
    struct batch_row *r = &b->rows[b->n_rows];
    double *const numbers[] = {&r->value, &r->lower, &r->upper, &r->persistence, &r->climatology};
    struct batch mine = {.model = f[MODEL], .version = f[VERSION]};
    mine.parameter = (int)strtol(f[PARAMETER], NULL, 10);
    if (!time_parse(s, f[MADE_AT], &mine.made_at) || !day_parse(s, f[DAY], &mine.day))
        return false;
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
        if (!number_read(f[VALUE + k], k > 0, numbers[k]))
            return fail(s, ERROR_INPUT, "\"%s\" is not a number", f[VALUE + k]);
    if (b->n_rows == 0) {
        mine.rows = b->rows;
        *b = mine;
    } else if (strcmp(b->model, mine.model) != 0 || strcmp(b->version, mine.version) != 0 ||
               b->made_at != mine.made_at || b->parameter != mine.parameter ||
               b->day.n != mine.day.n)
        return fail(s, ERROR_INPUT, "it belongs to another batch than the lines before");
    r->site = f[SITE];
    batch_id(b, r->site, r->id);
    if (strcmp(r->id, f[ID]) != 0)
        return fail(s, ERROR_INPUT, "its id \"%s\" should be \"%s\"", f[ID], r->id);
    b->n_rows++;
    return true;
}

static bool
line_read(struct scope *s, const char **at, const char *end, struct batch *b)
{
    const char *fields[N_COLUMNS];
    size_t n = 0;
    for (bool is_last = false; !is_last; n++) {
        const char *text = field_read(s, at, end, &is_last);
        if (n < N_COLUMNS)
            fields[n] = text;
    }
    if (n != N_COLUMNS)
        return fail(s, ERROR_INPUT, "it has %zu fields, not %d", n, N_COLUMNS);
    return row_read(s, fields, b);
}

bool
batch_read(struct scope *s, struct str bytes, struct batch *out)
{
    const char *at = bytes.at, *end = bytes.at + bytes.n;
    size_t n_lines = 0;
    for (const char *c = at; c < end; c++)
        n_lines += *c == '\n';
    *out = (struct batch){.rows = scope_array(s, n_lines, sizeof *out->rows)};

    if (bytes.n < sizeof header || memcmp(at, header, sizeof header - 1) != 0 || end[-1] != '\n' ||
        at[sizeof header - 1] != '\n')
        return fail(s, ERROR_INPUT, "it does not begin with the line \"%s\" and end a line",
                    header);
    at += sizeof header;
    for (size_t line = 2; at < end; line++)
        if (!line_read(s, &at, end, out))
            return explain(s, "line %zu", line);
    return out->n_rows > 0 || fail(s, ERROR_INPUT, "it holds no prediction");
}
