// learn/report.h: what a training found, as the metrics JSON (learn/train.h) and as a run.
#ifndef LEARN_REPORT_H
#define LEARN_REPORT_H

#include "frame/panel.h"
#include "learn/candidate.h"
#include "learn/dataset.h"
#include "registry/run.h"
#include "score/interval.h"

struct training { // of one recipe, as of one day
    const struct recipe *recipe;
    const struct dataset *dataset;
    struct day as_of;
    struct split split;
    size_t n_train, n_calibrate; // rows
    struct design test;          // its X is gone
    struct contest contest;
    double interval_factor, interval_scale_floor;
    struct interval_tally coverage; // of the interval on test
    const char *metrics;            // JSON; shape: learn/train.h
    const char *artifact_key;
    char artifact_sha256[HASH_TEXT];
};

// Writes the metrics.
//
//   owner   the scope
const char *report_metrics(struct scope *s, const struct training *t);

// Describes the training as a run: parameters, metrics, tags.
//
//   owner   the scope
struct run report_run(struct scope *s, const struct training *t, const char *run_id, int64_t as_of,
                      const char *actor, const char *revision);

// Writes what a promotion leans on, for ml.release and the audit.
const char *report_evidence(struct scope *s, const struct training *t);

#endif
