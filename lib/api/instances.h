// api/instances.h: the rows of a prediction request, held against the model's features.
//
// A body is [row, …] or {"instances": [row, …]}; a row is an array in the features' order or an
// object by their names. null means missing, where a feature may be. Rows of numbers, which is
// what programs send, are read by a scanner of our own; whatever it does not know goes through
// text/json, which also words the errors, so both accept the same bodies with the same values.
#ifndef API_INSTANCES_H
#define API_INSTANCES_H

#include "base/buf.h"

#define INSTANCES_MOST 10000 // rows in one request

struct schema {
    size_t n_features;
    const char *const *names;
    const bool *may_miss;
};

struct instances {
    size_t n;
    double *X;        // [n x n_features], NaN is missing
    struct str *text; // [n] each row as JSON numbers in the features' order, without brackets
};

// Reads a body.
//
//   owner   the scope; `text` may point into the body
//   errors  INPUT naming the row and the feature; LIMIT above INSTANCES_MOST rows
bool instances_read(struct scope *s, const struct schema *schema, struct str body,
                    struct instances *out) MUST_CHECK;

// The same without the scanner of our own, for a test that compares the two.
bool instances_read_slowly(struct scope *s, const struct schema *schema, struct str body,
                           struct instances *out) MUST_CHECK;

#endif
