#include "aqs/table.h"

#include <string.h>

#include "aqs/envelope.h"

#define COLUMN_MOST 64

struct table {
    struct feed *feed;
    struct envelope *envelope; // of the API's answers, else NULL
    enum table_kind kind;
    size_t n_columns;
    signed char fields[COLUMN_MOST]; // column -> field, -1 where nobody asks
    int parameter;
    double divisor;
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

// Splits one line; quotes are taken off, doubled ones inside stay as they stand. Returns the
// number of columns, 0 where a quote is not closed or something follows one.
static size_t
line_split(struct str line, size_t most, struct str columns[])
{
    const char *at = line.at, *end = line.at + line.n;
    for (size_t n = 0;; at++) {
        const char *from = at, *to;
        if (at < end && *at == '"') {
            for (at = ++from;; at += 2) {
                at = memchr(at, '"', (size_t)(end - at));
                if (at == NULL)
                    return 0;
                if (at + 1 == end || at[1] != '"')
                    break;
            }
            to = at++;
            if (at < end && *at != ',')
                return 0;
        } else {
            const char *comma = memchr(at, ',', (size_t)(end - at));
            to = at = comma == NULL ? end : comma;
        }
        if (n < most)
            columns[n] = (struct str){from, (size_t)(to - from)};
        n++;
        if (at == end)
            return n;
    }
}

static bool
is_same(struct str a, const char *b)
{
    return str_is(a, b);
}

static size_t
column_find(size_t n, const struct str columns[], const char *name)
{
    size_t i = 0;
    while (i < n && !is_same(columns[i], name))
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

static bool
header_read(struct scope *s, struct table *table)
{
    struct str line, columns[COLUMN_MOST];
    bool is_end;
    if (!feed_line(s, table->feed, &line, &is_end))
        return false;
    if (line.n >= 3 && memcmp(line.at, "\xef\xbb\xbf", 3) == 0)
        line = (struct str){line.at + 3, line.n - 3}; // a byte order mark
    table->n_columns = line_split(line, COLUMN_MOST, columns);
    if (table->n_columns == 0 || table->n_columns > COLUMN_MOST)
        return fail(s, ERROR_INPUT, "the first line is no CSV header");
    memset(table->fields, -1, sizeof table->fields);
    if (column_find(table->n_columns, columns, "station") < table->n_columns ||
        column_find(table->n_columns, columns, "site") < table->n_columns)
        return station_header(s, table, columns);
    return airdata_header(s, table, columns);
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

bool
table_next(struct scope *s, struct table *table, struct line *out, bool *is_end)
{
    struct str columns[COLUMN_MOST];
    *out = (struct line){0};
    if (table->envelope != NULL)
        return envelope_next(s, table->envelope, out, is_end);
    out->number = feed_line_number(table->feed);
    if (!feed_line(s, table->feed, &out->raw, is_end))
        return false;
    if (*is_end)
        return true;
    const size_t n = line_split(out->raw, table->n_columns, columns);
    if (n == 0) {
        out->fault = "a quote is not closed";
    } else if (n != table->n_columns) {
        struct buf fault = buf_open(s, 80);
        buf_print(&fault, "%zu columns, not %zu", n, table->n_columns);
        out->fault = fault.text;
    }
    for (size_t i = 0; i < table->n_columns && out->fault == NULL; i++)
        if (table->fields[i] >= 0)
            out->fields[table->fields[i]] = columns[i];
    return true;
}
