// track/logged.h: logged models: what a run trained, before anyone registers it.
#ifndef TRACK_LOGGED_H
#define TRACK_LOGGED_H

#include "track/page.h"
#include "track/pair.h"

enum track_logged_status { LOGGED_PENDING = 1, LOGGED_READY = 2, LOGGED_FAILED = 3 };

struct track_logged {
    const char *model_id, *name, *artifact_uri;
    const char *model_type, *source_run_id, *status_message; // NULL for none
    int64_t experiment_id, created_ms, updated_ms;
    enum track_logged_status status;
    size_t n_params, n_tags, n_metrics;
    const struct track_pair *params, *tags;
    const struct track_metric *metrics; // of each key, dataset and run the latest
};

struct track_logged_wish {
    int64_t experiment_id, at_ms;
    const char *name; // NULL or "": one is made up
    const char *model_type, *source_run_id;
    size_t n_params, n_tags;
    const struct track_pair *params, *tags;
};

// Makes a logged model, which is pending until its files are there.
//
//   errors  INPUT for names that it may not have or an experiment that is deleted; MISSING
bool track_logged_create(struct scope *s, struct db *db, const struct track_logged_wish *wish,
                         struct track_logged *out) MUST_CHECK;

// Reads a logged model; a deleted one only where the caller says so.
//
//   errors  MISSING
bool track_logged_get(struct scope *s, struct db *db, const char *model_id, bool may_be_deleted,
                      struct track_logged *out) MUST_CHECK;

// Finds the experiment of a logged model, deleted or not.
//
//   errors  MISSING
bool track_logged_experiment(struct scope *s, struct db *db, const char *model_id,
                             int64_t *experiment_id) MUST_CHECK;

// Changes a logged model that is not deleted.
//
//   errors  MISSING, also for a tag that is to be taken off
bool track_logged_finish(struct scope *s, struct db *db, const char *model_id,
                         enum track_logged_status status, int64_t at_ms) MUST_CHECK;
bool track_logged_delete(struct scope *s, struct db *db, const char *model_id,
                         int64_t at_ms) MUST_CHECK;
bool track_logged_params(struct scope *s, struct db *db, const char *model_id, size_t n,
                         const struct track_pair params[]) MUST_CHECK;
bool track_logged_tags(struct scope *s, struct db *db, const char *model_id, size_t n,
                       const struct track_pair tags[]) MUST_CHECK;
bool track_logged_untag(struct scope *s, struct db *db, const char *model_id,
                        const char *key) MUST_CHECK;

struct track_dataset_choice {
    const char *name, *digest; // the digest is NULL for any
};

struct track_logged_order {
    const char *field; // an attribute, or metrics.<key>
    bool is_descending;
    struct track_dataset_choice dataset; // of a metric; {0} for any
};

struct track_logged_page {
    size_t n_experiments, n_datasets, n_orders;
    const int64_t *experiments;
    const struct track_dataset_choice *datasets; // metrics on one of these count; none: all do
    const struct track_logged_order *orders;
    const char *filter;
    int64_t offset, limit;
    const char *principal; // as in struct track_page
};

// Finds logged models that are not deleted.
//
//   owner   the scope
//   errors  INPUT for filters and orders that are not understood
bool track_logged_search(struct scope *s, struct db *db, const struct track_logged_page *page,
                         size_t *n, const struct track_logged **out, bool *has_more) MUST_CHECK;

#endif
