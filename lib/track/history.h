// track/history.h: all points of a metric, in one run or in several.
#ifndef TRACK_HISTORY_H
#define TRACK_HISTORY_H

#include "track/pair.h"

#define HISTORY_RUNS 100   // of one question about several
#define HISTORY_PAGE 25000 // points of one answer about several

// A page of a metric's points in one run, by time, step and value; each once. A run or a metric
// that is not there has none. `page` is how many, 0 for all, and how many come before.
//
//   owner   the scope
bool track_history(struct scope *s, struct db *db, const char *run_id, const char *key,
                   const int64_t page[2], size_t *n, const struct track_metric **out) MUST_CHECK;

// The same in several runs, by run, at most `limit` points in all.
bool track_history_bulk(struct scope *s, struct db *db, size_t n_runs, const char *const run_ids[],
                        const char *key, int64_t limit, size_t *n,
                        const struct track_metric **out) MUST_CHECK;

struct track_sample {
    size_t n_runs;
    const char *const *run_ids;
    const char *key;
    int64_t limit;        // of each run
    const int64_t *steps; // the first and the last; NULL for all
};

// Of each run up to so many points, spread evenly over those that there are, by step; the first and
// the last are always among them.
bool track_history_sample(struct scope *s, struct db *db, const struct track_sample *sample,
                          size_t *n, const struct track_metric **out) MUST_CHECK;

#endif
