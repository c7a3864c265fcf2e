// track/experiment.h: experiments: made, read, changed, found.
#ifndef TRACK_EXPERIMENT_H
#define TRACK_EXPERIMENT_H

#include "track/page.h"
#include "track/pair.h"

struct track_experiment {
    int64_t experiment_id;
    const char *name, *artifact_location;
    bool is_active;
    int64_t created_ms, updated_ms;
    size_t n_tags;
    const struct track_pair *tags;
};

struct track_experiment_wish {
    const char *name, *artifact_location; // no location: mlflow-artifacts:/<its number>
    int64_t at_ms;
    size_t n_tags;
    const struct track_pair *tags;
};

// Makes an experiment; call it in a transaction.
//
//   errors  INPUT for names, locations and tags beyond the limits; CONFLICT where the name is
//           taken, also by one that is deleted
bool track_experiment_create(struct scope *s, struct db *db,
                             const struct track_experiment_wish *wish,
                             int64_t *experiment_id) MUST_CHECK;

// Reads an experiment by its number or its name, deleted or not.
//
//   errors  MISSING
bool track_experiment_get(struct scope *s, struct db *db, int64_t experiment_id,
                          struct track_experiment *out) MUST_CHECK;
bool track_experiment_find(struct scope *s, struct db *db, const char *name,
                           struct track_experiment *out) MUST_CHECK;

// Deletes an experiment, and with it its runs, or takes that back. Runs that were deleted on their
// own stay so.
//
//   errors  MISSING where there is none, or it is so already
bool track_experiment_delete(struct scope *s, struct db *db, int64_t experiment_id,
                             int64_t at_ms) MUST_CHECK;
bool track_experiment_restore(struct scope *s, struct db *db, int64_t experiment_id,
                              int64_t at_ms) MUST_CHECK;

// Renames an experiment.
//
//   errors  INPUT for a name beyond the limits or an experiment that is deleted; CONFLICT where the
//           name is taken; MISSING
bool track_experiment_rename(struct scope *s, struct db *db, int64_t experiment_id,
                             const char *name, int64_t at_ms) MUST_CHECK;

// Sets a tag of an experiment, or takes it off.
//
//   errors  INPUT for a deleted experiment or a tag beyond the limits; MISSING
bool track_experiment_tag(struct scope *s, struct db *db, int64_t experiment_id,
                          const struct track_pair *tag) MUST_CHECK;
bool track_experiment_untag(struct scope *s, struct db *db, int64_t experiment_id,
                            const char *key) MUST_CHECK;

// Finds experiments that the principal may read.
//
//   owner   the scope
//   errors  INPUT for filters and orders that are not understood
bool track_experiment_search(struct scope *s, struct db *db, const struct track_page *page,
                             size_t *n, const struct track_experiment **out,
                             bool *has_more) MUST_CHECK;

#endif
