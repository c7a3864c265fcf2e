// track/compare.h: two runs side by side: what was put in, what came out.
#ifndef TRACK_COMPARE_H
#define TRACK_COMPARE_H

#include "text/json.h"
#include "track/run.h"

struct track_difference {
    const char *key;
    const char *a, *b; // of a parameter; NULL where a run lacks it
    double x, y;       // of a metric; NaN where a run lacks it
    bool has_x, has_y;
};

struct track_comparison { // both by key
    size_t n_params, n_metrics;
    const struct track_difference *params, *metrics;
};

// Puts the parameters and the latest metrics of two runs side by side; either may be empty ({0}).
//
//   owner   the scope
struct track_comparison track_compare(struct scope *s, const struct track_run *a,
                                      const struct track_run *b);

// Reads a run as track_run_get does; one that is not there, or of no name, is empty.
bool track_run_of(struct scope *s, struct db *db, const char *run_id,
                  struct track_run *out) MUST_CHECK;

// Writes "params" and "metrics": {"rmse": {"a": 3, "b": 2.5, "delta": -0.5}, …}, null for what a
// run lacks; a parameter has "differs" in place of "delta".
void track_comparison_write(struct json_writer *w, const struct track_comparison *comparison);

#endif
