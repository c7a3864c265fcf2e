// model/ridge.c: a linear model as fitted by model/fit_ridge.c.

#include <math.h>

#include "model/kind.h"
#include "text/json_list.h"

static void
predict(const struct model *m, size_t n, const double *X, double *out)
{
    const struct ridge *r = m->fitted;
    for (size_t i = 0; i < n; i++) {
        const double *x = &X[i * m->n_features];
        double sum = r->intercept;
        for (size_t j = 0; j < m->n_features; j++)
            sum += r->weight[j] * ridge_settle(r, x, j);
        out[i] = sum;
    }
}

static void
save(const struct model *m, struct json_writer *w)
{
    const struct ridge *r = m->fitted;
    json_pair_number(w, "alpha", r->alpha);
    json_pair_number(w, "intercept", r->intercept);
    json_pair_int(w, "climatology", (int64_t)r->climatology);
    json_put_key(w, "is_level");
    json_array_begin(w);
    for (size_t j = 0; j < m->n_features; j++)
        json_put_int(w, r->is_level[j]);
    json_array_end(w);
    json_put_key(w, "fill");
    json_list_put(w, r->fill, m->n_features);
    json_put_key(w, "weight");
    json_list_put(w, r->weight, m->n_features);
}

static bool
load(struct scope *s, const struct json *saved, struct model *m)
{
    const size_t n = m->n_features;
    struct ridge *r = scope_alloc(s, sizeof *r);
    bool *is_level = scope_array(s, n, sizeof *is_level);
    double *fill = scope_array(s, n, sizeof *fill), *weight = scope_array(s, n, sizeof *weight);
    int64_t *levels = scope_array(s, n, sizeof *levels), column;
    if (!json_number(s, saved, "alpha", &r->alpha) ||
        !json_number(s, saved, "intercept", &r->intercept) ||
        !json_int(s, saved, "climatology", &column) ||
        !json_list_int(s, saved, "is_level", n, (const int64_t[]){0, 1}, levels) ||
        !json_list_get(s, saved, "fill", n, false, fill) ||
        !json_list_get(s, saved, "weight", n, false, weight))
        return false;
    if (column < 0 || column >= (int64_t)n)
        return fail(s, ERROR_INPUT, "climatology is %lld, not a column", (long long)column);
    for (size_t j = 0; j < n; j++)
        is_level[j] = levels[j] != 0;
    r->climatology = (size_t)column;
    r->is_level = is_level;
    r->fill = fill;
    r->weight = weight;
    m->fitted = r;
    return true;
}

static const char *const keys[] = {MODEL_KEYS, "alpha", "intercept", "climatology",
                                   "is_level", "fill",  "weight",    NULL};

const struct model_kind model_ridge = {"ridge", predict, save, load, keys};
