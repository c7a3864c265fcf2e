// aqs/record.h: the rules: which lines are values of days or hours, and of what.
//
// lib/aqs/RULES.md says the same for people.
#ifndef AQS_RECORD_H
#define AQS_RECORD_H

#include "aqs/table.h"
#include "base/time.h"

#define RECORD_SITE_BYTES 32
#define RECORD_REASON_BYTES 160
#define RECORD_PARAMETER_MOST 64
#define RECORD_FIRST_YEAR 1950 // of days that are taken; each year becomes a partition
#define RECORD_LAST_YEAR 2199

enum grade {           // what a daily value weighs; a lower one never replaces a higher one
    GRADE_DERIVED = 1, // made here from hours
    GRADE_PRELIMINARY, // AirNow's, before the agency's own came
    GRADE_OWN,         // AQS's own, or a station CSV's
};

struct record { // one instrument's value of one day or hour
    int parameter, poc;
    char site[RECORD_SITE_BYTES]; // "37-183-0014", or a station's code
    struct str name, state, county;
    double latitude, longitude; // NaN where unknown
    struct day day;
    int hour;     // it begins at, in local standard time; -1 of a day
    double value; // in the parameter's stored unit
    int n_hours;  // -1 where unknown
    int method;   // -1 where unknown
    char event;   // 'N' none, 'I' exceptional event included, 0 where the format does not tell
    enum grade grade;
    struct str qualifier; // of an hour, as it stands: "BF - Precision/Zero/Span."
};

enum verdict { RECORD_KEPT, RECORD_SKIPPED, RECORD_REJECTED };

enum skip { // rows that a rule sets aside; nothing is wrong with them
    SKIP_DURATION,
    SKIP_HOURLESS,
    SKIP_STANDARD,
    SKIP_EXCLUDED,
    SKIP_NO_VALUE,
    SKIP_FUTURE,
    SKIP_EVENT,
    SKIP_METHOD,
    SKIP_REPEATED,
    SKIP_PRELIMINARY,
    SKIP_MOST
};

// Reads the code of an AQS site; false when its parts cannot be one.
bool record_site(const struct line *line, char out[RECORD_SITE_BYTES]);

// Reads a position; NaN where there is none, false where it cannot be one.
bool record_position(const struct line *line, double *latitude, double *longitude);

// The reason in words, as it stands in summaries.
const char *skip_name(enum skip skip);

struct rules {
    struct day last; // later days are set aside
    size_t n_parameters;
    struct {
        int parameter;
        double floor, ceiling; // outside is rejected
        double hour_floor, hour_ceiling;
    } parameters[RECORD_PARAMETER_MOST];
};

// Reads the code of a station CSV's station; false when it cannot be one.
bool record_station(struct str code, char out[RECORD_SITE_BYTES]);

// Judges one line of a format that holds values. A skipped one gets its `skip`, and the qualifier
// that says why a value is missing; a rejected one gets its `reason`.
enum verdict record_read(const struct rules *rules, const struct table *table,
                         const struct line *line, struct record *out, enum skip *skip,
                         char reason[RECORD_REASON_BYTES]);

#endif
