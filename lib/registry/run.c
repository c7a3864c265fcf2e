#include "registry/run.h"

#include <string.h>

#include "db/array.h"
#include "registry/artifact.h"
#include "registry/run.sql.h"

// Finds an experiment by name, or makes it.
static bool
experiment_get(struct scope *s, struct db *db, const char *name, int64_t at_ms,
               int64_t *experiment_id)
{
    const struct rows *r = DB_QUERY(s, db, &sql_run_experiment, name, db_int(s, at_ms));
    if (r == NULL)
        return explain(s, "could not make experiment \"%s\"", name);
    *experiment_id = rows_int(r, 0, "experiment_id");
    return true;
}

static void
texts_write(struct scope *s, size_t n, const struct run_text texts[], const char *columns[2])
{
    struct db_array keys = db_array_open(s, 1024), values = db_array_open(s, 1024);
    for (size_t i = 0; i < n; i++) {
        db_array_text(&keys, texts[i].key);
        db_array_text(&values, texts[i].value);
    }
    columns[0] = db_array_end(&keys);
    columns[1] = db_array_end(&values);
}

static bool
parts_add(struct scope *s, struct db *db, const struct run *run)
{
    struct db_array keys = db_array_open(s, 1024), steps = db_array_open(s, 256),
                    numbers = db_array_open(s, 1024);
    for (size_t i = 0; i < run->n_metrics; i++) {
        db_array_text(&keys, run->metrics[i].key);
        db_array_int(&steps, run->metrics[i].step);
        db_array_number(&numbers, run->metrics[i].value);
    }
    const char *values[9] = {run->run_id, db_array_end(&keys), db_array_end(&steps),
                             db_array_end(&numbers), db_int(s, run->ended_ms)};
    texts_write(s, run->n_params, run->params, &values[5]);
    texts_write(s, run->n_tags, run->tags, &values[7]);
    return db_run(s, db, &sql_run_log, 9, values);
}

static const char *
user_of(const struct run *run)
{
    for (size_t i = 0; i < run->n_tags; i++)
        if (strcmp(run->tags[i].key, "mlflow.user") == 0)
            return run->tags[i].value;
    return "";
}

// An experiment whose artifacts are kept elsewhere has no place for it.
static bool
model_refer(struct scope *s, struct db *db, const struct run *run, const char *artifact_uri)
{
    const struct artifact_shelf shelf = {.db = db, .actor = user_of(run)};
    const struct artifact_file model = {run->model_key, run->model_sha256, -1};
    const char *root = artifact_uri_path(s, artifact_uri);
    return run->model_key == NULL || root == NULL ||
           artifact_refer(s, &shelf, artifact_path_join(s, root, "model/airwatch.json"), &model);
}

bool
run_log(struct scope *s, struct db *db, const struct run *run)
{
    int64_t experiment_id = 0;
    if (!experiment_get(s, db, run->experiment, run->started_ms, &experiment_id))
        return false;
    const struct rows *r = DB_QUERY(s, db, &sql_run_add, run->run_id, db_int(s, experiment_id),
                                    run->name, db_int(s, run->started_ms), db_int(s, run->ended_ms),
                                    db_int(s, run->dataset_id), user_of(run));
    return (r != NULL && parts_add(s, db, run) &&
            model_refer(s, db, run, rows_text(r, 0, "artifact_uri"))) ||
           explain(s, "could not log run \"%s\"", run->run_id);
}
