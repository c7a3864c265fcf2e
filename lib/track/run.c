#include "track/run.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "db/array.h"
#include "track/limit.h"
#include "track/log.h"
#include "track/name.h"
#include "track/run.sql.h"

#define RUNS_PIECE 500 // runs read by one statement, so that none takes long

#define NAME_TAG "mlflow.runName"

const char *
track_tag_find(size_t n, const struct track_pair tags[], const char *key)
{
    const char *value = NULL;
    for (size_t i = 0; i < n; i++)
        if (strcmp(tags[i].key, key) == 0)
            value = tags[i].value;
    return value;
}

// The tags of a run that is to be made, with its name among them.
static bool
tags_prepare(struct scope *s, const struct track_run_wish *wish, struct track_run *out)
{
    const char *tagged = track_tag_find(wish->n_tags, wish->tags, NAME_TAG);
    const bool has_name = wish->name != NULL && wish->name[0] != '\0';
    if (has_name && tagged != NULL && strcmp(wish->name, tagged) != 0)
        return fail(s, ERROR_INPUT,
                    "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with "
                    "different values (run_name='%.100s', mlflow.runName='%.100s').",
                    wish->name, tagged);
    out->name = has_name ? wish->name : tagged != NULL ? tagged : track_name_make(s);
    if (!limit_check(s, "run_name", LIMIT_RUN_NAME, out->name))
        return false;
    struct track_pair *tags = scope_array(s, wish->n_tags + 1, sizeof *tags);
    for (size_t i = 0; i < wish->n_tags; i++) {
        if (!limit_key_at(s, "key", "tags", i, "key", wish->tags[i].key))
            return false;
        tags[i] =
            (struct track_pair){wish->tags[i].key, limit_cut(s, LIMIT_TAG, wish->tags[i].value)};
    }
    out->n_tags = wish->n_tags;
    if (tagged == NULL)
        tags[out->n_tags++] = (struct track_pair){NAME_TAG, out->name};
    out->tags = tags;
    return true;
}

bool
track_run_create(struct scope *s, struct db *db, const struct track_run_wish *wish,
                 struct track_run *out)
{
    const char *keys, *values;
    *out = (struct track_run){.run_id = track_id_make(s),
                              .user_id = wish->user_id,
                              .status = "RUNNING",
                              .experiment_id = wish->experiment_id,
                              .is_active = true,
                              .started_ms = wish->started_ms};
    if (!limit_check(s, "user_id", 256, wish->user_id) || !tags_prepare(s, wish, out))
        return false;
    track_pairs_write(s, out->n_tags, out->tags, &keys, &values);
    const struct rows *r =
        DB_QUERY(s, db, &sql_track_run_create, out->run_id, db_int(s, wish->experiment_id),
                 out->name, out->user_id, db_int(s, wish->started_ms), keys, values);
    if (r == NULL)
        return false;
    if (rows_count(r) == 0)
        return fail(s, ERROR_MISSING, "No Experiment with id=%lld exists",
                    (long long)wish->experiment_id);
    if (!rows_bool(r, 0, "is_active"))
        return fail(s, ERROR_INPUT,
                    "The experiment %lld must be in the 'active' state. Current state is deleted.",
                    (long long)wish->experiment_id);
    out->artifact_uri = rows_text(r, 0, "artifact_uri");
    return true;
}

static size_t
metrics_read(struct scope *s, const struct rows *r, size_t i, const struct track_metric **out)
{
    const char **keys, **values, **steps, **times;
    const size_t n = db_array_read(s, rows_text(r, i, "metric_keys"), &keys);
    struct track_metric *metrics = scope_array(s, n + 1, sizeof *metrics);
    if (db_array_read(s, rows_text(r, i, "metric_values"), &values) != n ||
        db_array_read(s, rows_text(r, i, "steps"), &steps) != n ||
        db_array_read(s, rows_text(r, i, "times"), &times) != n)
        return 0;
    for (size_t j = 0; j < n; j++)
        metrics[j] = (struct track_metric){.key = keys[j],
                                           .value = strtod(values[j], NULL),
                                           .step = strtoll(steps[j], NULL, 10),
                                           .at_ms = strtoll(times[j], NULL, 10)};
    *out = metrics;
    return n;
}

