// track/run.h: runs: made, read, changed.
#ifndef TRACK_RUN_H
#define TRACK_RUN_H

#include "track/pair.h"

#define TRACK_RUN_ID 33 // 32 hexadecimal digits and their end

struct track_input { // a dataset that a run was given
    const char *name, *digest, *source_type, *source;
    const char *schema, *profile; // NULL for none
    size_t n_tags;
    const struct track_pair *tags;
};

struct track_link { // a logged model that a run was given or gave out
    const char *model_id;
    int64_t step;
};

struct track_run {
    const char *run_id, *name, *user_id, *status, *artifact_uri;
    int64_t experiment_id;
    bool is_active, has_ended;
    int64_t started_ms, ended_ms;
    size_t n_metrics, n_params, n_tags, n_inputs, n_models_in, n_models_out;
    const struct track_metric *metrics; // the latest of each key
    const struct track_pair *params, *tags;
    const struct track_input *inputs;
    const struct track_link *models_in, *models_out;
};

struct track_run_wish {
    int64_t experiment_id;
    const char *name; // NULL: the tag mlflow.runName, or one that is made up
    const char *user_id;
    int64_t started_ms;
    size_t n_tags;
    const struct track_pair *tags;
};

// Makes a run. Its name and its tag mlflow.runName are one.
//
//   errors  INPUT for a name that is not the tag's, tags beyond the limits, or an experiment that
//           is deleted; MISSING where there is no such experiment
bool track_run_create(struct scope *s, struct db *db, const struct track_run_wish *wish,
                      struct track_run *out) MUST_CHECK;

// Reads a run, deleted or not.
//
//   errors  MISSING
bool track_run_get(struct scope *s, struct db *db, const char *run_id,
                   struct track_run *out) MUST_CHECK;

// Reads runs in the order of their ids; those that are not there are left out.
//
//   owner   the scope
bool track_runs_get(struct scope *s, struct db *db, size_t n, const char *const run_ids[],
                    size_t *n_runs, const struct track_run **out) MUST_CHECK;

struct track_run_change {
    const char *status;   // NULL: as it is
    const int64_t *ended; // in ms; NULL: as it is
    const char *name;     // NULL or "": as it is
};

// Changes a run that is active, and reads it.
//
//   errors  INPUT for one that is deleted; MISSING
bool track_run_update(struct scope *s, struct db *db, const char *run_id,
                      const struct track_run_change *change, struct track_run *out) MUST_CHECK;

// Deletes a run, or takes that back; either may be done again.
//
//   errors  MISSING
bool track_run_delete(struct scope *s, struct db *db, const char *run_id) MUST_CHECK;
bool track_run_restore(struct scope *s, struct db *db, const char *run_id) MUST_CHECK;

// A tag's value, or NULL.
const char *track_tag_find(size_t n, const struct track_pair tags[], const char *key);

#endif
