#include "track/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int
by_key(const void *p, const void *q)
{
    const struct track_difference *a = p, *b = q;
    return strcmp(a->key, b->key);
}

// Sorts halves by key and joins those of one key. Returns how many are left.
static size_t
halves_join(struct track_difference all[], size_t n)
{
    size_t n_kept = 0;
    if (n > 0)
        qsort(all, n, sizeof *all, by_key);
    for (size_t i = 0; i < n; i++) {
        struct track_difference *last = n_kept == 0 ? NULL : &all[n_kept - 1];
        if (last == NULL || strcmp(last->key, all[i].key) != 0) {
            all[n_kept++] = all[i];
            continue;
        }
        last->a = last->a != NULL ? last->a : all[i].a;
        last->b = last->b != NULL ? last->b : all[i].b;
        last->x = last->has_x ? last->x : all[i].x;
        last->y = last->has_y ? last->y : all[i].y;
        last->has_x = last->has_x || all[i].has_x;
        last->has_y = last->has_y || all[i].has_y;
    }
    return n_kept;
}

struct track_comparison
track_compare(struct scope *s, const struct track_run *a, const struct track_run *b)
{
    size_t n = 0, m = 0;
    struct track_difference *params = scope_array(s, a->n_params + b->n_params + 1, sizeof *params);
    struct track_difference *metrics =
        scope_array(s, a->n_metrics + b->n_metrics + 1, sizeof *metrics);
    for (size_t i = 0; i < a->n_params; i++)
        params[n++] = (struct track_difference){.key = a->params[i].key, .a = a->params[i].value};
    for (size_t i = 0; i < b->n_params; i++)
        params[n++] = (struct track_difference){.key = b->params[i].key, .b = b->params[i].value};
    for (size_t i = 0; i < a->n_metrics; i++)
        metrics[m++] = (struct track_difference){
            .key = a->metrics[i].key, .x = a->metrics[i].value, .y = NAN, .has_x = true};
    for (size_t i = 0; i < b->n_metrics; i++)
        metrics[m++] = (struct track_difference){
            .key = b->metrics[i].key, .x = NAN, .y = b->metrics[i].value, .has_y = true};
    return (struct track_comparison){.n_params = halves_join(params, n),
                                     .n_metrics = halves_join(metrics, m),
                                     .params = params,
                                     .metrics = metrics};
}

bool
track_run_of(struct scope *s, struct db *db, const char *run_id, struct track_run *out)
{
    const struct track_run *found;
    size_t n = 0;
    *out = (struct track_run){0};
    if (run_id[0] != '\0' && !track_runs_get(s, db, 1, &run_id, &n, &found))
        return false;
    if (n > 0)
        *out = found[0];
    return true;
}

void
track_comparison_write(struct json_writer *w, const struct track_comparison *c)
{
    json_put_key(w, "params");
    json_object_begin(w);
    for (size_t i = 0; i < c->n_params; i++) {
        const struct track_difference *d = &c->params[i];
        json_put_key(w, d->key);
        json_object_begin(w);
        json_pair_text(w, "a", d->a);
        json_pair_text(w, "b", d->b);
        json_pair_bool(w, "differs", d->a == NULL || d->b == NULL || strcmp(d->a, d->b) != 0);
        json_object_end(w);
    }
    json_object_end(w);
    json_put_key(w, "metrics");
    json_object_begin(w);
    for (size_t i = 0; i < c->n_metrics; i++) {
        const struct track_difference *d = &c->metrics[i];
        json_put_key(w, d->key);
        json_object_begin(w);
        json_pair_number(w, "a", d->x);
        json_pair_number(w, "b", d->y);
        json_pair_number(w, "delta", d->y - d->x);
        json_object_end(w);
    }
    json_object_end(w);
}
