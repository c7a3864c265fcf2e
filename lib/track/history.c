#include "track/history.h"

#include <math.h>
#include <stdlib.h>

#include "db/array.h"
#include "track/history.sql.h"

// Rows as metrics of one key; with `has_run` each names its run.
static const struct track_metric *
points_read(struct scope *s, const struct rows *r, const char *key, bool has_run)
{
    const size_t n = rows_count(r);
    struct track_metric *points = scope_array(s, n + 1, sizeof *points);
    for (size_t i = 0; i < n; i++)
        points[i] = (struct track_metric){.key = key,
                                          .value = rows_number(r, i, "value"),
                                          .step = rows_int(r, i, "step"),
                                          .at_ms = rows_int(r, i, "at_ms"),
                                          .run_id = has_run ? rows_text(r, i, "run_id") : NULL};
    return points;
}

struct point {
    int64_t at_ms, step;
    double value;
};

// By time, step and value; NaN behind all numbers, as in the database.
static int
point_compare(const void *first, const void *second)
{
    const struct point *a = first, *b = second;
    if (a->at_ms != b->at_ms)
        return a->at_ms < b->at_ms ? -1 : 1;
    if (a->step != b->step)
        return a->step < b->step ? -1 : 1;
    if (isnan(a->value) || isnan(b->value))
        return isnan(a->value) - isnan(b->value);
    return (a->value > b->value) - (a->value < b->value);
}

// Puts points into their order, each once; what was logged in order is so already.
static size_t
points_sort(size_t n, struct point points[])
{
    size_t i = 1, n_kept = n > 0;
    while (i < n && point_compare(&points[i - 1], &points[i]) < 0)
        i++;
    if (i >= n)
        return n;
    qsort(points, n, sizeof *points, point_compare);
    for (i = 1; i < n; i++)
        if (point_compare(&points[n_kept - 1], &points[i]) != 0)
            points[n_kept++] = points[i];
    return n_kept;
}

static size_t
pieces_read(struct scope *s, const struct rows *r, struct point **out)
{
    size_t n = 0, most = 0;
    for (size_t i = 0; i < rows_count(r); i++) {
        const size_t n_piece = db_array_count(rows_bytes(r, i, "values"));
        n += n_piece;
        most = n_piece > most ? n_piece : most;
    }
    struct point *points = scope_array(s, n + 1, sizeof *points);
    int64_t *times = scope_array(s, most + 1, sizeof *times),
            *steps = scope_array(s, most + 1, sizeof *steps);
    double *values = scope_array(s, most + 1, sizeof *values);
    n = 0;
    for (size_t i = 0; i < rows_count(r); i++) {
        const size_t n_piece = db_array_count(rows_bytes(r, i, "values"));
        db_array_ints(rows_bytes(r, i, "times"), n_piece, times);
        db_array_ints(rows_bytes(r, i, "steps"), n_piece, steps);
        db_array_numbers(rows_bytes(r, i, "values"), n_piece, values);
        for (size_t j = 0; j < n_piece; j++)
            points[n++] = (struct point){times[j], steps[j], values[j]};
    }
    *out = points;
    return n;
}

// The database hands over whole pieces, and what is wanted of them is found here: it would take it
// several times as long.
bool
track_history(struct scope *s, struct db *db, const char *run_id, const char *key,
              const int64_t page[2], size_t *n, const struct track_metric **out)
{
    const struct rows *r = db_query_binary(s, db, &sql_track_history, DB_VALUES(run_id, key));
    if (r == NULL)
        return false;
    struct point *points;
    const size_t n_read = pieces_read(s, r, &points), n_all = points_sort(n_read, points);
    const size_t start = (uint64_t)page[1] < n_all ? (size_t)page[1] : n_all;
    *n = n_all - start;
    if (page[0] > 0 && (uint64_t)page[0] < *n)
        *n = (size_t)page[0];
    struct track_metric *metrics = scope_array(s, *n + 1, sizeof *metrics);
    for (size_t i = 0; i < *n; i++)
        metrics[i] = (struct track_metric){.key = key,
                                           .value = points[start + i].value,
                                           .step = points[start + i].step,
                                           .at_ms = points[start + i].at_ms};
    *out = metrics;
    return true;
}

static const char *
texts_write(struct scope *s, size_t n, const char *const texts[])
{
    struct db_array a = db_array_open(s, 16 + 36 * n);
    for (size_t i = 0; i < n; i++)
        db_array_text(&a, texts[i]);
    return db_array_end(&a);
}

bool
track_history_bulk(struct scope *s, struct db *db, size_t n_runs, const char *const run_ids[],
                   const char *key, int64_t limit, size_t *n, const struct track_metric **out)
{
    const struct rows *r = DB_QUERY(s, db, &sql_track_history_bulk, texts_write(s, n_runs, run_ids),
                                    key, db_int(s, limit));
    if (r == NULL)
        return false;
    *n = rows_count(r);
    *out = points_read(s, r, key, true);
    return true;
}

bool
track_history_sample(struct scope *s, struct db *db, const struct track_sample *sample, size_t *n,
                     const struct track_metric **out)
{
    const int64_t *steps = sample->steps;
    const struct rows *r =
        DB_QUERY(s, db, &sql_track_history_sample, texts_write(s, sample->n_runs, sample->run_ids),
                 sample->key, db_int(s, sample->limit), steps == NULL ? NULL : db_int(s, steps[0]),
                 steps == NULL ? NULL : db_int(s, steps[1]));
    if (r == NULL)
        return false;
    *n = rows_count(r);
    *out = points_read(s, r, sample->key, true);
    return true;
}
