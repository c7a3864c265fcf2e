// aqs/format.h: the formats that are known, each by the names of its columns or JSON keys.
//
// A file's format is told from the names in its header, or in its first JSON object; never from
// the file's name or the order of the columns. Names are the same in capitals or not, and with
// blanks or underlines: EPA's exports have had both.
#ifndef AQS_FORMAT_H
#define AQS_FORMAT_H

#include "base/buf.h"

enum table_kind {  // what the lines are
    TABLE_AIRDATA, // days, of AirData files
    TABLE_API,     // days, of the API's dailyData, which repeats them for each standard
    TABLE_EXPORT,  // days, as EPA's outdoor-monitor page exports them
    TABLE_STATION, // days, of a plain station,date,value CSV
    TABLE_HOURS,   // hours, of AirData files or the API's sampleData
    TABLE_SITES,   // what is known of sites, or of the monitors at them
};

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
    FIELD_MEAN, // or the station's, the export's or the hour's value
    FIELD_MAXIMUM,
    FIELD_METHOD,
    FIELD_NAME,
    FIELD_STATE_NAME,
    FIELD_COUNTY_NAME,
    FIELD_TIME,
    FIELD_QUALIFIER,
    FIELD_SOURCE,
    FIELD_ELEVATION,
    FIELD_OFFSET,
    FIELD_LAND_USE,
    FIELD_SETTING,
    FIELD_ADDRESS,
    FIELD_CITY,
    FIELD_CBSA,
    FIELD_AGENCY,
    FIELD_OPENED,
    FIELD_CLOSED,
    FIELD_MOST
};

#define FORMAT_COLUMNS 64 // of a file, at most
#define FORMAT_VALUES 16  // value columns of a station CSV, at most

struct known;

struct format {
    enum table_kind kind;
    const struct known *known;          // NULL for station CSV
    const char *name;                   // "an AirData daily file"
    signed char fields[FORMAT_COLUMNS]; // column -> field, -1 where nobody asks
    int parameter;                      // of an export whose header tells it; 0 where lines do
    size_t n_values;                    // of a station CSV: its value columns
    struct {
        size_t column;
        int parameter;
        double divisor; // what its values are divided by to be in the parameter's unit
    } values[FORMAT_VALUES];
};

// Tells the format from the n names. `parameter` is what a station CSV's values are said to be; 0
// where its header has to tell.
//
//   errors  INPUT naming the missing column, and for names of no format the nearest one; INPUT
//           with the reason for those that hold nothing to take, such as yearly figures
bool format_tell(struct scope *s, size_t n, const struct str names[], int parameter,
                 struct format *out) MUST_CHECK;

// Maps other names of the same format: objects need not all have the same keys.
void format_map(const struct format *format, size_t n, const struct str names[],
                signed char fields[FORMAT_COLUMNS]);

#endif
