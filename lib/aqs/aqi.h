// aqs/aqi.h: the US EPA Air Quality Index.
#ifndef AQS_AQI_H
#define AQS_AQI_H

#include <stdbool.h>

struct aqi {
    int index;            // not capped at 500
    const char *category; // "Good" …
    const char *colour;   // "#00E400" …
};

// The index of a daily value in the parameter's stored unit; false when the parameter has none or
// the value is not finite. Below zero counts as zero. The 2024 table for PM2.5. Particles and CO
// beyond the last breakpoint go on with its slope, as AQS does; 8-hour ozone and 1-hour SO2, whose
// tables end, stay at their last index.
//
//   source  EPA-454/B-24-002, May 2024; 89 FR 16202
bool aqi_of(int parameter, double value, struct aqi *out);

#endif
