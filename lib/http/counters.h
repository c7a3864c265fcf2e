// http/counters.h: numbers that all threads and programs of a home count together.
//
// They live in one file that every program maps (run/counters.shm), so they outlive a program and
// one scrape sees them all. Adding is one atomic instruction. A series is a family and its labels;
// a thread finds it once and keeps the pointer.
#ifndef HTTP_COUNTERS_H
#define HTTP_COUNTERS_H

#include <stdint.h>

#include "base/buf.h"

// clang-format off
//    family                    kind       meaning
#define COUNTER_FAMILIES(X)                                                                         \
    X(http_requests_total,        COUNTER,   "Requests answered, by program, route, method and status") \
    X(http_request_seconds,       HISTOGRAM, "Time from the request's arrival to its answer")       \
    X(predictions_total,          COUNTER,   "Rows predicted online, by model and version")         \
    X(forecasts_total,            COUNTER,   "Station forecasts answered, by model and version")    \
    X(serving_reloads_total,      COUNTER,   "Times the serving set was replaced")                  \
    X(serving_failures_total,     COUNTER,   "Times a model could not be loaded")                   \
    X(spool_rows_taken_total,     COUNTER,   "Logged predictions taken into the database")          \
    X(spool_bytes,                GAUGE,     "Bytes of logged predictions not yet in the database") \
    X(models_loaded,              GAUGE,     "Models in the serving set")                           \
    X(serving_loaded_timestamp_seconds, GAUGE, "When the serving set was last replaced")            \
    X(process_resident_bytes,     GAUGE,     "Resident memory, by program")                         \
    X(process_start_timestamp_seconds, GAUGE, "When the program started, by program")
// clang-format on

enum counter_family {
#define X(name, kind, help) COUNTER_##name,
    COUNTER_FAMILIES(X)
#undef X
        COUNTER_N_FAMILIES
};

#define COUNTER_LABELS 224 // bytes of `program="predict",route="/x"` and their end

struct counters;
struct counter; // one series

// Maps the file, making it if need be; one of another layout is replaced.
//
//   owner   the scope; threads may share it
//   errors  UNAVAILABLE with the system's reason
struct counters *counters_open(struct scope *s, const char *path) MUST_CHECK;

// The series with these labels (text of the exposition format without braces), made if it is new.
// A table that is full gives one series that is never shown.
struct counter *counter_find(struct counters *c, enum counter_family family, const char *labels);

void counter_add(struct counter *at, uint64_t n);         // of kind COUNTER
void counter_observe(struct counter *at, double seconds); // of kind HISTOGRAM
void counter_set(struct counter *at, double value);       // of kind GAUGE

// Writes all series in Prometheus's text format 0.0.4, each family with its HELP and TYPE.
//
//   source  prometheus.io/docs/instrumenting/exposition_formats
void counters_write(struct scope *s, const struct counters *c, struct buf *out);

// Writes a label's value with what needs escaping escaped.
void counter_label(struct buf *out, const char *name, const char *value);

#endif
