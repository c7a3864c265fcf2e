#include "serve/batch.h"

#include <string.h>

#include "model/model.h"
#include "registry/version.h"
#include "serve/batch.sql.h"
#include "serve/batch_file.h"
#include "serve/recent.h"
#include "text/json.h"

#define ARTIFACT_BYTES ((size_t)256 * 1024 * 1024)
#define BATCH_BYTES ((size_t)64 * 1024 * 1024)

struct batch_cache {
    struct scope own;
    int64_t version_id; // 0 while empty
    const char *version;
    struct day as_of; // the last day that the version has learnt from
    struct artifact artifact;
};

static void
cache_close(void *thing)
{
    struct batch_cache *cache = thing;
    scope_close(&cache->own);
}

struct batch_cache *
batch_cache_open(struct scope *s)
{
    struct batch_cache *cache = scope_alloc(s, sizeof *cache);
    scope_defer(s, cache_close, cache);
    return cache;
}

static bool
cache_fill(struct batch_cache *cache, struct store *store, const struct version *v)
{
    struct str bytes;
    scope_close(&cache->own);
    cache->version_id = 0;
    if (!store_get(&cache->own, store, v->artifact_key, ARTIFACT_BYTES, v->artifact_sha256,
                   &bytes) ||
        !artifact_load(&cache->own, bytes, &cache->artifact))
        return explain(&cache->own, "could not load model \"%s\" version %s", v->model, v->version);
    if (cache->artifact.is_table)
        return fail(&cache->own, ERROR_INPUT,
                    "model \"%s\" predicts rows that it is given: it knows no days and stations",
                    v->model);
    cache->version_id = v->version_id;
    cache->version = scope_copy(&cache->own, v->version);
    cache->as_of = v->as_of;
    return true;
}

// Brings the cache to the version in production.
static bool
cache_refresh(struct scope *s, struct db *db, struct store *store, const char *model,
              struct batch_cache *cache)
{
    struct version v;
    bool is_found;
    if (!version_in_production(s, db, model, &is_found, &v))
        return false;
    if (!is_found)
        return fail(s, ERROR_MISSING, "model \"%s\" has no version in production", model);
    if (cache->version_id == v.version_id || cache_fill(cache, store, &v))
        return true;
    return fail_as(s, &cache->own);
}

static void
row_make(const struct artifact *a, const struct feature_view *view, const struct panel *panel,
         size_t site, const double *x, struct batch *b)
{
    struct batch_row *r = &b->rows[b->n_rows++];
    const struct guess guess = artifact_predict(a, x);
    *r = (struct batch_row){
        .site = panel->sites[site],
        .value = guess.value,
        .lower = guess.lower,
        .upper = guess.upper,
        .persistence = panel_value(panel, panel_last(panel), site),
        .climatology = feature_climatology(view, b->day, site),
    };
    batch_id(b, r->site, r->id);
}

// Predicts every station that was heard lately.
static bool
batch_make(struct scope *s, struct db *db, const struct batch_request *request,
           const struct batch_cache *cache, struct batch *b, size_t *n_silent)
{
    const struct artifact *a = &cache->artifact;
    const struct day origin = time_day(request->as_of);
    char learnt[DAY_TEXT], today[DAY_TEXT];
    struct panel panel;
    day_format(origin, today);
    if (cache->as_of.n > origin.n)
        return fail(s, ERROR_CONFLICT,
                    "cannot predict as of %s with version %s, which has learnt from days up to %s",
                    today, cache->version, day_format(cache->as_of, learnt));
    if (!recent_load(s, db, a, origin, &panel))
        return false;

    const struct feature_view *view = feature_view_open(s, a->features, &panel);
    double *x = scope_array(s, feature_count(a->features), sizeof *x);
    *b = (struct batch){
        .model = request->model,
        .version = cache->version,
        .made_at = request->as_of,
        .parameter = a->recipe.parameter,
        .day = day_add(origin, a->recipe.horizon_days),
        .rows = scope_array(s, panel.n_sites, sizeof *b->rows),
    };
    for (size_t j = 0; j < panel.n_sites; j++) {
        if (recent_is_silent(&panel, j))
            continue;
        feature_row(view, origin, j, x);
        row_make(a, view, &panel, j, x, b);
    }
    *n_silent = panel.n_sites - b->n_rows;
    if (b->n_rows == 0)
        return fail(s, ERROR_INPUT, "no station has a value in the %d days up to %s",
                    RECENT_SILENT_DAYS, today);
    return true;
}

// "predictions/pm-next-day/2009/06/2009-06-01T235959Z.csv" for the as-of time.
static const char *
key_make(struct scope *s, const struct batch_request *request)
{
    int year, month, day_of_month;
    const struct day d = time_day(request->as_of);
    const int second = (int)(request->as_of - time_of_day(d));
    char today[DAY_TEXT];
    day_parts(d, &year, &month, &day_of_month);
    return scope_print(s, "predictions/%s/%04d/%02d/%sT%02d%02d%02dZ.csv", request->model, year,
                       month, day_format(d, today), second / 3600, second / 60 % 60, second % 60);
}

