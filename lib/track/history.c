#include "track/history.h"

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

bool
track_history(struct scope *s, struct db *db, const char *run_id, const char *key,
              const int64_t page[2], size_t *n, const struct track_metric **out)
{
    const struct rows *r = DB_QUERY(s, db, &sql_track_history, run_id, key,
                                    page[0] == 0 ? NULL : db_int(s, page[0]), db_int(s, page[1]));
    if (r == NULL)
        return false;
    *n = rows_count(r);
    *out = points_read(s, r, key, false);
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
