// feature/feature_row.c: rows of features, one by one and as a design matrix.

#include <assert.h>
#include <math.h>

#include "feature/set.h"

struct row { // where a row is written to, and about what
    const struct feature_view *v;
    struct day origin, target;
    size_t site;
    double *out;
};

static void
put(struct row *r, double x)
{
    *r->out++ = x;
}

static void
put_lags(struct row *r)
{
    const struct feature_spec *spec = &r->v->f->spec;
    for (size_t i = 0; i < spec->n_lags; i++)
        put(r, panel_value(r->v->panel, day_add(r->origin, -spec->lags[i]), r->site));
}

// The statistic of the window that ends at the origin day.
static double
roll(const struct row *r, const struct rolling *spec)
{
    const struct panel *p = r->v->panel;
    const int64_t last = (int64_t)r->origin.n - p->first.n;
    const int64_t from = last - spec->days + 1 > 0 ? last - spec->days + 1 : 0;
    const int64_t to = last < (int64_t)p->n_days - 1 ? last : (int64_t)p->n_days - 1;
    double sum = 0, low = INFINITY, high = -INFINITY, squares = 0;
    int n = 0;
    for (int64_t t = from; t <= to; t++) {
        const double x = p->value[(size_t)t * p->n_sites + r->site];
        if (isnan(x))
            continue;
        n++;
        sum += x;
        low = fmin(low, x);
        high = fmax(high, x);
    }
    if (n < spec->at_least)
        return NAN;
    switch (spec->statistic) {
    case ROLLING_MEAN:
        return sum / n;
    case ROLLING_MIN:
        return low;
    case ROLLING_MAX:
        return high;
    case ROLLING_SD:
        break;
    }
    for (int64_t t = from; t <= to; t++) {
        const double x = p->value[(size_t)t * p->n_sites + r->site];
        squares += isnan(x) ? 0 : (x - sum / n) * (x - sum / n);
    }
    return sqrt(squares / n);
}

static void
put_rolling(struct row *r)
{
    const struct feature_spec *spec = &r->v->f->spec;
    for (size_t i = 0; i < spec->n_rolling; i++)
        put(r, roll(r, &spec->rolling[i]));
    for (size_t i = 0; i < spec->n_lags; i++)
        if (spec->lags[i] == 1)
            put(r, panel_value(r->v->panel, r->origin, r->site) -
                       panel_value(r->v->panel, day_add(r->origin, -1), r->site));
}

static void
put_calendar(struct row *r)
{
    const struct feature_spec *spec = &r->v->f->spec;
    const double turn = 2 * acos(-1) * day_of_year(r->target) / 365.25;
    for (int k = 1; k <= spec->n_harmonics; k++) {
        put(r, sin(k * turn));
        put(r, cos(k * turn));
    }
    for (int k = 1; spec->has_weekday && k <= 6; k++)
        put(r, day_of_week(r->target) == k);
}

static void
put_place(struct row *r)
{
    const struct feature_set *f = r->v->f;
    const size_t k = r->v->fitted[r->site];
    put(r, feature_climatology(r->v, r->target, r->site));
    put(r, view_anomaly(r->v, r->origin, r->site));
    put(r, k == NOWHERE ? NAN : f->mean[k]);
    if (f->spec.has_position) {
        put(r, k == NOWHERE ? r->v->panel->latitude[r->site] : f->latitude[k]);
        put(r, k == NOWHERE ? r->v->panel->longitude[r->site] : f->longitude[k]);
    }
}

static void
put_neighbours(struct row *r)
{
    for (size_t i = 0; i < r->v->f->spec.n_neighbours; i++) {
        const double today = view_near_anomaly(r->v, r->origin, r->site, i);
        put(r, today);
        put(r, today - view_near_anomaly(r->v, day_add(r->origin, -1), r->site, i));
    }
}

void
feature_row(const struct feature_view *v, struct day origin, size_t site, double *out)
{
    assert(site < v->panel->n_sites);
    struct row r = {
        .v = v,
        .origin = origin,
        .target = day_add(origin, v->f->horizon_days),
        .site = site,
        .out = out,
    };
    put_lags(&r);
    put_rolling(&r);
    put_calendar(&r);
    put_place(&r);
    put_neighbours(&r);
    assert(r.out == out + v->f->n_features);
}

// True where the station has a value on both days, and so something to learn or to score.
static bool
is_row(const struct feature_view *v, struct day target, size_t site)
{
    return !isnan(panel_value(v->panel, target, site)) &&
           !isnan(panel_value(v->panel, day_add(target, -v->f->horizon_days), site));
}

static size_t
count_rows(const struct feature_view *v, struct day from, struct day to)
{
    size_t n = 0;
    for (struct day d = from; d.n <= to.n; d = day_add(d, 1))
        for (size_t i = 0; i < v->panel->n_sites; i++)
            n += is_row(v, d, i);
    return n;
}

static void
add_row(const struct feature_view *v, struct day target, size_t site, struct design *out)
{
    const struct day origin = day_add(target, -v->f->horizon_days);
    const size_t i = out->n_rows++;
    feature_row(v, origin, site, &out->X[i * out->n_features]);
    out->y[i] = panel_value(v->panel, target, site);
    out->persistence[i] = panel_value(v->panel, origin, site);
    out->climatology[i] = feature_climatology(v, target, site);
    out->target[i] = target;
    out->site[i] = (uint32_t)site;
}

bool
feature_design(struct scope *s, const struct feature_view *v, struct day from, struct day to,
               struct design *out)
{
    const struct day last = panel_last(v->panel);
    if (from.n < v->panel->first.n)
        from = v->panel->first;
    if (to.n > last.n)
        to = last;
    const size_t n = count_rows(v, from, to);
    *out = (struct design){.n_features = v->f->n_features};
    out->X = scope_array(s, n, out->n_features * sizeof *out->X);
    out->y = scope_array(s, n, sizeof *out->y);
    out->persistence = scope_array(s, n, sizeof *out->persistence);
    out->climatology = scope_array(s, n, sizeof *out->climatology);
    out->target = scope_array(s, n, sizeof *out->target);
    out->site = scope_array(s, n, sizeof *out->site);
    for (struct day d = from; d.n <= to.n; d = day_add(d, 1))
        for (size_t i = 0; i < v->panel->n_sites; i++)
            if (is_row(v, d, i))
                add_row(v, d, i, out);
    assert(out->n_rows == n);
    return true;
}
