// model/fit.c: the baselines.

#include "model/fit.h"

#include <math.h>

#include "model/kind.h"

static const struct model *
fit_baseline(struct scope *s, const struct model_kind *kind, const struct feature_set *f,
             const struct design *train)
{
    struct model *m = scope_alloc(s, sizeof *m);
    struct baseline *b = scope_alloc(s, sizeof *b);
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < train->n_rows; i++)
        if (!isnan(train->y[i])) {
            sum += train->y[i];
            n++;
        }
    if (n == 0)
        return fail_null(s, ERROR_INPUT, "no row to learn from");
    *b = (struct baseline){feature_find(f, "lag0"), feature_find(f, "climatology")};
    *m = (struct model){kind, LINK_IDENTITY, feature_count(f), sum / (double)n, b};
    return m;
}

const struct model *
fit_persistence(struct scope *s, const struct feature_set *f, const struct design *train)
{
    return fit_baseline(s, &model_persistence, f, train);
}

const struct model *
fit_climatology(struct scope *s, const struct feature_set *f, const struct design *train)
{
    return fit_baseline(s, &model_climatology, f, train);
}
