// frame/panel.h: one value for each day and station, NaN where it is missing.
#ifndef FRAME_PANEL_H
#define FRAME_PANEL_H

#include "base/time.h"

struct panel {
    struct day first; // the day of row 0
    size_t n_days, n_sites;
    const char **sites; // [n_sites] codes, in ascending byte order
    double *latitude;   // [n_sites] degrees north, NaN if unknown
    double *longitude;  // [n_sites] degrees east, NaN if unknown
    double *value;      // [n_days x n_sites], day-major
};

// Makes an empty panel (all missing) of the days first..last; codes are copied and must ascend.
//
//   owner   the scope
//   errors  LIMIT above 100 million cells
bool panel_open(struct scope *s, struct day first, struct day last, size_t n_sites,
                const char *const sites[], struct panel *out) MUST_CHECK;

// The value of a day and station; NaN outside the panel.
double panel_value(const struct panel *p, struct day d, size_t site);

// The last day of the panel.
struct day panel_last(const struct panel *p);

#endif
