// tests/track/world.h: an experiment with runs, for the tests of tracking.
#ifndef TESTS_TRACK_WORLD_H
#define TESTS_TRACK_WORLD_H

#include "db.h"

#include "track/experiment.h"
#include "track/log.h"
#include "track/run.h"

static inline int64_t
experiment_make(struct scope *s, struct db *db, const char *name)
{
    int64_t id = 0;
    const struct track_experiment_wish wish = {.name = name, .at_ms = 1000};
    CHECK(track_experiment_create(s, db, &wish, &id));
    return id;
}

static inline const char *
run_make(struct scope *s, struct db *db, int64_t experiment_id, const char *name,
         int64_t started_ms)
{
    struct track_run run;
    const struct track_run_wish wish = {
        .experiment_id = experiment_id, .name = name, .user_id = "ann", .started_ms = started_ms};
    CHECK(track_run_create(s, db, &wish, &run));
    return run.run_id;
}

static inline void
metric_log(struct scope *s, struct db *db, const char *run_id, struct track_metric metric)
{
    CHECK(track_log(s, db, run_id,
                    &(struct track_batch){.n_metrics = 1, .metrics = &metric, .is_single = true}));
}

static inline void
param_log(struct scope *s, struct db *db, const char *run_id, const char *key, const char *value)
{
    const struct track_pair param = {key, value};
    CHECK(track_log(s, db, run_id,
                    &(struct track_batch){.n_params = 1, .params = &param, .is_single = true}));
}

static inline void
tag_set(struct scope *s, struct db *db, const char *run_id, const char *key, const char *value)
{
    const struct track_pair tag = {key, value};
    CHECK(track_log(s, db, run_id,
                    &(struct track_batch){.n_tags = 1, .tags = &tag, .is_single = true}));
}

static inline struct track_run
run_get(struct scope *s, struct db *db, const char *run_id)
{
    struct track_run run;
    CHECK(track_run_get(s, db, run_id, &run));
    return run;
}

#endif
