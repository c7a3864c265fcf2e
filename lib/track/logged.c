#include "track/logged.h"

#include <string.h>

#include "db/array.h"
#include "track/limit.h"
#include "track/logged.sql.h"
#include "track/logged_read.h"
#include "track/name.h"

#define TAG_VALUE_MOST 8000

static bool
missing(struct scope *s, const char *model_id)
{
    return fail(s, ERROR_MISSING, "Logged model with ID '%.100s' not found.", model_id);
}

static bool
name_check(struct scope *s, const char *name)
{
    if (strpbrk(name, "/:.%\"'") != NULL)
        return fail(s, ERROR_INPUT,
                    "Invalid model name ('%.100s') provided. Model name must be a non-empty string "
                    "and cannot contain the following characters: / : . %% \" '",
                    name);
    return limit_check(s, "name", LIMIT_EXPERIMENT_NAME, name);
}

static bool
pairs_check(struct scope *s, size_t n, const struct track_pair pairs[])
{
    for (size_t i = 0; i < n; i++)
        if (!limit_check(s, "key", LIMIT_KEY + 5, pairs[i].key) ||
            !limit_check(s, "value", TAG_VALUE_MOST, pairs[i].value))
            return false;
    return true;
}

static bool
pairs_put(struct scope *s, struct db *db, const struct query *q, const char *model_id, size_t n,
          const struct track_pair pairs[])
{
    const char *keys, *values;
    track_pairs_write(s, n, pairs, &keys, &values);
    return n == 0 || DB_RUN(s, db, q, model_id, keys, values);
}

bool
track_logged_create(struct scope *s, struct db *db, const struct track_logged_wish *wish,
                    struct track_logged *out)
{
    const char *name =
        wish->name == NULL || wish->name[0] == '\0' ? track_name_make(s) : wish->name;
    const char *id = scope_print(s, "m-%s", track_id_make(s));
    if (!name_check(s, name) || !pairs_check(s, wish->n_params, wish->params) ||
        !pairs_check(s, wish->n_tags, wish->tags) ||
        !limit_check(s, "model_type", LIMIT_EXPERIMENT_NAME, wish->model_type) ||
        !limit_check(s, "source_run_id", LIMIT_EXPERIMENT_NAME, wish->source_run_id) ||
        !db_begin(s, db))
        return false;
    const struct rows *r =
        DB_QUERY(s, db, &sql_track_logged_create, id, db_int(s, wish->experiment_id), name,
                 wish->model_type, wish->source_run_id, db_int(s, wish->at_ms));
    if (r == NULL)
        return false;
    if (rows_count(r) == 0)
        return fail(s, ERROR_MISSING, "No Experiment with id=%lld exists",
                    (long long)wish->experiment_id);
    if (!rows_bool(r, 0, "is_active"))
        return fail(s, ERROR_INPUT,
                    "The experiment %lld must be in the 'active' state. Current state is deleted.",
                    (long long)wish->experiment_id);
    return pairs_put(s, db, &sql_track_logged_params, id, wish->n_params, wish->params) &&
           pairs_put(s, db, &sql_track_logged_tags, id, wish->n_tags, wish->tags) &&
           db_commit(s, db) && track_logged_get(s, db, id, false, out);
}

static const char *
text_or_none(const struct rows *r, size_t i, const char *column)
{
    return rows_is_null(r, i, column) ? NULL : rows_text(r, i, column);
}

static bool
metrics_read(struct scope *s, struct db *db, const char *ids, size_t n, struct track_logged all[])
{
    const struct rows *r = DB_QUERY(s, db, &sql_track_logged_metrics, ids);
    if (r == NULL)
        return false;
    struct track_metric *metrics = scope_array(s, rows_count(r) + 1, sizeof *metrics);
    for (size_t i = 0; i < rows_count(r); i++) {
        const char *id = rows_text(r, i, "model_id");
        size_t j = 0;
        metrics[i] = (struct track_metric){.key = rows_text(r, i, "key"),
                                           .value = rows_number(r, i, "value"),
                                           .at_ms = rows_int(r, i, "at_ms"),
                                           .step = rows_int(r, i, "step"),
                                           .model_id = id,
                                           .run_id = rows_text(r, i, "run_id"),
                                           .dataset_name = text_or_none(r, i, "dataset_name"),
                                           .dataset_digest = text_or_none(r, i, "dataset_digest")};
        while (j < n && strcmp(all[j].model_id, id) != 0)
            j++;
        if (j < n && all[j].n_metrics++ == 0)
            all[j].metrics = &metrics[i];
    }
    return true;
}

