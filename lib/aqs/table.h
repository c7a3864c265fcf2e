// aqs/table.h: the formats: AirData daily CSV, the AQS API's dailyData, and station CSV.
//
// A format turns its lines into the same few named fields; what they mean is aqs/record's.
#ifndef AQS_TABLE_H
#define AQS_TABLE_H

#include "aqs/feed.h"

#define TABLE_LINE_BYTES ((size_t)1 << 16) // a line or object at most; EPA's have 400

enum table_kind { TABLE_AIRDATA, TABLE_API, TABLE_STATION };

enum field {
    FIELD_STATE,
    FIELD_COUNTY,
    FIELD_SITE, // of AQS, or a station's whole code
    FIELD_PARAMETER,
    FIELD_POC,
    FIELD_LATITUDE,
    FIELD_LONGITUDE,
    FIELD_DURATION,
    FIELD_STANDARD,
    FIELD_DAY,
    FIELD_UNIT,
    FIELD_EVENT,
    FIELD_COUNT,
    FIELD_MEAN, // or the station's value
    FIELD_MAXIMUM,
    FIELD_METHOD,
    FIELD_NAME,
    FIELD_STATE_NAME,
    FIELD_COUNTY_NAME,
    FIELD_MOST
};

struct line {
    int64_t number;                // in the file; the header is line 1
    struct str raw;                // as it stands there
    const char *fault;             // why it is no record; NULL when it is one
    bool has_fields;               // it could be split, if not into the right number
    struct str fields[FIELD_MOST]; // empty where absent or null
};

struct table;

// Opens a file, tells its format and checks its header.
//
//   owner   the scope
//   errors  INPUT naming the missing column, or saying what the bytes are not; EPA's own words
//           when the API's answer says that it failed
struct table *table_open(struct scope *s, int fd) MUST_CHECK;

enum table_kind table_kind(const struct table *table);
const struct feed *table_feed(const struct table *table);

// Of station CSV: the AQS parameter that its value column stands for, and what its values are
// divided by to be in that parameter's unit.
int table_parameter(const struct table *table);
double table_divisor(const struct table *table);

// The header line of a CSV, as it stands in the file.
struct str table_header(const struct table *table);

// Reads the next line, which lasts until the next call; `*out` is NULL at the end.
//
//   errors  LIMIT for a line above TABLE_LINE_BYTES, INPUT for a damaged zip or broken JSON
bool table_next(struct scope *s, struct table *table, const struct line **out) MUST_CHECK;

#endif