static void
run_read(struct scope *s, const struct rows *r, size_t i, struct track_run *out)
{
    *out = (struct track_run){
        .run_id = rows_text(r, i, "run_id"),
        .name = rows_text(r, i, "name"),
        .user_id = rows_text(r, i, "user_id"),
        .status = rows_text(r, i, "status"),
        .artifact_uri = rows_text(r, i, "artifact_uri"),
        .experiment_id = rows_int(r, i, "experiment_id"),
        .is_active = rows_bool(r, i, "is_active"),
        .has_ended = !rows_is_null(r, i, "ended_ms"),
        .started_ms = rows_int(r, i, "started_ms"),
        .ended_ms = rows_int(r, i, "ended_ms"),
    };
    out->n_metrics = metrics_read(s, r, i, &out->metrics);
    out->n_params = track_pairs_read(s, r, i, "param_keys", "param_values", &out->params);
    out->n_tags = track_pairs_read(s, r, i, "tag_keys", "tag_values", &out->tags);
}

// The run of a row that names one; rows and runs both have each run's together.
static struct track_run *
run_of(size_t n, struct track_run runs[], const char *run_id)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(runs[i].run_id, run_id) == 0)
            return &runs[i];
    return NULL;
}

static bool
datasets_read(struct scope *s, struct db *db, const char *ids, size_t n, struct track_run runs[])
{
    const struct rows *r = DB_QUERY(s, db, &sql_track_run_datasets, ids);
    if (r == NULL)
        return false;
    struct track_input *all = scope_array(s, rows_count(r) + 1, sizeof *all);
    for (size_t i = 0; i < rows_count(r); i++) {
        struct track_run *run = run_of(n, runs, rows_text(r, i, "run_id"));
        all[i] = (struct track_input){
            .name = rows_text(r, i, "name"),
            .digest = rows_text(r, i, "digest"),
            .source_type = rows_text(r, i, "source_type"),
            .source = rows_text(r, i, "source"),
            .schema = rows_is_null(r, i, "schema") ? NULL : rows_text(r, i, "schema"),
            .profile = rows_is_null(r, i, "profile") ? NULL : rows_text(r, i, "profile"),
        };
        all[i].n_tags = track_pairs_read(s, r, i, "tag_keys", "tag_values", &all[i].tags);
        if (run != NULL && run->n_inputs++ == 0)
            run->inputs = &all[i];
    }
    return true;
}

static bool
models_read(struct scope *s, struct db *db, const char *ids, size_t n, struct track_run runs[])
{
    const struct rows *r = DB_QUERY(s, db, &sql_track_run_models, ids);
    if (r == NULL)
        return false;
    struct track_link *all = scope_array(s, rows_count(r) + 1, sizeof *all);
    for (size_t i = 0; i < rows_count(r); i++) {
        struct track_run *run = run_of(n, runs, rows_text(r, i, "run_id"));
        all[i] = (struct track_link){rows_text(r, i, "model_id"), rows_int(r, i, "step")};
        if (run != NULL && rows_bool(r, i, "is_output") && run->n_models_out++ == 0)
            run->models_out = &all[i];
        if (run != NULL && !rows_bool(r, i, "is_output") && run->n_models_in++ == 0)
            run->models_in = &all[i];
    }
    return true;
}

// Folds those of the rows' runs that have fresh points; tells whether there were any.
static bool
rows_fold(struct scope *s, struct db *db, const struct rows *r, bool *was_fresh)
{
    struct db_array numbers = db_array_open(s, 64);
    *was_fresh = false;
    for (size_t i = 0; i < rows_count(r); i++) {
        if (!rows_bool(r, i, "is_fresh"))
            continue;
        *was_fresh = true;
        db_array_int(&numbers, rows_int(r, i, "run_no"));
    }
    return !*was_fresh || DB_RUN(s, db, &sql_track_run_fold, db_array_end(&numbers));
}

