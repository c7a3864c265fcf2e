// feature/feature_fit.c: the names of a recipe's features, and what they learn from the past.

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "feature/set.h"

struct naming { // adds names one after the other
    struct scope *s;
    struct feature_set *f;
};

static void
name_add(struct naming *w, const char *name, const char *unit, bool is_level)
{
    struct feature_set *f = w->f;
    f->names[f->n_features] = name;
    f->units[f->n_features] = unit;
    f->is_level[f->n_features] = is_level;
    f->may_miss[f->n_features] = strcmp(unit, "1") != 0; // calendars are always known
    f->n_features++;
}

static void
name_calendar(struct naming *w, const struct feature_spec *spec)
{
    static const char *const days[] = {"tuesday", "wednesday", "thursday",
                                       "friday",  "saturday",  "sunday"};
    for (int k = 1; k <= spec->n_harmonics; k++) {
        name_add(w, scope_print(w->s, "sin%d", k), "1", false);
        name_add(w, scope_print(w->s, "cos%d", k), "1", false);
    }
    for (int k = 0; spec->has_weekday && k < 6; k++)
        name_add(w, days[k], "1", false);
}

// In the order in which feature_row writes them.
static void
name_all(struct naming *w, const struct feature_spec *spec, const char *unit)
{
    static const char *const statistics[] = {"mean", "sd", "min", "max"};
    bool has_yesterday = false;
    for (size_t i = 0; i < spec->n_lags; i++) {
        name_add(w, scope_print(w->s, "lag%d", spec->lags[i]), unit, true);
        has_yesterday = has_yesterday || spec->lags[i] == 1;
    }
    for (size_t i = 0; i < spec->n_rolling; i++) {
        const struct rolling *r = &spec->rolling[i];
        name_add(w, scope_print(w->s, "%s%d", statistics[r->statistic], r->days), unit,
                 r->statistic != ROLLING_SD);
    }
    if (has_yesterday)
        name_add(w, "change", unit, false);
    name_calendar(w, spec);
    name_add(w, "climatology", unit, true);
    name_add(w, "anomaly", unit, false);
    name_add(w, "site_mean", unit, true);
    if (spec->has_position) {
        name_add(w, "latitude", "degree", false);
        name_add(w, "longitude", "degree", false);
    }
    for (size_t i = 0; i < spec->n_neighbours; i++) {
        const int nearest = spec->neighbours[i].nearest;
        name_add(w, scope_print(w->s, "nb%d_anom", nearest), unit, false);
        name_add(w, scope_print(w->s, "nb%d_change", nearest), unit, false);
    }
}

struct feature_set *
feature_set_open(struct scope *s, const struct recipe *recipe, size_t n_sites)
{
    const struct feature_spec *spec = &recipe->features;
    const size_t most = spec->n_lags + spec->n_rolling + 2 * (size_t)spec->n_harmonics +
                        2 * spec->n_neighbours + 12; // weekdays, climatology, position, change
    struct feature_set *f = scope_alloc(s, sizeof *f);
    f->spec = *spec;
    f->horizon_days = recipe->horizon_days;
    f->names = scope_array(s, most, sizeof *f->names);
    f->units = scope_array(s, most, sizeof *f->units);
    f->is_level = scope_array(s, most, sizeof *f->is_level);
    f->may_miss = scope_array(s, most, sizeof *f->may_miss);
    name_all(&(struct naming){s, f}, spec, scope_copy(s, recipe->unit));
    assert(f->n_features <= most);

    f->n_sites = n_sites;
    f->sites = scope_array(s, n_sites, sizeof *f->sites);
    f->latitude = scope_array(s, n_sites, sizeof *f->latitude);
    f->longitude = scope_array(s, n_sites, sizeof *f->longitude);
    f->mean = scope_array(s, n_sites, sizeof *f->mean);
    f->climatology = scope_array(s, n_sites, YEAR_DAYS * sizeof *f->climatology);
    return f;
}

// Rounds to six significant digits, so that the saved text is short and reads back the same.
static double
short_number(double x)
{
    if (x == 0 || !isfinite(x))
        return x;
    const int digits = 5 - (int)floor(log10(fabs(x)));
    const double power = pow(10, abs(digits));
    return digits >= 0 ? round(x * power) / power : round(x / power) * power;
}

// The sums of one station's values by day of the year.
struct year_sums {
    double sum[YEAR_DAYS];
    size_t n[YEAR_DAYS];
    double sum_all;
    size_t n_all;
};

static void
sum_site(const struct panel *panel, size_t site, size_t n_days, struct year_sums *out)
{
    *out = (struct year_sums){0};
    for (size_t t = 0; t < n_days; t++) {
        const double x = panel->value[t * panel->n_sites + site];
        if (isnan(x))
            continue;
        const int k = day_of_year(day_add(panel->first, (int)t)) - 1;
        out->sum[k] += x;
        out->n[k]++;
        out->sum_all += x;
        out->n_all++;
    }
}

static void
smooth_year(const struct year_sums *sums, const struct feature_spec *spec, double mean,
            double out[YEAR_DAYS])
{
    const int half = spec->climatology_half_days;
    for (int k = 0; k < YEAR_DAYS; k++) {
        double sum = 0;
        size_t n = 0;
        for (int j = k - half; j <= k + half; j++) {
            const int around = (j + YEAR_DAYS) % YEAR_DAYS;
            sum += sums->sum[around];
            n += sums->n[around];
        }
        out[k] = n >= (size_t)spec->climatology_at_least ? short_number(sum / (double)n) : mean;
    }
}

static bool
has_value(const struct panel *panel, size_t site, size_t n_days)
{
    for (size_t t = 0; t < n_days; t++)
        if (!isnan(panel->value[t * panel->n_sites + site]))
            return true;
    return false;
}

struct feature_set *
feature_fit(struct scope *s, const struct recipe *recipe, const struct panel *panel,
            struct day last)
{
    const int64_t wanted = (int64_t)last.n - panel->first.n + 1;
    const size_t n_days = wanted <= 0                        ? 0
                          : (uint64_t)wanted > panel->n_days ? panel->n_days
                                                             : (size_t)wanted;
    char text[DAY_TEXT];
    size_t n_sites = 0;
    for (size_t i = 0; i < panel->n_sites; i++)
        n_sites += has_value(panel, i, n_days);
    if (n_sites == 0)
        return fail_null(s, ERROR_INPUT, "no station has a value up to %s", day_format(last, text));

    struct feature_set *f = feature_set_open(s, recipe, n_sites);
    struct year_sums *sums = scope_alloc(s, sizeof *sums);
    size_t k = 0;
    for (size_t i = 0; i < panel->n_sites; i++) {
        sum_site(panel, i, n_days, sums);
        if (sums->n_all == 0)
            continue;
        f->sites[k] = scope_copy(s, panel->sites[i]);
        f->latitude[k] = panel->latitude[i];
        f->longitude[k] = panel->longitude[i];
        f->mean[k] = short_number(sums->sum_all / (double)sums->n_all);
        smooth_year(sums, &f->spec, f->mean[k], &f->climatology[k * YEAR_DAYS]);
        k++;
    }
    return f;
}