// Finds the object of an as-of time; `*is_found` tells whether there is one.
static bool
object_find(struct scope *s, struct store *store, const char *key, bool *is_found, struct str *out)
{
    *is_found = store_get(s, store, key, BATCH_BYTES, NULL, out);
    if (*is_found || s->kind != ERROR_MISSING)
        return *is_found;
    scope_forgive(s);
    return true;
}

// Publishes a batch, unless somebody has been faster: then theirs is the publication.
static bool
object_put(struct scope *s, struct store *store, const char *key, const struct batch *b,
           struct str *out)
{
    struct buf text = buf_open(s, 256 * (b->n_rows + 1));
    batch_write(b, &text);
    *out = (struct str){text.text, text.n};
    if (store_put(s, store, key, *out))
        return true;
    if (s->kind != ERROR_CONFLICT)
        return false;
    scope_forgive(s);
    return store_get(s, store, key, BATCH_BYTES, NULL, out);
}

static const char *
rows_json(struct scope *s, const struct batch *b)
{
    struct buf text = buf_open(s, 256 * (b->n_rows + 1));
    struct json_writer w = {.out = &text};
    json_array_begin(&w);
    for (size_t i = 0; i < b->n_rows; i++) {
        const struct batch_row *r = &b->rows[i];
        json_object_begin(&w);
        json_pair_text(&w, "id", r->id);
        json_pair_text(&w, "site", r->site);
        json_pair_number(&w, "value", r->value);
        json_pair_number(&w, "lower", r->lower);
        json_pair_number(&w, "upper", r->upper);
        json_pair_number(&w, "persistence", r->persistence);
        json_pair_number(&w, "climatology", r->climatology);
        json_object_end(&w);
    }
    json_array_end(&w);
    return text.text;
}

// Takes an object's predictions into the database.
static bool
rows_put(struct scope *s, struct db *db, struct str bytes, const struct batch_request *request,
         struct batch *b)
{
    char day[DAY_TEXT];
    const char *at = db_time(s, request->as_of);
    if (!batch_read(s, bytes, b))
        return false;
    if (b->made_at != request->as_of || strcmp(b->model, request->model) != 0)
        return fail(s, ERROR_INPUT, "it is of another model or as-of time");
    if (!db_begin(s, db) || !DB_RUN(s, db, &sql_batch_month, at))
        return false;
    const struct rows *r = DB_QUERY(s, db, &sql_batch_publish, rows_json(s, b), at, b->model,
                                    b->version, db_int(s, b->parameter), day_format(b->day, day));
    if (r == NULL)
        return false;
    if (!rows_is_null(r, 0, "unknown_site"))
        return fail(s, ERROR_CONFLICT, "the database does not know its station \"%s\"",
                    rows_text(r, 0, "unknown_site"));
    return db_commit(s, db);
}

// Tells what the database has for this as-of time.
static bool
rows_find(struct scope *s, struct db *db, const struct batch_request *request, bool *is_found,
          struct batch_summary *out)
{
    const struct rows *r =
        DB_QUERY(s, db, &sql_batch_find, request->model, db_time(s, request->as_of));
    if (r == NULL)
        return false;
    *is_found = rows_count(r) > 0;
    if (!*is_found)
        return true;
    out->version = rows_text(r, 0, "version");
    out->n_predictions = (size_t)rows_int(r, 0, "n");
    out->key = key_make(s, request);
    return day_parse(s, rows_text(r, 0, "day"), &out->day);
}

static void
summary_fill(const struct batch *b, const char *key, struct batch_summary *out)
{
    out->version = b->version;
    out->key = key;
    out->day = b->day;
    out->n_predictions = b->n_rows;
    out->is_new = true;
}

bool
batch_predict(struct scope *s, struct db *db, struct store *store,
              const struct batch_request *request, struct batch_summary *out)
{
    struct batch_cache *cache = request->cache == NULL ? batch_cache_open(s) : request->cache;
    const char *key = request->is_dry_run ? "" : key_make(s, request);
    struct batch b;
    struct str bytes;
    bool is_found = false;

    *out = (struct batch_summary){0};
    if (!request->is_dry_run && !rows_find(s, db, request, &is_found, out))
        return false;
    if (is_found)
        return true;
    if (!request->is_dry_run && !object_find(s, store, key, &is_found, &bytes))
        return false;
    if (!is_found && (!cache_refresh(s, db, store, request->model, cache) ||
                      !batch_make(s, db, request, cache, &b, &out->n_silent)))
        return false;
    if (!request->is_dry_run) {
        if (!is_found && !object_put(s, store, key, &b, &bytes))
            return false;
        if (!rows_put(s, db, bytes, request, &b))
            return explain(s, "could not publish object \"%s\"", key);
    }
    summary_fill(&b, key, out);
    return true;
}

void
batch_report(const struct batch_summary *summary, struct json_writer *w)
{
    char day[DAY_TEXT];
    json_pair_text(w, "version", summary->version);
    json_pair_text(w, "day", day_format(summary->day, day));
    json_pair_text(w, "key", summary->key);
    json_pair_int(w, "n_predictions", (int64_t)summary->n_predictions);
}
