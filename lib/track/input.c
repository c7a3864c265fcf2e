#include "track/input.h"

#include <string.h>

#include "db/array.h"
#include "track/input.sql.h"
#include "track/limit.h"
#include "track/log.h"

// source  MLflow's columns and validation
#define NAME_MOST 500
#define DIGEST_MOST 36
#define SOURCE_MOST 65535
#define SCHEMA_MOST 1048575
#define PROFILE_MOST 16777215
#define TAG_KEY_MOST 255
#define TAG_VALUE_MOST 500

static bool
input_check(struct scope *s, const struct track_input *input)
{
    for (size_t i = 0; i < input->n_tags; i++)
        if (!limit_check(s, "key", TAG_KEY_MOST, input->tags[i].key) ||
            !limit_check(s, "value", TAG_VALUE_MOST, input->tags[i].value))
            return false;
    return limit_check(s, "name", NAME_MOST, input->name) &&
           limit_check(s, "digest", DIGEST_MOST, input->digest) &&
           limit_check(s, "source_type", TAG_KEY_MOST, input->source_type) &&
           limit_check(s, "source", SOURCE_MOST, input->source) &&
           limit_check(s, "schema", SCHEMA_MOST, input->schema) &&
           limit_check(s, "profile", PROFILE_MOST, input->profile);
}

static const char *
context_of(const struct track_input *input)
{
    return track_tag_find(input->n_tags, input->tags, "mlflow.data.context");
}

static const struct rows *
datasets_add(struct scope *s, struct db *db, const char *run_id, size_t n,
             const struct track_input inputs[])
{
    const char *values[8] = {run_id};
    struct db_array columns[7];
    for (size_t i = 0; i < 7; i++)
        columns[i] = db_array_open(s, 256);
    for (size_t i = 0; i < n; i++) {
        const char *const texts[] = {inputs[i].name,        inputs[i].digest, inputs[i].source_type,
                                     inputs[i].source,      inputs[i].schema, inputs[i].profile,
                                     context_of(&inputs[i])};
        for (size_t j = 0; j < 7; j++)
            db_array_text(&columns[j], texts[j]);
    }
    for (size_t i = 0; i < 7; i++)
        values[i + 1] = db_array_end(&columns[i]);
    return db_query(s, db, &sql_track_input_add, 8, values);
}

bool
track_inputs_log(struct scope *s, struct db *db, const char *run_id, size_t n,
                 const struct track_input inputs[])
{
    if (n > INPUT_DATASETS)
        return fail(s, ERROR_INPUT, "A request can contain at most %d datasets. Got %zu datasets.",
                    INPUT_DATASETS, n);
    for (size_t i = 0; i < n; i++)
        if (!input_check(s, &inputs[i]))
            return false;
    if (!track_run_demand(s, db, run_id) || n == 0)
        return s->kind == ERROR_NONE;
    if (!db_begin(s, db))
        return false;
    const struct rows *r = datasets_add(s, db, run_id, n, inputs);
    if (r == NULL)
        return false;
    for (size_t i = 0; i < rows_count(r); i++) {
        const struct track_input *input = &inputs[rows_int(r, i, "i") - 1];
        const char *keys, *values;
        track_pairs_write(s, input->n_tags, input->tags, &keys, &values);
        if (!DB_RUN(s, db, &sql_track_input_link, run_id, rows_text(r, i, "dataset_no"), keys,
                    values, context_of(input)))
            return false;
    }
    return db_commit(s, db);
}

bool
track_models_link(struct scope *s, struct db *db, const char *run_id, bool is_output, size_t n,
                  const struct track_link links[])
{
    struct db_array ids = db_array_open(s, 64 + 40 * n), steps = db_array_open(s, 16 + 8 * n);
    if (!track_run_demand(s, db, run_id))
        return false;
    for (size_t i = 0; i < n; i++) {
        db_array_text(&ids, links[i].model_id);
        db_array_int(&steps, links[i].step);
    }
    if (!db_begin(s, db))
        return false;
    const struct rows *r = DB_QUERY(s, db, &sql_track_input_models, run_id, db_array_end(&ids),
                                    db_array_end(&steps), is_output ? "t" : "f");
    if (r == NULL)
        return false;
    for (size_t i = 0; i < n; i++) {
        size_t j = 0;
        while (j < rows_count(r) && strcmp(rows_text(r, j, "model_id"), links[i].model_id) != 0)
            j++;
        if (j == rows_count(r))
            return fail(s, ERROR_MISSING, "Logged model with ID '%.100s' not found.",
                        links[i].model_id);
    }
    return db_commit(s, db);
}

bool
track_datasets_search(struct scope *s, struct db *db, size_t n_experiments,
                      const int64_t experiments[], size_t *n, const struct track_dataset **out)
{
    struct db_array ids = db_array_open(s, 64);
    for (size_t i = 0; i < n_experiments; i++)
        db_array_int(&ids, experiments[i]);
    const struct rows *r = DB_QUERY(s, db, &sql_track_input_summary, db_array_end(&ids));
    if (r == NULL)
        return false;
    struct track_dataset *all = scope_array(s, rows_count(r) + 1, sizeof *all);
    for (size_t i = 0; i < rows_count(r); i++)
        all[i] = (struct track_dataset){
            rows_int(r, i, "experiment_id"), rows_text(r, i, "name"), rows_text(r, i, "digest"),
            rows_is_null(r, i, "context") ? NULL : rows_text(r, i, "context")};
    *n = rows_count(r);
    *out = all;
    return true;
}
