#include "aqs/record.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "text/number.h"

struct pollutant {
    int parameter;
    const char *durations[3]; // that are daily values
    const char *standard;     // the canonical one of the API's many rows for a day
    const char *unit;         // how EPA's name of the stored unit begins
    bool is_maximum;          // its daily value is the first maximum, not the mean
};

static const struct pollutant pollutants[] = {
    {88101, {"24-HR BLK AVG", "24 HOUR"}, "PM25 24-hour 2024", "Micrograms/cubic meter", false},
    {88502, {"24-HR BLK AVG", "24 HOUR"}, "PM25 24-hour 2024", "Micrograms/cubic meter", false},
    {81102, {"24-HR BLK AVG", "24 HOUR"}, "PM10 24-hour 2006", "Micrograms/cubic meter", false},
    {44201, {"8-HR RUN AVG BEGIN HOUR"}, "Ozone 8-hour 2015", "Parts per million", true},
    {42101, {"8-HR RUN AVG END HOUR"}, "CO 8-hour 1971", "Parts per million", true},
    {42401, {"1 HOUR"}, "SO2 1-hour 2010", "Parts per billion", true},
    {42602, {"1 HOUR"}, "NO2 1-hour 2010", "Parts per billion", true},
};

struct judge {
    const struct line *line;
    char *reason;
};

const char *
skip_name(enum skip skip)
{
    static const char *const names[SKIP_MOST] = {
        [SKIP_DURATION] = "not a daily duration",
        [SKIP_STANDARD] = "another pollutant standard",
        [SKIP_EXCLUDED] = "exceptional event excluded",
        [SKIP_NO_VALUE] = "no value",
        [SKIP_FUTURE] = "after the as-of day",
        [SKIP_EVENT] = "event included elsewhere",
        [SKIP_METHOD] = "corrected method elsewhere",
        [SKIP_REPEATED] = "repeated in the file",
    };
    return names[skip];
}

__attribute__((format(printf, 2, 3))) static enum verdict
rejected(const struct judge *judge, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(judge->reason, RECORD_REASON_BYTES, format, args);
    va_end(args);
    return RECORD_REJECTED;
}

static enum verdict
skipped(enum skip *skip, enum skip reason)
{
    *skip = reason;
    return RECORD_SKIPPED;
}

static const struct pollutant *
pollutant_find(int parameter)
{
    for (size_t i = 0; i < sizeof pollutants / sizeof pollutants[0]; i++)
        if (pollutants[i].parameter == parameter)
            return &pollutants[i];
    return NULL;
}

static bool
begins_with(struct str text, const char *with)
{
    const size_t n = strlen(with);
    return text.n >= n && memcmp(text.at, with, n) == 0;
}

static bool
is_daily(const struct pollutant *p, struct str duration)
{
    for (size_t i = 0; p->durations[i] != NULL; i++)
        if (str_is(duration, p->durations[i]))
            return true;
    return false;
}

static bool
is_code(struct str text, size_t n)
{
    if (text.n != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!((text.at[i] >= '0' && text.at[i] <= '9') || (text.at[i] >= 'A' && text.at[i] <= 'Z')))
            return false;
    return true;
}

static const char *
site_put(char *out, struct str state, struct str county, struct str site)
{
    memcpy(out, state.at, 2);
    memcpy(out + 3, county.at, 3);
    memcpy(out + 7, site.at, 4);
    out[2] = out[6] = '-';
    out[11] = '\0';
    return out;
}

static bool
aqs_site_read(const struct line *line, struct record *out)
{
    const struct str state = line->fields[FIELD_STATE], county = line->fields[FIELD_COUNTY],
                     site = line->fields[FIELD_SITE];
    if (!is_code(state, 2) || !is_code(county, 3) || !is_code(site, 4))
        return false;
    site_put(out->site, state, county, site);
    return true;
}

// Nine digits are an AQS site without its hyphens.
bool
record_station(struct str code, char out[RECORD_SITE_BYTES])
{
    if (code.n == 0 || code.n >= RECORD_SITE_BYTES)
        return false;
    for (size_t i = 0; i < code.n; i++)
        if (code.at[i] <= ' ' || code.at[i] > '~')
            return false;
    int number;
    if (code.n == 9 && number_read_whole(code, 999999999, &number)) {
        site_put(out, (struct str){code.at, 2}, (struct str){code.at + 2, 3},
                 (struct str){code.at + 5, 4});
        return true;
    }
    memcpy(out, code.at, code.n);
    out[code.n] = '\0';
    return true;
}

static bool
position_read(const struct judge *judge, struct record *out)
{
    const struct str latitude = judge->line->fields[FIELD_LATITUDE],
                     longitude = judge->line->fields[FIELD_LONGITUDE];
    out->latitude = out->longitude = NAN;
    if (latitude.n == 0 && longitude.n == 0)
        return true;
    return number_read(latitude, &out->latitude) && number_read(longitude, &out->longitude) &&
           fabs(out->latitude) <= 90 && fabs(out->longitude) <= 180;
}

