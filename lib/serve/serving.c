#include "serve/serving.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/time.h"
#include "serve/set.sql.h"

#define RETRY_S 60 // a version that could not be loaded is tried again so often

struct serving {
    struct store *store;
    struct counters *counters; // may be NULL
    pthread_mutex_t lock;      // for the moment of taking and replacing
    struct set *set;           // never NULL
    char sha256[HASH_TEXT];    // of the mark that the set was built for; "" for none
    double failed_s;           // monotonic: when it was last built with faults
};

static void
serving_close(void *thing)
{
    struct serving *serving = thing;
    set_drop(serving->set);
    pthread_mutex_destroy(&serving->lock);
}

static struct set *
set_empty(void)
{
    struct scope own = {0};
    struct set *set = scope_alloc(&own, sizeof *set);
    set->own = own;
    atomic_init(&set->n_users, 1);
    return set;
}

struct serving *
serving_open(struct scope *s, struct store *store, struct counters *counters)
{
    struct serving *serving = scope_alloc(s, sizeof *serving);
    *serving = (struct serving){.store = store, .counters = counters, .set = set_empty()};
    pthread_mutex_init(&serving->lock, NULL);
    scope_defer(s, serving_close, serving);
    return serving;
}

struct set *
serving_take(struct serving *serving)
{
    pthread_mutex_lock(&serving->lock);
    struct set *set = serving->set;
    set_keep(set);
    pthread_mutex_unlock(&serving->lock);
    return set;
}

static void
replace(struct serving *serving, struct set *set)
{
    pthread_mutex_lock(&serving->lock);
    struct set *old = serving->set;
    serving->set = set;
    pthread_mutex_unlock(&serving->lock);
    set_drop(old);
}

static void
count(const struct serving *serving, const struct set *set)
{
    struct counters *c = serving->counters;
    if (c == NULL)
        return;
    counter_add(counter_find(c, COUNTER_serving_reloads_total, ""), 1);
    counter_add(counter_find(c, COUNTER_serving_failures_total, ""), set->n_faults);
    counter_set(counter_find(c, COUNTER_models_loaded, ""), (double)set->n_models);
    counter_set(counter_find(c, COUNTER_serving_loaded_timestamp_seconds, ""),
                (double)set->made_at);
}

// Finds once what requests will count on.
static void
series_find(struct scope *s, const struct serving *serving, struct set *set)
{
    for (size_t i = 0; i < set->n_models && serving->counters != NULL; i++) {
        struct set_model *m = &set->models[i];
        struct buf labels = buf_open(s, COUNTER_LABELS);
        counter_label(&labels, "model", m->served->model);
        counter_label(&labels, "version", m->served->version);
        m->predictions = counter_find(serving->counters, COUNTER_predictions_total, labels.text);
        m->answered = counter_find(serving->counters, COUNTER_forecasts_total, labels.text);
    }
}

static bool
refresh(struct scope *s, struct serving *serving, struct db *db, int64_t at)
{
    char sha256[HASH_TEXT];
    const double now_s = time_monotonic_s();
    const struct rows *r = db_query(s, db, &sql_set_mark, 0, NULL);
    if (r == NULL)
        return false;
    const char *mark = rows_text(r, 0, "mark");
    hash_bytes(mark, strlen(mark), sha256);
    const bool is_due = serving->set->n_faults > 0 && now_s - serving->failed_s > RETRY_S;
    if (strcmp(sha256, serving->sha256) == 0 && !is_due)
        return true;

    struct set *set = set_build(s, db, serving->store, serving->set, at);
    if (set == NULL)
        return false;
    memcpy(serving->sha256, sha256, sizeof sha256);
    serving->failed_s = set->n_faults > 0 ? now_s : 0;
    count(serving, set);
    series_find(s, serving, set);
    log_info("serving.replaced", "models=%zu faults=%zu wait_ms=%.0f", set->n_models, set->n_faults,
             (time_monotonic_s() - now_s) * 1000);
    replace(serving, set);
    return true;
}

void
serving_refresh(struct serving *serving, struct db *db, int64_t at)
{
    struct scope s = {0};
    if (!refresh(&s, serving, db, at))
        log_warn("serving.kept", "reason=\"%s\"", s.message);
    scope_close(&s);
}
