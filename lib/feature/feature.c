#include "feature/feature.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "feature/set.h"

size_t
feature_count(const struct feature_set *f)
{
    return f->n_features;
}

const char *
feature_name(const struct feature_set *f, size_t j)
{
    assert(j < f->n_features);
    return f->names[j];
}

const char *
feature_unit(const struct feature_set *f, size_t j)
{
    assert(j < f->n_features);
    return f->units[j];
}

bool
feature_may_miss(const struct feature_set *f, size_t j)
{
    assert(j < f->n_features);
    return f->may_miss[j];
}

struct feature_set *
feature_columns(struct scope *s, size_t n, const char *const names[], const bool may_miss[])
{
    struct feature_set *f = scope_alloc(s, sizeof *f);
    f->n_features = n;
    f->names = scope_array(s, n, sizeof *f->names);
    f->units = scope_array(s, n, sizeof *f->units);
    f->is_level = scope_array(s, n, sizeof *f->is_level);
    f->may_miss = scope_array(s, n, sizeof *f->may_miss);
    for (size_t j = 0; j < n; j++) {
        f->names[j] = scope_copy(s, names[j]);
        f->units[j] = "";
        f->may_miss[j] = may_miss[j];
    }
    return f;
}

int
feature_reach_days(const struct feature_set *f)
{
    int reach = f->spec.n_neighbours > 0 ? 2 : 1; // their change since the day before
    for (size_t i = 0; i < f->spec.n_lags; i++)
        reach = f->spec.lags[i] + 1 > reach ? f->spec.lags[i] + 1 : reach;
    for (size_t i = 0; i < f->spec.n_rolling; i++)
        reach = f->spec.rolling[i].days > reach ? f->spec.rolling[i].days : reach;
    return reach;
}

bool
feature_is_level(const struct feature_set *f, size_t j)
{
    assert(j < f->n_features);
    return f->is_level[j];
}

size_t
feature_find(const struct feature_set *f, const char *name)
{
    size_t j = 0;
    while (j < f->n_features && strcmp(f->names[j], name) != 0)
        j++;
    return j;
}
