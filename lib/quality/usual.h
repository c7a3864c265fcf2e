// quality/usual.h: the expectations of whoever declares none, and of recipes from before they were
// lists: eight checks with five bounds.
#ifndef QUALITY_USUAL_H
#define QUALITY_USUAL_H

#include "quality/expectation.h"

struct usual_bounds {
    int fresh_days;      // the newest observation is at most this old
    double completeness; // share of days of a station, at least
    double range_share;  // share of values above the parameter's `high`, at most
    int flat_days;       // the same value for so many days in a row is a stuck sensor
    int rows_at_least;
};

extern const struct usual_bounds usual_bounds; // of the shipped recipe

// Reads the object of five bounds.
//
//   errors  INPUT naming the path
bool usual_bounds_read(struct scope *s, const struct json *value, const char *path,
                       struct usual_bounds *out) MUST_CHECK;

// Makes the eight checks with these bounds; of a table, that it has a row.
//
//   owner   the scope
void usual_make(struct scope *s, const struct relation *relation, const struct usual_bounds *bounds,
                struct quality_spec *out);

#endif
