// track/log.h: what is logged to a run: metrics, params and tags, all of one call or none.
//
// A call is one row that is appended, whatever number of metrics it has; from time to time what has
// piled up is folded into the tables that are read (0012_track.sql). Any number may log to one run
// at once.
#ifndef TRACK_LOG_H
#define TRACK_LOG_H

#include "track/pair.h"

#define LOG_METRICS 1000 // of one call
#define LOG_PARAMS 100
#define LOG_TAGS 100
#define LOG_ALL 1000 // together

struct track_batch { // {0} logs nothing
    size_t n_metrics, n_params, n_tags;
    const struct track_metric *metrics;
    const struct track_pair *params, *tags; // of tags with one key the last holds
    bool is_single;                         // one thing: messages say "key", not "params[0].key"
};

// Checks a batch against MLflow's limits, cuts values that are too long, and logs it. A metric that
// is logged again changes nothing, nor does a param with the same value.
//
//   errors  INPUT for keys, times and numbers of things beyond the limits, params with another
//           value than before, or a run that is deleted; MISSING where there is no such run or
//           logged model
bool track_log(struct scope *s, struct db *db, const char *run_id,
               const struct track_batch *batch) MUST_CHECK;

// Takes a tag off a run.
//
//   errors  INPUT for a run that is deleted; MISSING for a run or a tag that is not there
bool track_tag_delete(struct scope *s, struct db *db, const char *run_id,
                      const char *key) MUST_CHECK;

// Notes a model that an older client logged: JSON that names at least its artifact_path, flavors,
// utc_time_created and run_id.
//
//   errors  INPUT for anything else, or a run that is deleted; MISSING
bool track_log_model(struct scope *s, struct db *db, const char *run_id,
                     const char *model) MUST_CHECK;

// Demands that a run is there and active.
//
//   errors  MISSING or INPUT, in MLflow's words
bool track_run_demand(struct scope *s, struct db *db, const char *run_id) MUST_CHECK;

#endif