bool
logged_read(struct scope *s, struct db *db, size_t n, const char *const ids[], bool may_be_deleted,
            size_t *n_read, const struct track_logged **out)
{
    struct db_array wanted = db_array_open(s, 64 + 40 * n);
    for (size_t i = 0; i < n; i++)
        db_array_text(&wanted, ids[i]);
    const char *list = db_array_end(&wanted);
    const struct rows *r = DB_QUERY(s, db, &sql_track_logged_read, list);
    if (r == NULL)
        return false;
    struct track_logged *all = scope_array(s, rows_count(r) + 1, sizeof *all);
    *n_read = 0;
    for (size_t i = 0; i < rows_count(r); i++) {
        if (!may_be_deleted && strcmp(rows_text(r, i, "lifecycle_stage"), "active") != 0)
            continue;
        struct track_logged *m = &all[(*n_read)++];
        *m = (struct track_logged){
            .model_id = rows_text(r, i, "model_id"),
            .name = rows_text(r, i, "name"),
            .artifact_uri = rows_text(r, i, "artifact_uri"),
            .model_type = text_or_none(r, i, "model_type"),
            .source_run_id = text_or_none(r, i, "source_run_id"),
            .status_message = text_or_none(r, i, "status_message"),
            .experiment_id = rows_int(r, i, "experiment_id"),
            .created_ms = rows_int(r, i, "created_ms"),
            .updated_ms = rows_int(r, i, "updated_ms"),
            .status = (enum track_logged_status)rows_int(r, i, "status"),
        };
        m->n_params = track_pairs_read(s, r, i, "param_keys", "param_values", &m->params);
        m->n_tags = track_pairs_read(s, r, i, "tag_keys", "tag_values", &m->tags);
    }
    *out = all;
    return metrics_read(s, db, list, *n_read, all);
}

bool
track_logged_get(struct scope *s, struct db *db, const char *model_id, bool may_be_deleted,
                 struct track_logged *out)
{
    size_t n;
    const struct track_logged *all;
    if (!logged_read(s, db, 1, &model_id, may_be_deleted, &n, &all))
        return false;
    if (n == 0)
        return missing(s, model_id);
    *out = all[0];
    return true;
}

bool
track_logged_experiment(struct scope *s, struct db *db, const char *model_id,
                        int64_t *experiment_id)
{
    const struct rows *r = DB_QUERY(s, db, &sql_track_logged_experiment, model_id);
    if (r == NULL)
        return false;
    if (rows_count(r) == 0)
        return missing(s, model_id);
    *experiment_id = rows_int(r, 0, "experiment_id");
    return true;
}

bool
track_logged_finish(struct scope *s, struct db *db, const char *model_id,
                    enum track_logged_status status, int64_t at_ms)
{
    const struct rows *r = DB_QUERY(s, db, &sql_track_logged_status, model_id,
                                    db_int(s, (int64_t)status), db_int(s, at_ms));
    return r != NULL && (rows_count(r) > 0 || missing(s, model_id));
}

bool
track_logged_delete(struct scope *s, struct db *db, const char *model_id, int64_t at_ms)
{
    const struct rows *r = DB_QUERY(s, db, &sql_track_logged_delete, model_id, db_int(s, at_ms));
    return r != NULL && (rows_count(r) > 0 || missing(s, model_id));
}

bool
track_logged_params(struct scope *s, struct db *db, const char *model_id, size_t n,
                    const struct track_pair params[])
{
    struct track_logged model;
    return pairs_check(s, n, params) && track_logged_get(s, db, model_id, false, &model) &&
           pairs_put(s, db, &sql_track_logged_params, model_id, n, params);
}

bool
track_logged_tags(struct scope *s, struct db *db, const char *model_id, size_t n,
                  const struct track_pair tags[])
{
    struct track_logged model;
    return pairs_check(s, n, tags) && track_logged_get(s, db, model_id, false, &model) &&
           pairs_put(s, db, &sql_track_logged_tags, model_id, n, tags);
}

bool
track_logged_untag(struct scope *s, struct db *db, const char *model_id, const char *key)
{
    struct track_logged model;
    if (!track_logged_get(s, db, model_id, false, &model))
        return false;
    const struct rows *r = DB_QUERY(s, db, &sql_track_logged_tag_delete, model_id, key);
    if (r == NULL)
        return false;
    return rows_count(r) > 0 ||
           fail(s, ERROR_MISSING, "No tag with key '%.250s' found for model with ID '%.100s'.", key,
                model_id);
}
