#include "track/log.h"

#include <string.h>

#include "db/array.h"
#include "text/json_scan.h"
#include "track/limit.h"
#include "track/log.sql.h"

static bool
number_check(struct scope *s, const char *what, size_t most, size_t n)
{
    return n <= most ||
           fail(s, ERROR_INPUT,
                "A batch logging request can contain at most %zu %s. Got %zu %s. Please split up "
                "%s across multiple requests and try again.",
                most, what, n, what, what);
}

static bool
metric_check(struct scope *s, const struct track_metric *m, const char *list, size_t i)
{
    if (!limit_key_at(s, "Metric name", list, i, "name", m->key))
        return false;
    if (m->at_ms < 0)
        return fail(s, ERROR_INPUT,
                    "Invalid value %lld for parameter '%s' supplied: metric '%.100s'. Timestamp "
                    "must be a nonnegative long (64-bit integer)",
                    (long long)m->at_ms,
                    list == NULL ? "timestamp" : scope_print(s, "%s[%zu].timestamp", list, i),
                    m->key);
    return true;
}

// No two params of a call have one key.
static bool
params_unique(struct scope *s, const struct track_batch *b)
{
    for (size_t i = 1; i < b->n_params; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(b->params[i].key, b->params[j].key) == 0)
                return fail(s, ERROR_INPUT,
                            "Duplicate parameter keys have been submitted: ['%.100s']. Please "
                            "ensure the request contains only one param value per param key.",
                            b->params[i].key);
    return true;
}

static bool
batch_check(struct scope *s, const struct track_batch *b)
{
    const char *const lists[] = {b->is_single ? NULL : "metrics", b->is_single ? NULL : "params",
                                 b->is_single ? NULL : "tags"};
    if (!number_check(s, "metrics", LOG_METRICS, b->n_metrics) ||
        !number_check(s, "params", LOG_PARAMS, b->n_params) ||
        !number_check(s, "tags", LOG_TAGS, b->n_tags) ||
        !number_check(s, "metrics, params, and tags", LOG_ALL,
                      b->n_metrics + b->n_params + b->n_tags))
        return false;
    for (size_t i = 0; i < b->n_metrics; i++)
        if (!metric_check(s, &b->metrics[i], lists[0], i))
            return false;
    for (size_t i = 0; i < b->n_params; i++)
        if (!limit_key_at(s, "Param key", lists[1], i, "key", b->params[i].key))
            return false;
    for (size_t i = 0; i < b->n_tags; i++)
        if (!limit_key_at(s, "key", lists[2], i, "key", b->tags[i].key))
            return false;
    return params_unique(s, b);
}

static const struct track_pair *
pairs_cut(struct scope *s, size_t n, const struct track_pair pairs[], size_t most)
{
    struct track_pair *cut = scope_array(s, n + 1, sizeof *cut);
    for (size_t i = 0; i < n; i++)
        cut[i] = (struct track_pair){pairs[i].key, limit_cut(s, most, pairs[i].value)};
    return cut;
}

// Metrics as four parameters, arrays; what all have in common stands there once.
static void
metrics_write(struct scope *s, const struct track_batch *b, const char *values[4])
{
    const struct track_metric *m = b->metrics;
    const size_t n = b->n_metrics;
    bool one_key = true, one_step = true, one_time = true;
    for (size_t i = 1; i < n; i++) {
        one_key = one_key && strcmp(m[i].key, m[0].key) == 0;
        one_step = one_step && m[i].step == m[0].step;
        one_time = one_time && m[i].at_ms == m[0].at_ms;
    }
    struct db_array keys = db_array_open(s, 16 + 24 * n), steps = db_array_open(s, 16 + 8 * n),
                    times = db_array_open(s, 16 + 14 * n), numbers = db_array_open(s, 16 + 20 * n);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || !one_key)
            db_array_text(&keys, m[i].key);
        if (i == 0 || !one_step)
            db_array_int(&steps, m[i].step);
        if (i == 0 || !one_time)
            db_array_int(&times, m[i].at_ms);
        db_array_number(&numbers, m[i].value);
    }
    values[0] = db_array_end(&keys);
    values[1] = db_array_end(&steps);
    values[2] = db_array_end(&times);
    values[3] = db_array_end(&numbers);
}

bool
track_run_demand(struct scope *s, struct db *db, const char *run_id)
{
    const struct rows *r = DB_QUERY(s, db, &sql_track_log_state, run_id);
    if (r == NULL)
        return false;
    if (rows_count(r) == 0)
        return fail(s, ERROR_MISSING, "Run with id=%.256s not found", run_id);
    return rows_bool(r, 0, "is_active") ||
           fail(s, ERROR_INPUT,
                "The run %.256s must be in the 'active' state. Current state is deleted.", run_id);
}

static bool
batch_put(struct scope *s, struct db *db, const char *run_id, const struct track_batch *b,
          const char *fold[2])
{
    const char *values[9] = {run_id};
    metrics_write(s, b, values + 1);
    track_pairs_write(s, b->n_params, pairs_cut(s, b->n_params, b->params, LIMIT_PARAM), &values[5],
                      &values[6]);
    track_pairs_write(s, b->n_tags, pairs_cut(s, b->n_tags, b->tags, LIMIT_TAG), &values[7],
                      &values[8]);
    const struct rows *r = db_query(s, db, &sql_track_log, 9, values);
    if (r == NULL)
        return track_refusal(s);
    if (rows_count(r) == 0)
        return track_run_demand(s, db, run_id) &&
               fail(s, ERROR_UNAVAILABLE, "run %s came just now; try again", run_id);
    if (!rows_is_null(r, 0, "due")) {
        fold[0] = rows_text(r, 0, "run_no");
        fold[1] = rows_text(r, 0, "due");
    }
    return true;
}

