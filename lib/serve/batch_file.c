#include "serve/batch_file.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "text/csv.h"
#include "text/number.h"

#define LINE_BYTES ((size_t)4096) // at most; usual ones have 200

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
        csv_add(out, r->site);
        for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) {
            buf_char(out, ',');
            if (isfinite(numbers[k]))
                buf_number(out, numbers[k]);
        }
        buf_char(out, '\n');
    }
}

static struct str
text_slice(const char *text)
{
    return (struct str){text, strlen(text)};
}

// Reads one line's fields into a row; what all lines share must be the same on each.
static bool
row_read(struct scope *s, const char *const f[N_COLUMNS], struct batch *b)
{
    struct batch_row *r = &b->rows[b->n_rows];
    double *const numbers[] = {&r->value, &r->lower, &r->upper, &r->persistence, &r->climatology};
    struct batch mine = {.model = f[MODEL], .version = f[VERSION]};
    if (!number_read_whole(text_slice(f[PARAMETER]), INT32_MAX, &mine.parameter))
        return fail(s, ERROR_INPUT, "\"%s\" is not a parameter", f[PARAMETER]);
    if (!time_parse(s, f[MADE_AT], &mine.made_at) || !day_parse(s, f[DAY], &mine.day))
        return false;
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) {
        *numbers[k] = NAN;
        if ((k == 0 || *f[VALUE + k] != '\0') && !number_read(text_slice(f[VALUE + k]), numbers[k]))
            return fail(s, ERROR_INPUT, "\"%s\" is not a number", f[VALUE + k]);
    }
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
record_read(struct scope *s, const struct csv_record *r, struct batch *b)
{
    const char *fields[N_COLUMNS];
    if (r->fault != NULL)
        return fail(s, ERROR_INPUT, "%s", r->fault);
    if (r->n != N_COLUMNS)
        return fail(s, ERROR_INPUT, "it has %zu fields, not %d", r->n, N_COLUMNS);
    for (size_t i = 0; i < N_COLUMNS; i++)
        fields[i] = scope_copy_n(s, r->fields[i].at, r->fields[i].n);
    return row_read(s, fields, b);
}

bool
batch_read(struct scope *s, struct str bytes, struct batch *out)
{
    const struct csv_record *r;
    size_t n_lines = 0;
    for (size_t i = 0; i < bytes.n; i++)
        n_lines += bytes.at[i] == '\n';
    *out = (struct batch){.rows = scope_array(s, n_lines, sizeof *out->rows)};

    struct csv *c = csv_open_bytes(s, bytes, LINE_BYTES);
    if (!csv_next(s, c, &r))
        return false;
    if (r == NULL || !str_is(r->raw, header) || bytes.at[bytes.n - 1] != '\n')
        return fail(s, ERROR_INPUT, "it does not begin with the line \"%s\" and end a line",
                    header);
    for (;;) {
        if (!csv_next(s, c, &r))
            return false;
        if (r == NULL)
            return out->n_rows > 0 || fail(s, ERROR_INPUT, "it holds no prediction");
        if (!record_read(s, r, out))
            return explain(s, "line %lld", (long long)r->line);
    }
}
