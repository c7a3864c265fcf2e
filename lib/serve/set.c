#include "serve/set.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "serve/recent.h"
#include "serve/set.sql.h"

#define ARTIFACT_BYTES ((size_t)256 * 1024 * 1024)

// Moves a scope that lives inside its own memory out of it, and closes it.
static void
own_close(const struct scope *own)
{
    struct scope last = *own;
    scope_close(&last);
}

static void
served_drop(struct served *m)
{
    if (atomic_fetch_sub(&m->n_users, 1) == 1)
        own_close(&m->own);
}

static bool
served_fill(struct scope *own, struct store *store, const struct version *v, struct served *out)
{
    struct str bytes;
    if (!store_get(own, store, v->artifact_key, ARTIFACT_BYTES, v->artifact_sha256, &bytes) ||
        !artifact_load(own, bytes, &out->artifact))
        return explain(own, "could not load model \"%s\" version %s", v->model, v->version);
    const struct feature_set *f = out->artifact.features;

    out->version_id = v->version_id;
    out->model = scope_copy(own, v->model);
    out->version = scope_copy(own, v->version);
    out->family = scope_copy(own, v->family);
    out->sha256 = scope_copy(own, v->artifact_sha256);
    out->n_features = feature_count(f);
    out->names = scope_array(own, out->n_features, sizeof *out->names);
    out->may_miss = scope_array(own, out->n_features, sizeof *out->may_miss);
    for (size_t j = 0; j < out->n_features; j++) {
        out->names[j] = feature_name(f, j);
        out->may_miss[j] = feature_may_miss(f, j);
    }
    return true;
}

// Loads a version into memory of its own.
static struct served *
served_load(struct scope *s, struct store *store, const struct version *v)
{
    struct scope own = {0};
    struct served *m = scope_alloc(&own, sizeof *m);
    if (!served_fill(&own, store, v, m)) {
        fail_as(s, &own);
        scope_close(&own);
        return NULL;
    }
    atomic_init(&m->n_users, 1);
    m->own = own;
    return m;
}

static int
site_order(const void *code, const void *forecast)
{
    return strcmp(code, ((const struct forecast *)forecast)->site);
}

static int
text_order(const void *code, const void *text)
{
    return strcmp(code, *(const char *const *)text);
}

// The station's name, "" when it has none.
static const char *
site_name(struct scope *own, const struct rows *sites, const char *code)
{
    for (size_t i = 0; i < rows_count(sites); i++)
        if (strcmp(rows_text(sites, i, "site"), code) == 0)
            return scope_copy(own, rows_text(sites, i, "name"));
    return "";
}

// Works out one model's forecasts from the newest observations.
static bool
forecasts_make(struct scope *s, struct scope *own, struct db *db, const struct rows *sites,
               struct set_model *m)
{
    const struct artifact *a = &m->served->artifact;
    struct panel panel;
    const struct rows *r = DB_QUERY(s, db, &sql_set_newest_day, db_int(s, a->recipe.parameter));
    if (r == NULL)
        return false;
    if (rows_is_null(r, 0, "newest"))
        return fail(s, ERROR_MISSING, "there is no observation of parameter %d",
                    a->recipe.parameter);
    m->origin = (struct day){(int32_t)rows_int(r, 0, "newest")};
    m->target = day_add(m->origin, a->recipe.horizon_days);
    if (!recent_load(s, db, a, m->origin, &panel))
        return false;

    const struct feature_view *view = feature_view_open(s, a->features, &panel);
    double *x = scope_array(s, m->served->n_features, sizeof *x);
    m->forecasts = scope_array(own, panel.n_sites, sizeof *m->forecasts);
    for (size_t j = 0; j < panel.n_sites; j++) {
        if (recent_is_silent(&panel, j))
            continue;
        feature_row(view, m->origin, j, x);
        m->forecasts[m->n_forecasts++] = (struct forecast){
            .site = scope_copy(own, panel.sites[j]),
            .name = site_name(own, sites, panel.sites[j]),
            .guess = artifact_predict(a, x),
        };
    }
    return true;
}