// Logs what is about logged models with these too.
static bool
models_put(struct scope *s, struct db *db, const char *run_id, const struct track_batch *b)
{
    struct db_array columns[7];
    for (size_t i = 0; i < 7; i++)
        columns[i] = db_array_open(s, 256);
    for (size_t i = 0; i < b->n_metrics; i++) {
        const struct track_metric *m = &b->metrics[i];
        if (m->model_id == NULL)
            continue;
        db_array_text(&columns[0], m->model_id);
        db_array_text(&columns[1], m->key);
        db_array_int(&columns[2], m->at_ms);
        db_array_int(&columns[3], m->step);
        db_array_number(&columns[4], m->value);
        db_array_text(&columns[5], m->dataset_name);
        db_array_text(&columns[6], m->dataset_digest);
    }
    const char *values[8] = {run_id};
    for (size_t i = 0; i < 7; i++)
        values[i + 1] = db_array_end(&columns[i]);
    const struct rows *r = db_query(s, db, &sql_track_log_models, 8, values);
    if (r == NULL)
        return false;
    for (size_t i = 0; i < b->n_metrics; i++) {
        const char *id = b->metrics[i].model_id;
        size_t j = 0;
        while (id != NULL && j < rows_count(r) && strcmp(rows_text(r, j, "model_id"), id) != 0)
            j++;
        if (id != NULL && j == rows_count(r))
            return fail(s, ERROR_MISSING, "Logged model with ID '%.100s' not found.", id);
    }
    return true;
}

static bool
has_models(const struct track_batch *b)
{
    for (size_t i = 0; i < b->n_metrics; i++)
        if (b->metrics[i].model_id != NULL)
            return true;
    return false;
}

bool
track_log(struct scope *s, struct db *db, const char *run_id, const struct track_batch *batch)
{
    const char *fold[2] = {NULL, NULL};
    if (!limit_run_id(s, "run_id", run_id) || !batch_check(s, batch))
        return false;
    if (!has_models(batch)) {
        if (!batch_put(s, db, run_id, batch, fold))
            return false;
    } else if (!db_begin(s, db) || !batch_put(s, db, run_id, batch, fold) ||
               !models_put(s, db, run_id, batch) || !db_commit(s, db)) {
        return false;
    }
    if (fold[0] == NULL)
        return true;
    struct scope own = {0}; // what is logged is logged: folding can wait
    const bool is_folded = db_run(&own, db, &sql_track_fold, 2, fold);
    scope_close(&own);
    (void)is_folded;
    return true;
}

bool
track_tag_delete(struct scope *s, struct db *db, const char *run_id, const char *key)
{
    if (!track_run_demand(s, db, run_id))
        return false;
    const struct rows *r = DB_QUERY(s, db, &sql_track_tag_delete, run_id, key);
    if (r == NULL)
        return false;
    return rows_count(r) > 0 ||
           fail(s, ERROR_MISSING, "No tag with name: %.250s in run with id %.256s", key, run_id);
}

// What the tag keeps of a model, as it was written.
static bool
model_shorten(struct scope *s, const char *model, struct buf *out)
{
    static const char *const wanted[] = {"run_id", "artifact_path", "utc_time_created", "flavors",
                                         "model_uuid"}; // the last may be missing
    struct json_member *members = scope_array(s, JSON_MEMBERS, sizeof *members);
    struct json_part part;
    if (!json_scan(s, model, strlen(model)))
        return explain(s, "Malformed model info. It is not a valid JSON");
    json_scan_part(model, strlen(model), 0, members, &part);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        size_t j = 0;
        while (part.kind == JSON_OBJECT && j < part.n_members && !str_is(members[j].key, wanted[i]))
            j++;
        if (part.kind != JSON_OBJECT || j == part.n_members) {
            if (i == 4)
                break;
            return fail(s, ERROR_INPUT, "Model json is missing mandatory fields: '%s'", wanted[i]);
        }
        buf_print(out, "%s\"%s\": ", i == 0 ? "{" : ", ", wanted[i]);
        const size_t quote = members[j].kind == JSON_TEXT; // a text's value is without its own
        buf_add(out, members[j].value.at - quote, members[j].value.n + 2 * quote);
    }
    buf_char(out, '}');
    return true;
}

bool
track_log_model(struct scope *s, struct db *db, const char *run_id, const char *model)
{
    struct buf entry = buf_open(s, 512);
    if (!model_shorten(s, model, &entry) || !track_run_demand(s, db, run_id) || !db_begin(s, db))
        return false;
    const struct rows *r = DB_QUERY(s, db, &sql_track_log_lock, run_id);
    return r != NULL && rows_count(r) > 0 &&
           DB_RUN(s, db, &sql_track_log_model, rows_text(r, 0, "run_no"),
                  "mlflow.log-model.history", entry.text) &&
           db_commit(s, db);
}
