// quality/quality.h: the gate between ingest and training: expectations held against the data.
//
// Expectations are set-based SQL; no observation leaves the server but a few that do not hold. Each
// run is a report, kept in data.quality_run and data.quality_result and as JSON in the lake. A
// failed gate opens an alert, stops training and keeps the data.
#ifndef QUALITY_QUALITY_H
#define QUALITY_QUALITY_H

#include "quality/expectation.h"
#include "store/store.h"

struct quality_check { // what came of one expectation
    const struct expectation *expectation;
    const char *verdict;    // "pass", "warn" or "fail"
    double observed, bound; // NaN where there is none
    int64_t n_rows, n_bad;  // counted: rows, stations, groups, columns
    const char *detail;     // in words
    const char *sample;     // JSON list of some that do not hold
    double seconds;         // of a pass that answers several, its part
};

struct quality_request {
    const struct quality_spec *spec;
    const struct relation *relation;
    int parameter;       // of observations
    const char *subject; // "pm-next-day", "table.housing": for history and the alert
    int64_t as_of;
    bool is_dry_run; // looks, and keeps nothing
};

struct quality_report {
    int64_t quality_id; // 0 of a dry run
    const char *subject, *target, *verdict;
    int64_t as_of;
    double seconds;
    const char *key; // of the JSON document in the lake; NULL of a dry run
    size_t n_checks, n_warnings, n_failures;
    struct quality_check *checks;
    const char *first_failure; // in words, NULL when the gate is open
};

// Holds the expectations against the data up to as_of, keeps the report, and opens or closes the
// alert "quality:<subject>", all in one transaction.
//
//   owner   the scope
bool quality_run(struct scope *s, struct db *db, struct store *store,
                 const struct quality_request *request, struct quality_report *out) MUST_CHECK;

// What a closed gate is called: "the quality gate of "pm" is closed: freshness: …"; of an open one
// NULL.
const char *quality_refusal(struct scope *s, const struct quality_report *report);

#endif