// The version to serve: the old set's when it is the same or when the new one cannot be loaded.
static struct served *
served_choose(struct scope *s, struct store *store, const struct set *old, const struct version *v)
{
    const struct set_model *before = old == NULL ? NULL : set_find(old, v->model);
    if (before == NULL || before->served->version_id != v->version_id ||
        strcmp(before->served->sha256, v->artifact_sha256) != 0) {
        struct served *m = served_load(s, store, v);
        if (m != NULL)
            return m;
    }
    if (before == NULL)
        return NULL;
    atomic_fetch_add(&before->served->n_users, 1);
    return before->served;
}

struct sources { // what a set is built from
    struct db *db;
    struct store *store;
    const struct set *old;
    const struct rows *sites;
};

static void
fault_note(struct set *set, const char *model, struct scope *one)
{
    log_error("serving.failed", "model=%s reason=\"%s\"", model, one->message);
    set->faults[set->n_faults++] = scope_copy(&set->own, one->message);
    scope_forgive(one);
}

// Adds one model; only a database that went away is a failure of the whole.
static bool
model_add(struct scope *s, struct set *set, const struct sources *from, const struct version *v)
{
    struct scope one = {0};
    struct set_model *m = &set->models[set->n_models];

    m->served = served_choose(&one, from->store, from->old, v);
    if (one.kind != ERROR_NONE)
        fault_note(set, v->model, &one);
    if (m->served != NULL) {
        set->n_models++;
        if (!m->served->artifact.is_table &&
            !forecasts_make(&one, &set->own, from->db, from->sites, m) &&
            one.kind == ERROR_UNAVAILABLE)
            fail_as(s, &one);
        else if (one.kind != ERROR_NONE)
            fault_note(set, v->model, &one);
    }
    scope_close(&one);
    return s->kind == ERROR_NONE;
}

struct set *
set_build(struct scope *s, struct db *db, struct store *store, const struct set *old, int64_t at)
{
    size_t n_versions;
    struct version *versions;
    if (!versions_in_production(s, db, &n_versions, &versions))
        return NULL;
    const struct rows *sites = db_query(s, db, &sql_set_sites, 0, NULL);
    if (sites == NULL)
        return NULL;

    const struct sources from = {.db = db, .store = store, .old = old, .sites = sites};
    struct scope own = {0};
    struct set *set = scope_alloc(&own, sizeof *set);
    set->own = own; // what follows is carved from set->own
    atomic_init(&set->n_users, 1);
    set->made_at = at;
    set->n_sites = rows_count(sites);
    set->sites = scope_array(&set->own, set->n_sites, sizeof *set->sites);
    for (size_t i = 0; i < set->n_sites; i++)
        set->sites[i] = scope_copy(&set->own, rows_text(sites, i, "site"));
    set->models = scope_array(&set->own, n_versions, sizeof *set->models);
    set->faults = scope_array(&set->own, 2 * n_versions, sizeof *set->faults);
    for (size_t i = 0; i < n_versions; i++)
        if (!model_add(s, set, &from, &versions[i])) {
            set_drop(set);
            return NULL;
        }
    return set;
}

void
set_keep(struct set *set)
{
    atomic_fetch_add(&set->n_users, 1);
}

void
set_drop(struct set *set)
{
    if (set == NULL || atomic_fetch_sub(&set->n_users, 1) != 1)
        return;
    for (size_t i = 0; i < set->n_models; i++)
        served_drop(set->models[i].served);
    own_close(&set->own);
}

const struct set_model *
set_find(const struct set *set, const char *model)
{
    for (size_t i = 0; i < set->n_models; i++)
        if (strcmp(set->models[i].served->model, model) == 0)
            return &set->models[i];
    return NULL;
}

const struct set_model *
set_get(struct scope *s, const struct set *set, const char *model)
{
    const struct set_model *m = set_find(set, model);
    if (m == NULL && set->made_at == 0)
        return fail_null(s, ERROR_UNAVAILABLE, "the models are not loaded yet");
    return m != NULL ? m : fail_null(s, ERROR_MISSING, "no model \"%s\" is in production", model);
}

const struct forecast *
set_forecast(const struct set_model *m, const char *site)
{
    if (m->n_forecasts == 0)
        return NULL;
    return bsearch(site, m->forecasts, m->n_forecasts, sizeof *m->forecasts, site_order);
}

bool
set_knows_site(const struct set *set, const char *site)
{
    return set->n_sites > 0 &&
           bsearch(site, set->sites, set->n_sites, sizeof *set->sites, text_order) != NULL;
}
