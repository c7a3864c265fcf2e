// track/pair.h: what a run, an experiment or a logged model carries: params, tags and metrics.
#ifndef TRACK_PAIR_H
#define TRACK_PAIR_H

#include "db/db.h"

struct track_pair { // a param or a tag
    const char *key, *value;
};

struct track_metric {
    const char *key;
    double value; // NaN and infinities are kept
    int64_t at_ms, step;
    const char *model_id;                      // the logged model that it is about; NULL for none
    const char *dataset_name, *dataset_digest; // likewise
    const char *run_id;                        // of a logged model's; else NULL
};

// Pairs as two parameters, arrays of their keys and values.
void track_pairs_write(struct scope *s, size_t n, const struct track_pair pairs[],
                       const char **keys, const char **values);

// Reads pairs from two columns that hold arrays, NULL for none.
//
//   owner   the scope
size_t track_pairs_read(struct scope *s, const struct rows *r, size_t i, const char *keys,
                        const char *values, const struct track_pair **out);

// Puts what MLflow says in place of the database's words for a statement that a function of ours
// refused: what stands behind `statement "name": `. Returns false.
bool track_refusal(struct scope *s);

#endif
