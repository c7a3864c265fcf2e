// aqs/pollutant.h: how EPA gives the daily values of each parameter that is taken.
#ifndef AQS_POLLUTANT_H
#define AQS_POLLUTANT_H

#include <stdbool.h>

#include "base/buf.h"

struct pollutant {
    int parameter;
    const char *durations[3]; // that are daily values
    const char *standard;     // the canonical one of the API's many rows for a day; NULL for none
    const char *unit;         // how EPA's name of the stored unit begins
    const char *unit_short;   // and what its exports call it
    bool is_maximum;          // its daily value is the first maximum, not the mean
    bool has_count;           // its observations are hours
};

// The parameter's row; NULL for one that is not taken.
const struct pollutant *pollutant_find(int parameter);

// True for a duration whose values are the parameter's daily ones.
bool pollutant_is_daily(const struct pollutant *p, struct str duration);

#endif
