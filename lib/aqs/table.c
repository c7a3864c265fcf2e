#include "aqs/table.h"

#include <stdio.h>
#include <string.h>

#include "aqs/envelope.h"
#include "text/csv.h"

#define COLUMN_MOST 64

struct table {
    struct feed *feed;
    struct envelope *envelope; // of the API's answers, else NULL
    struct csv *csv;           // of all others
    struct str header;
    enum table_kind kind;
    size_t n_columns;
    signed char fields[COLUMN_MOST]; // column -> field, -1 where nobody asks
    int parameter;
    double divisor;
    struct line line; // the last one
    char fault[64];   // of it
};

static const struct {
    enum field field;
    const char *column;
    bool is_needed;
} airdata_columns[] = {
    {FIELD_STATE, "State Code", true},
    {FIELD_COUNTY, "County Code", true},
    {FIELD_SITE, "Site Num", true},
    {FIELD_PARAMETER, "Parameter Code", true},
    {FIELD_POC, "POC", true},
    {FIELD_LATITUDE, "Latitude", true},
    {FIELD_LONGITUDE, "Longitude", true},
    {FIELD_DURATION, "Sample Duration", true},
    {FIELD_STANDARD, "Pollutant Standard", false},
    {FIELD_DAY, "Date Local", true},
    {FIELD_UNIT, "Units of Measure", true},
    {FIELD_EVENT, "Event Type", true},
    {FIELD_COUNT, "Observation Count", true},
    {FIELD_MEAN, "Arithmetic Mean", true},
    {FIELD_MAXIMUM, "1st Max Value", true},
    {FIELD_METHOD, "Method Code", true},
    {FIELD_NAME, "Local Site Name", false},
    {FIELD_STATE_NAME, "State Name", false},
    {FIELD_COUNTY_NAME, "County Name", false},
};

static const struct {
    const char *column;
    int parameter;
    double divisor;
} value_columns[] = {
    {"pm10", 81102, 1}, {"pm25", 88101, 1}, {"o3_ppb_8h", 44201, 1000}, // stored in ppm
};

static bool
feed_take(struct scope *s, void *feed, char *to, size_t room_bytes, size_t *n)
{
    return feed_read(s, feed, to, room_bytes, n);
}

static size_t
column_find(size_t n, const struct str columns[], const char *name)
{
    size_t i = 0;
    while (i < n && !str_is(columns[i], name))
        i++;
    return i;
}

static bool
airdata_header(struct scope *s, struct table *table, const struct str columns[])
{
    for (size_t i = 0; i < sizeof airdata_columns / sizeof airdata_columns[0]; i++) {
        const size_t at = column_find(table->n_columns, columns, airdata_columns[i].column);
        if (at < table->n_columns)
            table->fields[at] = (signed char)airdata_columns[i].field;
        else if (airdata_columns[i].is_needed)
            return fail(s, ERROR_INPUT, "column \"%s\" is missing", airdata_columns[i].column);
    }
    table->kind = TABLE_AIRDATA;
    return true;
}

static bool
station_header(struct scope *s, struct table *table, const struct str columns[])
{
    const size_t n = table->n_columns;
    size_t site = column_find(n, columns, "station"), value = n, i = 0;
    if (site == n)
        site = column_find(n, columns, "site");
    for (; i < sizeof value_columns / sizeof value_columns[0] && value == n; i++) {
        value = column_find(n, columns, value_columns[i].column);
        table->parameter = value_columns[i].parameter;
        table->divisor = value_columns[i].divisor;
    }
    const size_t day = column_find(n, columns, "date");
    if (day == n)
        return fail(s, ERROR_INPUT, "column \"date\" is missing");
    if (value == n)
        return fail(s, ERROR_INPUT, "column \"pm10\" (or \"pm25\", \"o3_ppb_8h\") is missing");
    table->fields[site] = FIELD_SITE;
    table->fields[day] = FIELD_DAY;
    table->fields[value] = FIELD_MEAN;
    const size_t latitude = column_find(n, columns, "lat"),
                 longitude = column_find(n, columns, "lon");
    if (latitude < n && longitude < n) {
        table->fields[latitude] = FIELD_LATITUDE;
        table->fields[longitude] = FIELD_LONGITUDE;
    }
    table->kind = TABLE_STATION;
    return true;
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
header_read(struct scope *s, struct table *table)
{
    const struct csv_record *r;
    table->csv = csv_open(s, feed_take, table->feed, TABLE_LINE_BYTES);
    if (!record_next(s, table, &r))
        return false;
    if (r == NULL || r->fault != NULL || r->n > COLUMN_MOST)
        return fail(s, ERROR_INPUT, "the first line is no CSV header");
    table->n_columns = r->n;
    table->header = (struct str){scope_copy_n(s, r->raw.at, r->raw.n), r->raw.n};
    memset(table->fields, -1, sizeof table->fields);
    if (column_find(r->n, r->fields, "station") < r->n ||
        column_find(r->n, r->fields, "site") < r->n)
        return station_header(s, table, r->fields);
    return airdata_header(s, table, r->fields);
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
table_open(struct scope *s, int fd)
{
    struct table *table = scope_alloc(s, sizeof *table);
    struct str first;
    table->feed = feed_open(s, fd);
    if (table->feed == NULL || !feed_peek(s, table->feed, 4096, &first))
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
        return header_read(s, table) ? table : NULL;
    table->kind = TABLE_API;
    table->envelope = envelope_open(s, table->feed);
    return table->envelope == NULL ? NULL : table;
}

enum table_kind
table_kind(const struct table *table)
{
    return table->kind;
}

const struct feed *
table_feed(const struct table *table)
{
    return table->feed;
}

int
table_parameter(const struct table *table)
{
    return table->parameter;
}

double
table_divisor(const struct table *table)
{
    return table->divisor;
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
        if (table->fields[i] >= 0)
            line->fields[table->fields[i]] = i < n ? r->fields[i] : (struct str){0};
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
    if (!record_next(s, table, &r))
        return false;
    if (r != NULL) {
        line_fill(table, r);
        *out = &table->line;
    }
    return true;
}
