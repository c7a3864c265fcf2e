// feature/feature_view.c: a fitted set bound to a panel: which station is which, who is near whom.

#include <assert.h>
#include <math.h>

#include "base/sorted.h"
#include "feature/set.h"

static size_t
find_fitted(const struct feature_set *f, const char *site)
{
    size_t at;
    return sorted_find(f->n_sites, f->sites, site, &at) ? at : NOWHERE;
}

struct place {
    double latitude, longitude; // degrees
};

// The distance along the surface of the Earth.
//
//   source  haversine formula, mean radius 6371 km
static double
distance_km(struct place a, struct place b)
{
    const double degree = acos(-1) / 180;
    const double up = sin((b.latitude - a.latitude) * degree / 2);
    const double across = sin((b.longitude - a.longitude) * degree / 2);
    const double h =
        up * up + cos(a.latitude * degree) * cos(b.latitude * degree) * across * across;
    return 2 * 6371.0 * asin(sqrt(fmin(1, h)));
}

// Where the panel's station is: as fitted, so that its neighbours stay the ones learnt with.
static struct place
place_of(const struct feature_view *v, size_t site)
{
    const size_t k = v->fitted[site];
    if (k == NOWHERE)
        return (struct place){v->panel->latitude[site], v->panel->longitude[site]};
    return (struct place){v->f->latitude[k], v->f->longitude[k]};
}

// Keeps the nearest stations of the set, in order, by insertion; then those that the panel has.
static void
find_near(struct scope *s, const struct feature_view *v, const size_t in_panel[], size_t site,
          struct near out[])
{
    const struct feature_spec *spec = &v->f->spec;
    size_t most = 0, n = 0;
    for (size_t i = 0; i < spec->n_neighbours; i++)
        most =
            (size_t)spec->neighbours[i].nearest > most ? (size_t)spec->neighbours[i].nearest : most;
    double km[101];
    size_t sites[101];
    assert(most < sizeof km / sizeof km[0]);

    for (size_t k = 0; k < v->f->n_sites && most > 0; k++) {
        const double far =
            distance_km(place_of(v, site), (struct place){v->f->latitude[k], v->f->longitude[k]});
        if (k == v->fitted[site] || isnan(far) || (n == most && far >= km[n - 1]))
            continue;
        size_t at = n < most ? n++ : n - 1;
        for (; at > 0 && km[at - 1] > far; at--) {
            km[at] = km[at - 1];
            sites[at] = sites[at - 1];
        }
        km[at] = far;
        sites[at] = k;
    }
    for (size_t i = 0; i < spec->n_neighbours; i++) {
        const struct neighbours *nb = &spec->neighbours[i];
        out[i].sites = scope_array(s, (size_t)nb->nearest, sizeof *out[i].sites);
        for (size_t k = 0; k < n && k < (size_t)nb->nearest && km[k] <= nb->within_km; k++)
            if (in_panel[sites[k]] != NOWHERE)
                out[i].sites[out[i].n++] = (uint32_t)in_panel[sites[k]];
    }
}

static double
climatology_at(const struct feature_view *v, int day_of_the_year, size_t site)
{
    const size_t k = v->fitted[site];
    return k == NOWHERE ? NAN : v->f->climatology[k * YEAR_DAYS + (size_t)day_of_the_year - 1];
}

struct feature_view *
feature_view_open(struct scope *s, const struct feature_set *f, const struct panel *panel)
{
    struct feature_view *v = scope_alloc(s, sizeof *v);
    size_t *in_panel = scope_array(s, f->n_sites, sizeof *in_panel);
    *v = (struct feature_view){.f = f, .panel = panel};
    v->fitted = scope_array(s, panel->n_sites, sizeof *v->fitted);
    v->anomaly = scope_array(s, panel->n_days * panel->n_sites, sizeof *v->anomaly);
    v->nears = scope_array(s, panel->n_sites, f->spec.n_neighbours * sizeof *v->nears);

    for (size_t k = 0; k < f->n_sites; k++)
        in_panel[k] = NOWHERE;
    for (size_t i = 0; i < panel->n_sites; i++) {
        v->fitted[i] = find_fitted(f, panel->sites[i]);
        if (v->fitted[i] != NOWHERE)
            in_panel[v->fitted[i]] = i;
    }
    for (size_t i = 0; i < panel->n_sites; i++)
        find_near(s, v, in_panel, i, &v->nears[i * f->spec.n_neighbours]);
    for (size_t t = 0; t < panel->n_days; t++) {
        const int k = day_of_year(day_add(panel->first, (int)t));
        for (size_t i = 0; i < panel->n_sites; i++) {
            const size_t cell = t * panel->n_sites + i;
            v->anomaly[cell] = panel->value[cell] - climatology_at(v, k, i);
        }
    }
    return v;
}

double
feature_climatology(const struct feature_view *v, struct day d, size_t site)
{
    assert(site < v->panel->n_sites);
    return climatology_at(v, day_of_year(d), site);
}

double
view_anomaly(const struct feature_view *v, struct day d, size_t site)
{
    const struct panel *p = v->panel;
    if (d.n < p->first.n || (size_t)((int64_t)d.n - p->first.n) >= p->n_days)
        return NAN;
    return v->anomaly[(size_t)(d.n - p->first.n) * p->n_sites + site];
}

double
view_near_anomaly(const struct feature_view *v, struct day d, size_t site, size_t which)
{
    const struct panel *p = v->panel;
    if (d.n < p->first.n || (size_t)((int64_t)d.n - p->first.n) >= p->n_days)
        return NAN;
    const double *today = &v->anomaly[(size_t)(d.n - p->first.n) * p->n_sites];
    const struct near *near = &v->nears[site * v->f->spec.n_neighbours + which];
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < near->n; i++) {
        const double x = today[near->sites[i]];
        if (!isnan(x)) {
            sum += x;
            n++;
        }
    }
    return n > 0 ? sum / (double)n : NAN;
}
