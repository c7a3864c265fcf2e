#include "table/sheet.h"

#include <stdio.h>
#include <string.h>

#include "text/csv.h"

#define FAULT_BYTES 80

struct sheet {
    const struct declaration *d;
    struct feed *feed;
    struct csv *csv;
    const struct csv_record *waiting; // the first record, where it is a row
    size_t n_fields;                  // in each row
    int *places;                      // column -> field, -1 where the file has none
    struct str *fields;
    char *swapped; // room for one record whose delimiter is no comma
    struct sheet_row row;
    char fault[FAULT_BYTES];
};

// The reader splits at commas. Where the delimiter is another byte, the two change places before
// it reads, and again in what it has read; quotes keep their meaning all the way.
static void
bytes_swap(char *bytes, size_t n, char delimiter)
{
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] == ',')
            bytes[i] = delimiter;
        else if (bytes[i] == delimiter)
            bytes[i] = ',';
    }
}

static bool
feed_take(struct scope *s, void *context, char *to, size_t room_bytes, size_t *n)
{
    const struct sheet *sheet = context;
    if (!feed_read(s, sheet->feed, to, room_bytes, n))
        return false;
    if (sheet->d->delimiter != ',')
        bytes_swap(to, *n, sheet->d->delimiter);
    return true;
}

static struct str
field_swap(const struct sheet *sheet, struct str field, char **room)
{
    char *at = *room;
    if (sheet->d->delimiter == ',' || field.n == 0)
        return field;
    memcpy(at, field.at, field.n);
    bytes_swap(at, field.n, sheet->d->delimiter);
    *room += field.n;
    return (struct str){at, field.n};
}

static bool
record_next(struct scope *s, struct sheet *sheet, const struct csv_record **out)
{
    *out = sheet->waiting;
    sheet->waiting = NULL;
    if (*out != NULL)
        return true;
    if (!csv_next(s, sheet->csv, out))
        return false;
    if (*out != NULL && (*out)->is_long)
        return fail(s, ERROR_LIMIT, "line %lld is longer than %zu bytes", (long long)(*out)->line,
                    SHEET_LINE_BYTES);
    return true;
}

static bool
is_ignored(const struct declaration *d, struct str header)
{
    for (size_t i = 0; i < d->n_ignored; i++)
        if (str_is(header, d->ignored[i]))
            return true;
    return false;
}

static bool
name_place(struct scope *s, struct sheet *sheet, struct str header, int field)
{
    const struct declaration *d = sheet->d;
    for (size_t i = 0; i < d->n_columns; i++) {
        if (!str_is(header, d->columns[i].header))
            continue;
        if (sheet->places[i] >= 0)
            return fail(s, ERROR_INPUT, "column \"%s\" comes twice in the header",
                        d->columns[i].header);
        sheet->places[i] = field;
        return true;
    }
    return is_ignored(d, header) ||
           fail(s, ERROR_INPUT, "column \"%.*s\" is not declared, nor among those to ignore",
                header.n > 60 ? 60 : (int)header.n, header.at);
}

static bool
names_read(struct scope *s, struct sheet *sheet, const struct csv_record *r)
{
    const struct declaration *d = sheet->d;
    char *room = sheet->swapped;
    for (size_t i = 0; i < r->n; i++)
        if (!name_place(s, sheet, field_swap(sheet, r->fields[i], &room), (int)i))
            return false;
    for (size_t i = 0; i < d->n_columns; i++)
        if (sheet->places[i] < 0 && !d->columns[i].is_nullable)
            return fail(s, ERROR_INPUT, "column \"%s\" is missing", d->columns[i].header);
    sheet->n_fields = r->n;
    return true;
}

static bool
header_read(struct scope *s, struct sheet *sheet)
{
    const struct declaration *d = sheet->d;
    const struct csv_record *r;
    char *room = sheet->swapped;
    for (size_t i = 0; i < d->n_columns; i++)
        sheet->places[i] = d->header == HEADER_NAMES ? -1 : (int)i;
    sheet->n_fields = d->n_columns;
    if (!record_next(s, sheet, &r))
        return false;
    if (r == NULL || (r->fault != NULL && d->header != HEADER_NONE))
        return fail(s, ERROR_INPUT, "the first line is no CSV%s%s", r == NULL ? "" : ": ",
                    r == NULL ? "" : r->fault);
    if (d->header == HEADER_NAMES)
        return names_read(s, sheet, r);
    if (d->header == HEADER_LINE)
        return str_is(field_swap(sheet, r->raw, &room), d->first_line) ||
               fail(s, ERROR_INPUT, "the first line is not \"%.200s\"", d->first_line);
    sheet->waiting = r;
    return true;
}

struct sheet *
sheet_open(struct scope *s, const struct declaration *d, struct feed *feed)
{
    struct sheet *sheet = scope_alloc(s, sizeof *sheet);
    *sheet = (struct sheet){.d = d, .feed = feed};
    sheet->places = scope_array(s, d->n_columns, sizeof *sheet->places);
    sheet->fields = scope_array(s, d->n_columns, sizeof *sheet->fields);
    // A record's text comes at most twice, as its raw line and as its fields.
    sheet->swapped = scope_alloc(s, d->delimiter == ',' ? 1 : 2 * SHEET_LINE_BYTES);
    sheet->csv = csv_open(s, feed_take, sheet, SHEET_LINE_BYTES);
    return header_read(s, sheet) ? sheet : NULL;
}

bool
sheet_next(struct scope *s, struct sheet *sheet, const struct sheet_row **out)
{
    const struct csv_record *r;
    char *room = sheet->swapped;
    *out = NULL;
    if (!record_next(s, sheet, &r) || r == NULL)
        return s->kind == ERROR_NONE;
    sheet->row = (struct sheet_row){
        .line = r->line,
        .raw = field_swap(sheet, r->raw, &room),
        .fields = sheet->fields,
        .fault = r->fault,
        .is_blank = r->raw.n == 0,
    };
    *out = &sheet->row;
    if (r->fault != NULL || sheet->row.is_blank)
        return true;
    if (r->n != sheet->n_fields) {
        snprintf(sheet->fault, sizeof sheet->fault, "%zu fields instead of %zu", r->n,
                 sheet->n_fields);
        sheet->row.fault = sheet->fault;
        return true;
    }
    for (size_t i = 0; i < sheet->d->n_columns; i++) {
        const int place = sheet->places[i];
        sheet->fields[i] =
            place < 0 ? (struct str){NULL, 0} : field_swap(sheet, r->fields[place], &room);
    }
    return true;
}
