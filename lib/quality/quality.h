// quality/quality.h: the gate between ingest and training: named checks, each with its verdict.
//
// Checks are set-based SQL; no observation leaves the server. A failed gate stops training and
// keeps the data.
#ifndef QUALITY_QUALITY_H
#define QUALITY_QUALITY_H

#include "base/time.h"
#include "db/db.h"

struct quality_spec {    // bounds; the recipe's "quality" object
    int fresh_days;      // the newest observation is at most this old
    double completeness; // share of site-days present over the last 90 days, at least
    double range_share;  // share of values above the parameter's `high`, at most
    int flat_days;       // the same value for so many days in a row is a stuck sensor
    int64_t rows_at_least;
};

struct quality_result {
    size_t n_checks, n_warnings, n_failures;
    const char *first_failure; // in words, NULL when the gate is open; belongs to the scope
};

// Runs all checks over one parameter's observations up to as_of and writes a row for each to
// data.quality_report, replacing those of the same model and as-of time.
bool quality_run(struct scope *s, struct db *db, const struct quality_spec *spec, int parameter,
                 const char *model, int64_t as_of, struct quality_result *out) MUST_CHECK;

#endif
