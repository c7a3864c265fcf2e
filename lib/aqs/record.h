// aqs/record.h: the rules: which lines are daily values, and of what.
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

struct record { // one instrument's value of one day
    int parameter, poc;
    char site[RECORD_SITE_BYTES]; // "37-183-0014", or a station's code
    struct str name, state, county;
    double latitude, longitude; // NaN where unknown
    struct day day;
    double value; // in the parameter's stored unit
    int n_hours;  // -1 where unknown
    int method;   // -1 where unknown
    char event;   // 'N' none, 'I' exceptional event included
};

enum verdict { RECORD_KEPT, RECORD_SKIPPED, RECORD_REJECTED };

enum skip { // rows that a rule sets aside; nothing is wrong with them
    SKIP_DURATION,
    SKIP_STANDARD,
    SKIP_EXCLUDED,
    SKIP_NO_VALUE,
    SKIP_FUTURE,
    SKIP_EVENT,
    SKIP_METHOD,
    SKIP_REPEATED,
    SKIP_MOST
};

// The reason in words, as it stands in summaries.
const char *skip_name(enum skip skip);

struct rules {
    struct day last; // later days are set aside
    size_t n_parameters;
    struct {
        int parameter;
        double floor, ceiling; // outside is rejected
    } parameters[RECORD_PARAMETER_MOST];
};

// Reads the code of a station CSV's station; false when it cannot be one.
bool record_station(struct str code, char out[RECORD_SITE_BYTES]);

// Judges one line. A skipped one gets its `skip`, a rejected one its `reason`.
enum verdict record_read(const struct rules *rules, const struct table *table,
                         const struct line *line, struct record *out, enum skip *skip,
                         char reason[RECORD_REASON_BYTES]);

#endif
