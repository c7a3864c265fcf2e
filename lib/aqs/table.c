#include "aqs/table.h"

#include <stdio.h>
#include <string.h>

#include "aqs/envelope.h"
#include "text/csv.h"

struct table {
    struct feed *feed;
    struct envelope *envelope; // of the API's answers, else NULL
    struct csv *csv;           // of all others
    struct str header;
    struct format format;
    size_t n_columns;
    const struct csv_record *record; // of the last line
    size_t n_values_left;            // of it
    struct line line;                // the last one
    char fault[64];                  // of it
};

static bool
feed_take(struct scope *s, void *feed, char *to, size_t room_bytes, size_t *n)
{
    return feed_read(s, feed, to, room_bytes, n);
}

// Reads the next record; `*out` is NULL at the end.
static bool
record_next(struct scope *s, struct table *table, const struct csv_record **out)
{
    if (!csv_next(s, table->csv, out))
        return false;
    if (*out != NULL && (*out)->is_long)
        return fail(s, ERROR_LIMIT, "line %lld is longer than %zu bytes", (long long)(*out)->line,
                    TABLE_LINE_BYTES);
    return true;
}

static bool
header_read(struct scope *s, struct table *table, int parameter)
{
    const struct csv_record *r;
    table->csv = csv_open(s, feed_take, table->feed, TABLE_LINE_BYTES);
    if (!record_next(s, table, &r))
        return false;
    if (r == NULL || r->fault != NULL)
        return fail(s, ERROR_INPUT, "the first line is no CSV header");
    table->n_columns = r->n;
    table->header = (struct str){scope_copy_n(s, r->raw.at, r->raw.n), r->raw.n};
    return format_tell(s, r->n, r->fields, parameter, &table->format);
}

// Control characters other than white space mean that this is no text.
static bool
is_binary(struct str bytes)
{
    for (size_t i = 0; i < bytes.n; i++) {
        const unsigned char c = (unsigned char)bytes.at[i];
        if ((c < ' ' && c != '\n' && c != '\r' && c != '\t') || c == 127)
            return true;
    }
    return false;
}

struct table *
table_open(struct scope *s, int fd, int parameter)
{
    struct feed *feed = feed_open(s, fd);
    return feed == NULL ? NULL : table_open_feed(s, feed, parameter);
}

struct table *
table_open_feed(struct scope *s, struct feed *feed, int parameter)
{
    struct table *table = scope_alloc(s, sizeof *table);
    struct str first;
    table->feed = feed;
    if (!feed_peek(s, feed, 4096, &first))
        return NULL;
    if (first.n == 0)
        return fail_null(s, ERROR_INPUT, "the file in the zip is empty");
    if (is_binary(first))
        return fail_null(s, ERROR_INPUT, "neither CSV, zip nor JSON: the bytes are binary");
    while (first.n > 0 && strchr(" \t\r\n", first.at[0]) != NULL)
        first = (struct str){first.at + 1, first.n - 1};
    if (first.n > 0 && first.at[0] == '<')
        return fail_null(s, ERROR_INPUT, "the file is a web page");
    if (first.n == 0 || first.at[0] != '{')
        return header_read(s, table, parameter) ? table : NULL;
    if (parameter != 0)
        return fail_null(s, ERROR_INPUT, "only a CSV's parameter can be told");
    table->envelope = envelope_open(s, table->feed, &table->format);
    return table->envelope == NULL ? NULL : table;
}

const struct format *
table_format(const struct table *table)
{
    return &table->format;
}

const struct feed *
table_feed(const struct table *table)
{
    return table->feed;
}

bool
table_is_json(const struct table *table)
{
    return table->envelope != NULL;
}

struct str
table_header(const struct table *table)
{
    return table->header;
}

// Columns that nobody asks for leave no field, and absent ones stay empty from the start.
static void
line_fill(struct table *table, const struct csv_record *r)
{
    struct line *line = &table->line;
    const size_t n = r->n < table->n_columns ? r->n : table->n_columns;
    line->number = r->line;
    line->raw = r->raw;
    line->fault = r->fault;
    line->has_fields = r->fault == NULL;
    if (r->fault == NULL && r->n != table->n_columns) {
        snprintf(table->fault, sizeof table->fault, "%zu columns, not %zu", r->n, table->n_columns);
        line->fault = table->fault;
    }
    for (size_t i = 0; i < table->n_columns; i++)
        if (table->format.fields[i] >= 0)
            line->fields[table->format.fields[i]] = i < n ? r->fields[i] : (struct str){0};
}

// Takes the next value of the line in hand.
static void
value_take(struct table *table)
{
    const struct format *f = &table->format;
    const size_t i = f->n_values - table->n_values_left--, at = f->values[i].column;
    table->line.parameter = f->values[i].parameter;
    table->line.divisor = f->values[i].divisor;
    table->line.fields[FIELD_MEAN] =
        at < table->record->n ? table->record->fields[at] : (struct str){0};
}

bool
table_next(struct scope *s, struct table *table, const struct line **out)
{
    const struct csv_record *r;
    bool is_end;
    *out = NULL;
    if (table->envelope != NULL) {
        if (!envelope_next(s, table->envelope, &table->line, &is_end))
            return false;
        *out = is_end ? NULL : &table->line;
        return true;
    }
    if (table->n_values_left == 0) {
        if (!record_next(s, table, &r))
            return false;
        if (r == NULL)
            return true;
        line_fill(table, r);
        table->record = r;
        table->n_values_left = table->line.fault == NULL ? table->format.n_values : 0;
    }
    if (table->n_values_left > 0)
        value_take(table);
    *out = &table->line;
    return true;
}