// Reads some runs to where there is room for as many.
static bool
piece_get(struct scope *s, struct db *db, size_t n, const char *const run_ids[], size_t *n_runs,
          struct track_run runs[])
{
    struct db_array ids = db_array_open(s, 64 + 36 * n);
    bool was_fresh, has_datasets = false, has_models = false;
    for (size_t i = 0; i < n; i++)
        db_array_text(&ids, run_ids[i]);
    const char *wanted = db_array_end(&ids);
    const struct query *read = n == 1 ? &sql_track_run_read_one : &sql_track_run_read;
    const char *which = n == 1 ? run_ids[0] : wanted;
    const struct rows *r = DB_QUERY(s, db, read, which);
    if (r == NULL || !rows_fold(s, db, r, &was_fresh))
        return false;
    if (was_fresh)
        r = DB_QUERY(s, db, read, which);
    if (r == NULL)
        return false;
    *n_runs = rows_count(r);
    for (size_t i = 0; i < *n_runs; i++) {
        run_read(s, r, i, &runs[i]);
        has_datasets = has_datasets || rows_bool(r, i, "has_datasets");
        has_models = has_models || rows_bool(r, i, "has_models");
    }
    return (!has_datasets || datasets_read(s, db, wanted, *n_runs, runs)) &&
           (!has_models || models_read(s, db, wanted, *n_runs, runs));
}

bool
track_runs_get(struct scope *s, struct db *db, size_t n, const char *const run_ids[],
               size_t *n_runs, const struct track_run **out)
{
    struct track_run *runs = scope_array(s, n + 1, sizeof *runs);
    *n_runs = 0;
    for (size_t i = 0; i < n; i += RUNS_PIECE) {
        size_t n_read;
        const size_t n_piece = n - i < RUNS_PIECE ? n - i : RUNS_PIECE;
        if (!piece_get(s, db, n_piece, run_ids + i, &n_read, runs + *n_runs))
            return false;
        *n_runs += n_read;
    }
    *out = runs;
    return true;
}

bool
track_run_get(struct scope *s, struct db *db, const char *run_id, struct track_run *out)
{
    size_t n;
    const struct track_run *runs;
    if (!limit_run_id(s, "run_id", run_id) || !track_runs_get(s, db, 1, &run_id, &n, &runs))
        return false;
    if (n == 0)
        return fail(s, ERROR_MISSING, "Run with id=%.256s not found", run_id);
    *out = runs[0];
    return true;
}

bool
track_run_update(struct scope *s, struct db *db, const char *run_id,
                 const struct track_run_change *change, struct track_run *out)
{
    const char *name = change->name != NULL && change->name[0] != '\0' ? change->name : NULL;
    if (!limit_run_id(s, "run_id", run_id) || !limit_check(s, "run_name", LIMIT_RUN_NAME, name) ||
        !db_begin(s, db))
        return false;
    const struct rows *r = DB_QUERY(s, db, &sql_track_run_update, run_id, change->status,
                                    change->ended == NULL ? NULL : db_int(s, *change->ended), name);
    if (r == NULL)
        return false;
    if (rows_count(r) == 0)
        return track_run_demand(s, db, run_id) &&
               fail(s, ERROR_UNAVAILABLE, "run %s changed just now; try again", run_id);
    const char *run_no = rows_text(r, 0, "run_no");
    return (name == NULL || DB_RUN(s, db, &sql_track_run_name_tag, run_no, name)) &&
           db_commit(s, db) && track_run_get(s, db, run_id, out);
}

static bool
stage_set(struct scope *s, struct db *db, const char *run_id, const char *stage)
{
    if (!limit_run_id(s, "run_id", run_id))
        return false;
    const struct rows *r = DB_QUERY(s, db, &sql_track_run_stage, run_id, stage);
    if (r == NULL)
        return false;
    return rows_count(r) > 0 || fail(s, ERROR_MISSING, "Run with id=%.256s not found", run_id);
}

bool
track_run_delete(struct scope *s, struct db *db, const char *run_id)
{
    return stage_set(s, db, run_id, "deleted");
}

bool
track_run_restore(struct scope *s, struct db *db, const char *run_id)
{
    return stage_set(s, db, run_id, "active");
}
