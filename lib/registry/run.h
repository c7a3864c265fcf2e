// registry/run.h: experiments and runs in MLflow's shape.
#ifndef REGISTRY_RUN_H
#define REGISTRY_RUN_H

#include "db/db.h"

struct run_text {
    const char *key, *value;
};

struct run_metric {
    const char *key;
    double value; // NaN and infinities are kept
    int64_t step;
};

struct run {            // one that has finished
    const char *run_id; // 32 hexadecimal digits
    const char *experiment, *name;
    int64_t started_ms, ended_ms; // UTC
    const char *model_key, *model_sha256; // of what it made, in the lake; NULL for nothing
    int64_t dataset_id; // 0 for none
    size_t n_params, n_metrics, n_tags;
    const struct run_text *params, *tags;
    const struct run_metric *metrics; // all of the moment when the run ended
};

// Logs a finished run with all its parameters, metrics and tags, and what it made as its artifact
// "model/airwatch.json"; call it inside a transaction.
//
//   errors  CONFLICT when there is a run of that id
bool run_log(struct scope *s, struct db *db, const struct run *run) MUST_CHECK;

#endif