// Judges day, value and position, which all formats have.
static enum verdict
common_read(const struct judge *judge, const struct rules *rules, struct str value, double divisor,
            struct record *out)
{
    const struct str day = judge->line->fields[FIELD_DAY];
    size_t i = 0;
    if (!day_read(day.at, day.n, &out->day))
        return rejected(judge, "\"%.*s\" is not a day", (int)(day.n > 40 ? 40 : day.n), day.at);
    if (day_year(out->day) < RECORD_FIRST_YEAR)
        return rejected(judge, "%.*s is before %d", (int)day.n, day.at, RECORD_FIRST_YEAR);
    if (!number_read(value, &out->value))
        return rejected(judge, "value \"%.*s\" is not a number", (int)(value.n > 40 ? 40 : value.n),
                        value.at);
    out->value = divisor == 1 ? out->value : out->value / divisor;
    while (i < rules->n_parameters && rules->parameters[i].parameter != out->parameter)
        i++;
    if (i == rules->n_parameters)
        return rejected(judge, "parameter %d is unknown", out->parameter);
    if (out->value < rules->parameters[i].floor)
        return rejected(judge, "value %g is below %g", out->value, rules->parameters[i].floor);
    if (out->value > rules->parameters[i].ceiling)
        return rejected(judge, "value %g is above %g", out->value, rules->parameters[i].ceiling);
    if (!position_read(judge, out))
        return rejected(judge, "latitude or longitude is wrong");
    return RECORD_KEPT;
}

static enum verdict
station_line(const struct judge *judge, const struct rules *rules, const struct table *table,
             struct record *out, enum skip *skip)
{
    const struct str *fields = judge->line->fields;
    out->parameter = table_parameter(table);
    out->poc = 1;
    out->n_hours = out->method = -1;
    out->event = 'N';
    if (!record_station(fields[FIELD_SITE], out->site))
        return rejected(judge, "the station's code is wrong");
    if (fields[FIELD_MEAN].n == 0 || str_is(fields[FIELD_MEAN], "NA"))
        return skipped(skip, SKIP_NO_VALUE);
    return common_read(judge, rules, fields[FIELD_MEAN], table_divisor(table), out);
}

static enum verdict
event_read(const struct judge *judge, struct record *out, enum skip *skip)
{
    const struct str event = judge->line->fields[FIELD_EVENT];
    if (event.n == 0 || str_is(event, "None") || str_is(event, "No Events"))
        out->event = 'N';
    else if (str_is(event, "Included") || str_is(event, "Events Included"))
        out->event = 'I';
    else if (event.n >= 8 && memcmp(event.at + event.n - 8, "Excluded", 8) == 0)
        return skipped(skip, SKIP_EXCLUDED);
    else
        return rejected(judge, "event type \"%.*s\" is unknown", (int)(event.n > 40 ? 40 : event.n),
                        event.at);
    return RECORD_KEPT;
}

static enum verdict
aqs_line(const struct judge *judge, const struct rules *rules, bool is_api, struct record *out,
         enum skip *skip)
{
    const struct str *fields = judge->line->fields;
    const struct str code = fields[FIELD_PARAMETER], standard = fields[FIELD_STANDARD];
    if (!number_read_whole(code, 99999, &out->parameter))
        return rejected(judge, "parameter \"%.*s\" is not a code", (int)(code.n > 40 ? 40 : code.n),
                        code.at);
    const struct pollutant *p = pollutant_find(out->parameter);
    if (p == NULL)
        return rejected(judge, "parameter %d is unknown", out->parameter);
    if (!is_daily(p, fields[FIELD_DURATION]))
        return skipped(skip, SKIP_DURATION);
    if (is_api && standard.n > 0 && !str_is(standard, p->standard))
        return skipped(skip, SKIP_STANDARD);
    const enum verdict event = event_read(judge, out, skip);
    if (event != RECORD_KEPT)
        return event;
    if (!aqs_site_read(judge->line, out))
        return rejected(judge, "state, county or site code is wrong");
    if (!number_read_whole(fields[FIELD_POC], 32767, &out->poc))
        return rejected(judge, "the POC is not a number");
    if (!begins_with(fields[FIELD_UNIT], p->unit))
        return rejected(judge, "unit \"%.*s\" is not %s",
                        (int)(fields[FIELD_UNIT].n > 40 ? 40 : fields[FIELD_UNIT].n),
                        fields[FIELD_UNIT].at == NULL ? "" : fields[FIELD_UNIT].at, p->unit);
    if (!p->is_maximum || !number_read_whole(fields[FIELD_COUNT], 32767, &out->n_hours))
        out->n_hours = -1;
    if (!number_read_whole(fields[FIELD_METHOD], 32767, &out->method))
        out->method = -1;
    const struct str value = fields[p->is_maximum ? FIELD_MAXIMUM : FIELD_MEAN];
    if (value.n == 0)
        return skipped(skip, SKIP_NO_VALUE);
    out->name = fields[FIELD_NAME];
    out->state = fields[FIELD_STATE_NAME];
    out->county = fields[FIELD_COUNTY_NAME];
    return common_read(judge, rules, value, 1, out);
}

enum verdict
record_read(const struct rules *rules, const struct table *table, const struct line *line,
            struct record *out, enum skip *skip, char reason[RECORD_REASON_BYTES])
{
    const struct judge judge = {line, reason};
    *out = (struct record){0};
    if (line->fault != NULL)
        return rejected(&judge, "%s", line->fault);
    const enum verdict verdict =
        table_kind(table) == TABLE_STATION
            ? station_line(&judge, rules, table, out, skip)
            : aqs_line(&judge, rules, table_kind(table) == TABLE_API, out, skip);
    if (verdict != RECORD_KEPT || out->day.n <= rules->last.n)
        return verdict;
    return skipped(skip, SKIP_FUTURE);
}
