#include "aqs/format.h"

#include <string.h>

#include "aqs/known.h"
#include "text/number.h"

static const struct { // names of a station CSV's values
    const char *name;
    int parameter;
    double divisor;
} value_names[] = {
    {"pm10", 81102, 1},     {"pm25", 88101, 1},        {"o3_ppb_8h", 44201, 1000}, // stored in ppm
    {"o3", 44201, 1},       {"so2", 42401, 1},         {"no2", 42602, 1},
    {"co", 42101, 1},       {"temperature", 62101, 1}, {"dew_point", 62103, 1},
    {"humidity", 62201, 1}, {"wind_speed", 61103, 1},  {"wind_direction", 61104, 1},
    {"pressure", 64101, 1},
};

static char
letter_plain(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    return c == '_' ? ' ' : c;
}

static bool
name_begins(struct str name, const char *with)
{
    size_t i = 0;
    while (i < name.n && with[i] != '\0' && letter_plain(name.at[i]) == letter_plain(with[i]))
        i++;
    return with[i] == '\0';
}

static bool
name_is(struct str name, const char *is)
{
    return name.n == strlen(is) && name_begins(name, is);
}

static size_t
name_find(size_t n, const struct str names[], const char *name)
{
    size_t i = 0;
    while (i < n && !name_is(names[i], name))
        i++;
    return i;
}

// How many of a format's needed columns there are, as a share; and the first one that is not.
static double
known_match(const struct known *known, size_t n, const struct str names[], const char **missing)
{
    size_t n_needed = 0, n_found = 0;
    *missing = NULL;
    for (const struct column *c = known->columns; c->name != NULL; c++) {
        if (c->is_optional)
            continue;
        n_needed++;
        if (name_find(n, names, c->name) < n)
            n_found++;
        else if (*missing == NULL)
            *missing = c->name;
    }
    return (double)n_found / (double)n_needed;
}

// Maps the names that the columns ask for; of two names of one field the first counts.
static void
columns_map(const struct column *columns, size_t n, const struct str names[],
            signed char fields[FORMAT_COLUMNS])
{
    bool has[FIELD_MOST + 1] = {false};
    memset(fields, -1, FORMAT_COLUMNS);
    for (const struct column *c = columns; c->name != NULL; c++) {
        const size_t at = name_find(n, names, c->name);
        if (at == n || has[c->field] || c->field == FIELD_MOST)
            continue;
        fields[at] = (signed char)c->field;
        has[c->field] = true;
    }
}

// The value of an export: "Daily Mean PM2.5 Concentration". PM2.5 may be either of two parameters,
// so its lines have to tell.
static bool
export_fill(struct scope *s, size_t n, const struct str names[], struct format *out)
{
    static const struct {
        const char *name;
        int parameter;
    } values[] = {{"Daily Mean PM2.5 Concentration", 0},
                  {"Daily Mean PM10 Concentration", 81102},
                  {"Daily Max 8-hour Ozone Concentration", 44201},
                  {"Daily Max 8-hour CO Concentration", 42101},
                  {"Daily Max 1-hour SO2 Concentration", 42401},
                  {"Daily Max 1-hour NO2 Concentration", 42602}};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        const size_t at = name_find(n, names, values[i].name);
        if (at == n)
            continue;
        out->fields[at] = FIELD_MEAN;
        out->parameter = values[i].parameter;
        if (out->parameter == 0 && name_find(n, names, "AQS Parameter Code") == n)
            return fail(s, ERROR_INPUT, "column \"AQS Parameter Code\" is missing");
        return true;
    }
    return fail(s, ERROR_INPUT, "column \"%s\" (or that of another pollutant) is missing",
                values[0].name);
}

static bool
value_add(struct scope *s, size_t column, int parameter, double divisor, struct format *out)
{
    if (out->n_values == FORMAT_VALUES)
        return fail(s, ERROR_LIMIT, "more than %d columns hold values", FORMAT_VALUES);
    out->values[out->n_values].column = column;
    out->values[out->n_values].parameter = parameter;
    out->values[out->n_values++].divisor = divisor;
    return true;
}

// The columns named after a parameter: by a word, or by its code of five digits.
static bool
values_find(struct scope *s, size_t n, const struct str names[], struct format *out)
{
    int code;
    for (size_t i = 0; i < n; i++) {
        if (names[i].n == 5 && number_read_whole(names[i], 99999, &code) &&
            !value_add(s, i, code, 1, out))
            return false;
        for (size_t k = 0; k < sizeof value_names / sizeof value_names[0]; k++)
            if (name_is(names[i], value_names[k].name) &&
                !value_add(s, i, value_names[k].parameter, value_names[k].divisor, out))
                return false;
    }
    return true;
}

