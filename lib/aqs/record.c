#include "aqs/record.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "aqs/pollutant.h"
#include "text/number.h"

struct judge {
    const struct line *line;
    char *reason;
    struct str value; // that counts, where it is not the mean
};

// At most so much of a field is shown.
#define SHOWN(text) (int)((text).n > 40 ? 40 : (text).n), (text).n == 0 ? "" : (text).at

const char *
skip_name(enum skip skip)
{
    static const char *const names[SKIP_MOST] = {
        [SKIP_DURATION] = "not a daily duration",
        [SKIP_HOURLESS] = "not an hourly sample",
        [SKIP_STANDARD] = "another pollutant standard",
        [SKIP_EXCLUDED] = "exceptional event excluded",
        [SKIP_NO_VALUE] = "no value",
        [SKIP_FUTURE] = "after the as-of day",
        [SKIP_EVENT] = "event included elsewhere",
        [SKIP_METHOD] = "corrected method elsewhere",
        [SKIP_REPEATED] = "repeated in the file",
        [SKIP_PRELIMINARY] = "preliminary beside AQS's own",
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

static bool
begins_with(struct str text, const char *with)
{
    const size_t n = strlen(with);
    return text.n >= n && memcmp(text.at, with, n) == 0;
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

bool
record_site(const struct line *line, char out[RECORD_SITE_BYTES])
{
    const struct str state = line->fields[FIELD_STATE], county = line->fields[FIELD_COUNTY],
                     site = line->fields[FIELD_SITE];
    if (!is_code(state, 2) || !is_code(county, 3) || !is_code(site, 4))
        return false;
    site_put(out, state, county, site);
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

bool
record_position(const struct line *line, double *latitude, double *longitude)
{
    const struct str north = line->fields[FIELD_LATITUDE], east = line->fields[FIELD_LONGITUDE];
    *latitude = *longitude = NAN;
    if (north.n == 0 && east.n == 0)
        return true;
    return number_read(north, latitude) && number_read(east, longitude) && fabs(*latitude) <= 90 &&
           fabs(*longitude) <= 180;
}

static enum verdict
bounds_check(const struct judge *judge, const struct rules *rules, const struct record *record)
{
    size_t i = 0;
    while (i < rules->n_parameters && rules->parameters[i].parameter != record->parameter)
        i++;
    if (i == rules->n_parameters)
        return rejected(judge, "parameter %d is unknown", record->parameter);
    const bool is_hour = record->hour >= 0;
    const double floor = is_hour ? rules->parameters[i].hour_floor : rules->parameters[i].floor;
    const double ceiling =
        is_hour ? rules->parameters[i].hour_ceiling : rules->parameters[i].ceiling;
    if (record->value < floor)
        return rejected(judge, "value %g is below %g", record->value, floor);
    if (record->value > ceiling)
        return rejected(judge, "value %g is above %g", record->value, ceiling);
    return RECORD_KEPT;
}

// Judges day, value and position, which all formats have.
static enum verdict
common_read(const struct judge *judge, const struct rules *rules, struct str day, double divisor,
            struct record *out)
{
    const struct str value = judge->line->fields[FIELD_MEAN];
    const struct str shown = judge->value.n > 0 ? judge->value : value;
    if (!day_read(day.at, day.n, &out->day))
        return rejected(judge, "\"%.*s\" is not a day", SHOWN(judge->line->fields[FIELD_DAY]));
    if (day_year(out->day) < RECORD_FIRST_YEAR)
        return rejected(judge, "%.*s is before %d", SHOWN(judge->line->fields[FIELD_DAY]),
                        RECORD_FIRST_YEAR);
    if (!number_read(shown, &out->value))
        return rejected(judge, "value \"%.*s\" is not a number", SHOWN(shown));
    out->value = divisor == 1 ? out->value : out->value / divisor;
    if (bounds_check(judge, rules, out) != RECORD_KEPT)
        return RECORD_REJECTED;
    if (!record_position(judge->line, &out->latitude, &out->longitude))
        return rejected(judge, "latitude or longitude is wrong");
    return RECORD_KEPT;
}

static enum verdict
station_line(const struct judge *judge, const struct rules *rules, struct record *out,
             enum skip *skip)
{
    const struct line *line = judge->line;
    const struct str *fields = line->fields;
    out->parameter = line->parameter;
    out->poc = 1;
    out->n_hours = out->method = -1;
    out->event = 'N';
    if (!record_station(fields[FIELD_SITE], out->site))
        return rejected(judge, "the station's code is wrong");
    if (fields[FIELD_POC].n > 0 && !number_read_whole(fields[FIELD_POC], 32767, &out->poc))
        return rejected(judge, "the POC is not a number");
    if (fields[FIELD_MEAN].n == 0 || str_is(fields[FIELD_MEAN], "NA"))
        return skipped(skip, SKIP_NO_VALUE);
    return common_read(judge, rules, fields[FIELD_DAY], line->divisor, out);
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
        return rejected(judge, "event type \"%.*s\" is unknown", SHOWN(event));
    return RECORD_KEPT;
}

// Reads which parameter it is; NULL, with the reason, for one that is not taken.
static const struct pollutant *
parameter_read(const struct judge *judge, struct record *out)
{
    const struct str code = judge->line->fields[FIELD_PARAMETER];
    const struct pollutant *p = NULL;
    if (!number_read_whole(code, 99999, &out->parameter))
        rejected(judge, "parameter \"%.*s\" is not a code", SHOWN(code));
    else if ((p = pollutant_find(out->parameter)) == NULL)
        rejected(judge, "parameter %d is unknown", out->parameter);
    return p;
}

// Judges whose value it is: site, instrument, unit, method.
static enum verdict
instrument_read(const struct judge *judge, const struct pollutant *p, struct record *out)
{
    const struct str *fields = judge->line->fields;
    if (!record_site(judge->line, out->site))
        return rejected(judge, "state, county or site code is wrong");
    if (!number_read_whole(fields[FIELD_POC], 32767, &out->poc))
        return rejected(judge, "the POC is not a number");
    if (!begins_with(fields[FIELD_UNIT], p->unit))
        return rejected(judge, "unit \"%.*s\" is not %s", SHOWN(fields[FIELD_UNIT]), p->unit);
    if (!number_read_whole(fields[FIELD_METHOD], 32767, &out->method))
        out->method = -1;
    out->name = fields[FIELD_NAME];
    out->state = fields[FIELD_STATE_NAME];
    out->county = fields[FIELD_COUNTY_NAME];
    return RECORD_KEPT;
}

static enum verdict
daily_line(const struct judge *judge, const struct rules *rules, bool is_api, struct record *out,
           enum skip *skip)
{
    const struct str *fields = judge->line->fields;
    const struct str standard = fields[FIELD_STANDARD];
    const struct pollutant *p = parameter_read(judge, out);
    enum verdict verdict;
    if (p == NULL)
        return RECORD_REJECTED;
    if (!pollutant_is_daily(p, fields[FIELD_DURATION]))
        return skipped(skip, SKIP_DURATION);
    if (is_api && standard.n > 0 && (p->standard == NULL || !str_is(standard, p->standard)))
        return skipped(skip, SKIP_STANDARD);
    if ((verdict = event_read(judge, out, skip)) != RECORD_KEPT ||
        (verdict = instrument_read(judge, p, out)) != RECORD_KEPT)
        return verdict;
    if (!p->has_count || !number_read_whole(fields[FIELD_COUNT], 32767, &out->n_hours))
        out->n_hours = -1;
    const struct str value = fields[p->is_maximum ? FIELD_MAXIMUM : FIELD_MEAN];
    if (value.n == 0)
        return skipped(skip, SKIP_NO_VALUE);
    const struct judge valued = {judge->line, judge->reason, value};
    return common_read(&valued, rules, fields[FIELD_DAY], 1, out);
}

// "14:00"
static bool
hour_read(struct str time, int *hour)
{
    return time.n == 5 && memcmp(time.at + 2, ":00", 3) == 0 &&
           number_read_whole((struct str){time.at, 2}, 23, hour);
}

static enum verdict
hourly_line(const struct judge *judge, const struct rules *rules, struct record *out,
            enum skip *skip)
{
    const struct str *fields = judge->line->fields;
    const struct pollutant *p = parameter_read(judge, out);
    enum verdict verdict;
    if (p == NULL)
        return RECORD_REJECTED;
    if (fields[FIELD_DURATION].n > 0 && !str_is(fields[FIELD_DURATION], "1 HOUR"))
        return skipped(skip, SKIP_HOURLESS);
    if ((verdict = instrument_read(judge, p, out)) != RECORD_KEPT)
        return verdict;
    if (!hour_read(fields[FIELD_TIME], &out->hour))
        return rejected(judge, "time \"%.*s\" is not a full hour", SHOWN(fields[FIELD_TIME]));
    out->qualifier = fields[FIELD_QUALIFIER];
    if (fields[FIELD_MEAN].n == 0)
        return skipped(skip, SKIP_NO_VALUE);
    return common_read(judge, rules, fields[FIELD_DAY], 1, out);
}

// Nine digits; the leading zero of the first states is lost where the code went through a number.
static bool
export_site(struct str code, char out[RECORD_SITE_BYTES])
{
    char digits[9] = "0";
    int number;
    if ((code.n != 8 && code.n != 9) || !number_read_whole(code, 999999999, &number))
        return false;
    memcpy(digits + 9 - code.n, code.at, code.n);
    return record_station((struct str){digits, 9}, out);
}

// "12/31/2019" as "20191231"; what is none becomes something that is no day.
static struct str
export_day(struct str day, char out[8])
{
    if (day.n != 10 || day.at[2] != '/' || day.at[5] != '/')
        return (struct str){0};
    memcpy(out, day.at + 6, 4);
    memcpy(out + 4, day.at, 2);
    memcpy(out + 6, day.at + 3, 2);
    return (struct str){out, 8};
}

static enum verdict
export_line(const struct judge *judge, const struct rules *rules, int parameter, struct record *out,
            enum skip *skip)
{
    char day[8];
    const struct str *fields = judge->line->fields, source = fields[FIELD_SOURCE];
    out->parameter = parameter;
    const struct pollutant *p = fields[FIELD_PARAMETER].n > 0 || parameter == 0
                                    ? parameter_read(judge, out)
                                    : pollutant_find(parameter);
    if (p == NULL)
        return RECORD_REJECTED;
    if (!str_is(source, "AQS") && !str_is(source, "AirNow"))
        return rejected(judge, "source \"%.*s\" is neither AQS nor AirNow", SHOWN(source));
    out->grade = str_is(source, "AQS") ? GRADE_OWN : GRADE_PRELIMINARY;
    out->event = 0;
    out->poc = 1;
    if (!export_site(fields[FIELD_SITE], out->site))
        return rejected(judge, "site \"%.*s\" is not nine digits", SHOWN(fields[FIELD_SITE]));
    if (fields[FIELD_POC].n > 0 && !number_read_whole(fields[FIELD_POC], 32767, &out->poc))
        return rejected(judge, "the POC is not a number");
    if (!begins_with(fields[FIELD_UNIT], p->unit_short))
        return rejected(judge, "unit \"%.*s\" is not %s", SHOWN(fields[FIELD_UNIT]), p->unit_short);
    if (!p->has_count || !number_read_whole(fields[FIELD_COUNT], 32767, &out->n_hours))
        out->n_hours = -1;
    if (!number_read_whole(fields[FIELD_METHOD], 32767, &out->method))
        out->method = -1;
    out->name = fields[FIELD_NAME];
    out->state = fields[FIELD_STATE_NAME];
    out->county = fields[FIELD_COUNTY_NAME];
    if (fields[FIELD_MEAN].n == 0)
        return skipped(skip, SKIP_NO_VALUE);
    return common_read(judge, rules, export_day(fields[FIELD_DAY], day), 1, out);
}

static enum verdict
line_judge(const struct judge *judge, const struct rules *rules, const struct format *format,
           struct record *out, enum skip *skip)
{
    switch (format->kind) {
    case TABLE_STATION:
        return station_line(judge, rules, out, skip);
    case TABLE_EXPORT:
        return export_line(judge, rules, format->parameter, out, skip);
    case TABLE_HOURS:
        return hourly_line(judge, rules, out, skip);
    case TABLE_AIRDATA:
    case TABLE_API:
        return daily_line(judge, rules, format->kind == TABLE_API, out, skip);
    case TABLE_SITES:
        break;
    }
    assert(!"sites hold no values"); // theirs is aqs/fact
    return RECORD_REJECTED;
}

enum verdict
record_read(const struct rules *rules, const struct table *table, const struct line *line,
            struct record *out, enum skip *skip, char reason[RECORD_REASON_BYTES])
{
    const struct judge judge = {line, reason, {0}};
    *out = (struct record){.hour = -1, .grade = GRADE_OWN};
    if (line->fault != NULL)
        return rejected(&judge, "%s", line->fault);
    const enum verdict verdict = line_judge(&judge, rules, table_format(table), out, skip);
    if (verdict != RECORD_KEPT || out->day.n <= rules->last.n)
        return verdict;
    return skipped(skip, SKIP_FUTURE);
}
