// model/baseline.c: the models that learn next to nothing, and that the others must beat.

#include <math.h>

#include "model/kind.h"

static double
cell(const struct model *m, const double *x, size_t column)
{
    return column < m->n_features ? x[column] : NAN;
}

static void
predict_climatology(const struct model *m, size_t n, const double *X, double *out)
{
    const struct baseline *b = m->fitted;
    for (size_t i = 0; i < n; i++) {
        const double usual = cell(m, &X[i * m->n_features], b->climatology);
        out[i] = isnan(usual) ? m->mean : usual;
    }
}

static void
predict_persistence(const struct model *m, size_t n, const double *X, double *out)
{
    const struct baseline *b = m->fitted;
    predict_climatology(m, n, X, out);
    for (size_t i = 0; i < n; i++) {
        const double today = cell(m, &X[i * m->n_features], b->lag0);
        out[i] = isnan(today) ? out[i] : today;
    }
}

static void
save(const struct model *m, struct json_writer *w)
{
    const struct baseline *b = m->fitted;
    json_pair_int(w, "lag0", (int64_t)b->lag0);
    json_pair_int(w, "climatology", (int64_t)b->climatology);
}

static bool
load_column(struct scope *s, const struct json *saved, const char *key, size_t n_features,
            size_t *out)
{
    int64_t x;
    if (!json_int(s, saved, key, &x))
        return false;
    if (x < 0 || x > (int64_t)n_features)
        return fail(s, ERROR_INPUT, "%s is %lld, not a column", key, (long long)x);
    *out = (size_t)x;
    return true;
}

static bool
load(struct scope *s, const struct json *saved, struct model *m)
{
    struct baseline *b = scope_alloc(s, sizeof *b);
    m->fitted = b;
    return load_column(s, saved, "lag0", m->n_features, &b->lag0) &&
           load_column(s, saved, "climatology", m->n_features, &b->climatology);
}

static const char *const keys[] = {MODEL_KEYS, "lag0", "climatology", NULL};

const struct model_kind model_persistence = {"persistence", predict_persistence, save, load, keys};
const struct model_kind model_climatology = {"climatology", predict_climatology, save, load, keys};