// With --parameter there is one value column: "value", or the only one that has a known name.
static bool
value_choose(struct scope *s, size_t n, const struct str names[], int parameter, struct format *out)
{
    const size_t at = name_find(n, names, "value");
    for (size_t i = 0; i < out->n_values; i++)
        if (out->values[i].parameter == parameter) {
            out->values[0] = out->values[i];
            out->n_values = 1;
            return true;
        }
    if (at < n) {
        out->n_values = 0;
        return value_add(s, at, parameter, 1, out);
    }
    if (out->n_values != 1)
        return fail(s, ERROR_INPUT,
                    "%zu columns could hold parameter %d; name one \"%d\" or \"value\"",
                    out->n_values, parameter, parameter);
    out->values[0].parameter = parameter;
    out->values[0].divisor = 1;
    return true;
}

static bool
station_fill(struct scope *s, size_t n, const struct str names[], int parameter, struct format *out)
{
    static const struct column columns[] = {
        {FIELD_SITE, "station", false}, {FIELD_SITE, "site", false}, {FIELD_DAY, "date", false},
        {FIELD_DAY, "day", false},      {FIELD_POC, "poc", true},    {0},
    };
    static const char *const pairs[][2] = {{"lat", "lon"}, {"latitude", "longitude"}};
    out->kind = TABLE_STATION;
    out->name = "a station,date,value CSV";
    columns_map(columns, n, names, out->fields);
    const bool is_day_of_month = name_find(n, names, "month") < n;
    if (name_find(n, names, "date") == n && (name_find(n, names, "day") == n || is_day_of_month))
        return fail(s, ERROR_INPUT, "column \"date\" is missing");
    for (size_t i = 0; i < 2; i++) {
        const size_t latitude = name_find(n, names, pairs[i][0]),
                     longitude = name_find(n, names, pairs[i][1]);
        if (latitude < n && longitude < n) {
            out->fields[latitude] = FIELD_LATITUDE;
            out->fields[longitude] = FIELD_LONGITUDE;
        }
    }
    if (!values_find(s, n, names, out) ||
        (parameter != 0 && !value_choose(s, n, names, parameter, out)))
        return false;
    if (out->n_values == 0)
        return fail(s, ERROR_INPUT,
                    "column \"pm10\" (or \"pm25\", \"o3_ppb_8h\", another parameter's name or "
                    "code) is missing; --parameter tells what \"value\" holds");
    for (size_t i = 0; i < out->n_values; i++)
        out->fields[out->values[i].column] = FIELD_MEAN;
    return true;
}

// Says what there is and what it is nearest to.
static bool
unknown_fail(struct scope *s, size_t n, const struct str names[], const struct known *nearest,
             const char *missing)
{
    struct buf text = buf_open(s, 256);
    for (size_t i = 0; i < n && text.n < 200; i++) {
        buf_text(&text, i > 0 ? ", " : "");
        buf_add(&text, names[i].at, names[i].n > 40 ? 40 : names[i].n);
    }
    return fail(s, ERROR_INPUT,
                "no known format has the columns %s%s; the nearest is %s, where \"%s\" is missing",
                text.text, text.n >= 200 ? " …" : "", nearest->name, missing);
}

bool
format_tell(struct scope *s, size_t n, const struct str names[], int parameter, struct format *out)
{
    const struct known *nearest = &known_formats[0];
    const char *missing = NULL;
    double best = -1;
    *out = (struct format){0};
    if (n > FORMAT_COLUMNS)
        return fail(s, ERROR_LIMIT, "%zu columns are more than %d", n, FORMAT_COLUMNS);
    for (const struct known *known = known_formats; known->name != NULL && best < 1; known++) {
        const char *lacks;
        const double match = known_match(known, n, names, &lacks);
        if (match > best && (match == 1 || known->refusal == NULL)) {
            best = match;
            nearest = known;
            missing = lacks;
        }
    }
    const bool is_station =
        best < 1 && (name_find(n, names, "station") < n || name_find(n, names, "site") < n);
    if (is_station)
        return station_fill(s, n, names, parameter, out);
    if (best == 1 && nearest->refusal != NULL)
        return fail(s, ERROR_INPUT, "%s", nearest->refusal);
    if (parameter != 0)
        return fail(s, ERROR_INPUT, "only of a station,date,value CSV the parameter can be told");
    if (best < 0.6)
        return unknown_fail(s, n, names, nearest, missing);
    if (best < 1)
        return fail(s, ERROR_INPUT, "column \"%s\" of %s is missing", missing, nearest->name);
    out->kind = nearest->kind;
    out->name = nearest->name;
    out->known = nearest;
    columns_map(nearest->columns, n, names, out->fields);
    return out->kind != TABLE_EXPORT || export_fill(s, n, names, out);
}

void
format_map(const struct format *format, size_t n, const struct str names[],
           signed char fields[FORMAT_COLUMNS])
{
    columns_map(format->known->columns, n > FORMAT_COLUMNS ? FORMAT_COLUMNS : n, names, fields);
}
