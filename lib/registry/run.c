#include "registry/run.h"

#include <math.h>

#include "registry/run.sql.h"

// Adds one element to an array literal that is being written: {"one","two"}.
//
//   source  PostgreSQL 15, section 8.15.2
static void
element_add(struct buf *array, const char *text)
{
    buf_char(array, array->n == 0 ? '{' : ',');
    buf_char(array, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            buf_char(array, '\\');
        buf_char(array, *text);
    }
    buf_char(array, '"');
}

static void
number_add(struct buf *array, double x)
{
    buf_char(array, array->n == 0 ? '{' : ',');
    if (isnan(x))
        buf_text(array, "NaN");
    else if (isinf(x))
        buf_text(array, x > 0 ? "Infinity" : "-Infinity");
    else
        buf_number(array, x);
}

static const char *
array_end(struct buf *array)
{
    buf_text(array, array->n == 0 ? "{}" : "}");
    return array->text;
}

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

static bool
texts_add(struct scope *s, struct db *db, const struct query *q, const char *run_id, size_t n,
          const struct run_text *texts)
{
    struct buf keys = buf_open(s, 1024), values = buf_open(s, 1024);
    for (size_t i = 0; i < n; i++) {
        element_add(&keys, texts[i].key);
        element_add(&values, texts[i].value);
    }
    return DB_RUN(s, db, q, run_id, array_end(&keys), array_end(&values));
}

static bool
metrics_add(struct scope *s, struct db *db, const struct run *run)
{
    struct buf keys = buf_open(s, 1024), steps = buf_open(s, 256), values = buf_open(s, 1024);
    for (size_t i = 0; i < run->n_metrics; i++) {
        element_add(&keys, run->metrics[i].key);
        buf_char(&steps, i == 0 ? '{' : ',');
        buf_int(&steps, run->metrics[i].step);
        number_add(&values, run->metrics[i].value);
    }
    return DB_RUN(s, db, &sql_run_metrics, run->run_id, array_end(&keys), array_end(&steps),
                  array_end(&values), db_int(s, run->ended_ms));
}

bool
run_log(struct scope *s, struct db *db, const struct run *run)
{
    int64_t experiment_id = 0;
    if (!experiment_get(s, db, run->experiment, run->started_ms, &experiment_id))
        return false;
    return (DB_RUN(s, db, &sql_run_add, run->run_id, db_int(s, experiment_id), run->name,
                   db_int(s, run->started_ms), db_int(s, run->ended_ms), run->artifact_uri,
                   db_int(s, run->dataset_id)) &&
            texts_add(s, db, &sql_run_params, run->run_id, run->n_params, run->params) &&
            metrics_add(s, db, run) &&
            texts_add(s, db, &sql_run_tags, run->run_id, run->n_tags, run->tags)) ||
           explain(s, "could not log run \"%s\"", run->run_id);
}
