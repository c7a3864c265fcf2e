// track/input.h: what runs were given and gave out: datasets and logged models.
#ifndef TRACK_INPUT_H
#define TRACK_INPUT_H

#include "track/run.h"

#define INPUT_DATASETS 1000  // of one call
#define INPUT_EXPERIMENTS 20 // of one question

// Notes datasets that a run was given, with the tags that say what for.
//
//   errors  INPUT for texts beyond the limits or a run that is deleted; MISSING for a run
bool track_inputs_log(struct scope *s, struct db *db, const char *run_id, size_t n,
                      const struct track_input inputs[]) MUST_CHECK;

// Notes logged models that a run was given, or gave out.
//
//   errors  MISSING for a run or a model; INPUT for a run that is deleted
bool track_models_link(struct scope *s, struct db *db, const char *run_id, bool is_output, size_t n,
                       const struct track_link links[]) MUST_CHECK;

struct track_dataset {
    int64_t experiment_id;
    const char *name, *digest, *context; // the context is NULL for none
};

// The datasets of some experiments that runs were given, at most 1000.
//
//   owner   the scope
bool track_datasets_search(struct scope *s, struct db *db, size_t n_experiments,
                           const int64_t experiments[], size_t *n,
                           const struct track_dataset **out) MUST_CHECK;

#endif
