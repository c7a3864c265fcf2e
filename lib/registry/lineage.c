#include "registry/lineage.h"

#include "registry/lineage.sql.h"

bool
lineage_read(struct scope *s, struct db *db, const struct version *v, struct lineage *out)
{
    const char *id = db_int(s, v->version_id);
    *out = (struct lineage){0};
    out->origin = DB_QUERY(s, db, &sql_lineage_origin, id);
    if (out->origin == NULL)
        return false;
    out->releases = DB_QUERY(s, db, &sql_lineage_releases, id);
    if (out->releases == NULL)
        return false;
    out->predictions = DB_QUERY(s, db, &sql_lineage_predictions, id, v->model, v->version);
    if (out->predictions == NULL)
        return false;
    out->accuracy = DB_QUERY(s, db, &sql_lineage_accuracy, v->model, v->version);
    return out->accuracy != NULL;
}

static void
pair_text(struct json_writer *w, const char *key, const struct rows *r, size_t i)
{
    json_pair_text(w, key, rows_is_null(r, i, key) ? NULL : rows_text(r, i, key));
}

static void
texts_write(struct json_writer *w, const struct rows *r, size_t i, const char *const keys[])
{
    for (; *keys != NULL; keys++)
        pair_text(w, *keys, r, i);
}

// The dataset and the run: null for what the version does not have.
static void
origin_write(struct json_writer *w, const struct version *v, const struct rows *r)
{
    static const char *const of_dataset[] = {"key",       "sha256",   "as_of",
                                             "first_day", "last_day", NULL};
    json_put_key(w, "dataset");
    if (rows_is_null(r, 0, "dataset_id")) {
        json_put_raw(w, "null");
    } else {
        json_object_begin(w);
        json_pair_int(w, "dataset_id", rows_int(r, 0, "dataset_id"));
        texts_write(w, r, 0, of_dataset);
        json_pair_int(w, "n_rows", rows_int(r, 0, "n_rows"));
        json_pair_int(w, "n_objects", rows_int(r, 0, "n_objects"));
        json_object_end(w);
    }
    json_put_key(w, "run");
    if (v->run_id[0] == '\0') {
        json_put_raw(w, "null");
        return;
    }
    json_object_begin(w);
    json_pair_text(w, "run_id", v->run_id);
    json_pair_bool(w, "is_known", !rows_is_null(r, 0, "run_id"));
    pair_text(w, "experiment", r, 0);
    pair_text(w, "run_name", r, 0);
    pair_text(w, "status", r, 0);
    if (!rows_is_null(r, 0, "started_ms"))
        json_pair_int(w, "started_ms", rows_int(r, 0, "started_ms"));
    if (!rows_is_null(r, 0, "ended_ms"))
        json_pair_int(w, "ended_ms", rows_int(r, 0, "ended_ms"));
    json_object_end(w);
}

static void
releases_write(struct json_writer *w, const struct rows *r)
{
    static const char *const texts[] = {"from_stage", "to_stage", "actor", "as_of", "at", NULL};
    json_put_key(w, "releases");
    json_array_begin(w);
    for (size_t i = 0; i < rows_count(r); i++) {
        json_object_begin(w);
        texts_write(w, r, i, texts);
        json_put_key(w, "evidence");
        json_put_raw(w, rows_text(r, i, "evidence"));
        json_object_end(w);
    }
    json_array_end(w);
}

static void
predictions_write(struct json_writer *w, const struct lineage *lineage)
{
    static const char *const texts[] = {"first_day", "last_day", "last_made_at", NULL};
    const struct rows *r = lineage->predictions, *a = lineage->accuracy;
    int64_t n = 0;
    json_put_key(w, "predictions");
    json_object_begin(w);
    for (size_t i = 0; i < rows_count(r); i++) {
        n += rows_int(r, i, "n");
        json_put_key(w, rows_text(r, i, "kind"));
        json_object_begin(w);
        json_pair_int(w, "n", rows_int(r, i, "n"));
        texts_write(w, r, i, texts);
        json_object_end(w);
    }
    json_pair_int(w, "n", n);
    json_pair_int(w, "n_outcomes", rows_count(a) == 0 ? 0 : rows_int(a, 0, "n_outcomes"));
    json_put_key(w, "accuracy");
    if (rows_count(a) == 0) {
        json_put_raw(w, "null");
    } else {
        json_object_begin(w);
        pair_text(w, "as_of", a, 0);
        json_pair_int(w, "window_days", rows_int(a, 0, "window_days"));
        json_pair_int(w, "n", rows_int(a, 0, "n"));
        json_pair_number(w, "rmse", rows_number(a, 0, "rmse"));
        json_pair_number(w, "mae", rows_number(a, 0, "mae"));
        json_pair_number(w, "bias", rows_number(a, 0, "bias"));
        json_pair_number(w, "skill", rows_number(a, 0, "skill"));
        json_object_end(w);
    }
    json_object_end(w);
}

void
lineage_write(struct json_writer *w, const struct version *v, const struct lineage *lineage)
{
    json_object_begin(w);
    origin_write(w, v, lineage->origin);
    releases_write(w, lineage->releases);
    predictions_write(w, lineage);
    json_object_end(w);
}
