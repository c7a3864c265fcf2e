#include "frame/panel.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define MOST_CELLS 100000000ull

bool
panel_open(struct scope *s, struct day first, struct day last, size_t n_sites,
           const char *const sites[], struct panel *out)
{
    assert(first.n <= last.n);
    const uint64_t n_days = (uint64_t)((int64_t)last.n - first.n) + 1;
    if (n_sites > 0 && n_days > MOST_CELLS / n_sites)
        return fail(s, ERROR_LIMIT, "a panel of %llu days and %zu stations is above %llu cells",
                    (unsigned long long)n_days, n_sites, MOST_CELLS);

    *out = (struct panel){.first = first, .n_days = (size_t)n_days, .n_sites = n_sites};
    out->sites = scope_array(s, n_sites, sizeof *out->sites);
    out->latitude = scope_array(s, n_sites, sizeof *out->latitude);
    out->longitude = scope_array(s, n_sites, sizeof *out->longitude);
    out->value = scope_array(s, out->n_days * n_sites, sizeof *out->value);
    for (size_t i = 0; i < n_sites; i++) {
        assert(i == 0 || strcmp(sites[i - 1], sites[i]) < 0);
        out->sites[i] = scope_copy(s, sites[i]);
        out->latitude[i] = out->longitude[i] = NAN;
    }
    for (size_t i = 0; i < out->n_days * n_sites; i++)
        out->value[i] = NAN;
    return true;
}

double
panel_value(const struct panel *p, struct day d, size_t site)
{
    if (site >= p->n_sites || d.n < p->first.n || (size_t)((int64_t)d.n - p->first.n) >= p->n_days)
        return NAN;
    return p->value[(size_t)(d.n - p->first.n) * p->n_sites + site];
}

struct day
panel_last(const struct panel *p)
{
    return day_add(p->first, (int)p->n_days - 1);
}
