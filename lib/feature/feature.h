// feature/feature.h: a panel turned into rows of features, the same way everywhere.
//
// A row belongs to a station and an origin day t; its target is day t + horizon. Every feature
// looks at days <= t only, except those of the calendar and the climatology of the target day,
// which are known before. What must be learnt (climatology, station means, neighbours) is fitted
// once, on days up to a given last day, and saved with the model.
//
// Missing values: a lag that is missing is NaN; a rolling statistic with too few values is NaN; a
// neighbourhood without values is NaN. Models settle NaN themselves (model/model.h).
//
// Names, in this order: lag0 …; mean3, sd7, min7, max7 …; change (lag0 - lag1); sin1, cos1 …;
// tuesday … sunday; climatology (of the target day), anomaly (lag0 less its day's climatology),
// site_mean; latitude, longitude; nb5_anom (mean anomaly of the 5 nearest), nb5_change (since
// the day before) ….
#ifndef FEATURE_FEATURE_H
#define FEATURE_FEATURE_H

#include "feature/recipe.h"
#include "frame/panel.h"

struct feature_set; // names and what was fitted; immutable, threads may share it

// Fits climatology, means and neighbours on the panel's days up to `last`.
//
//   owner   the scope
//   source  climatology: for each station and day of the year 1..366 the mean of the values within
//           +- half_days circular days when there are at_least of them, else the station's mean
//   errors  INPUT when no station has a value
struct feature_set *feature_fit(struct scope *s, const struct recipe *recipe,
                                const struct panel *panel, struct day last) MUST_CHECK;

size_t feature_count(const struct feature_set *f);
const char *feature_name(const struct feature_set *f, size_t j);    // "lag0", "mean7" …
const char *feature_unit(const struct feature_set *f, size_t j);    // "ug/m3", "1", "degree"
size_t feature_find(const struct feature_set *f, const char *name); // feature_count if absent

bool feature_may_miss(const struct feature_set *f, size_t j); // NaN in a row is allowed

// Makes a set of columns that rows bring as they are: nothing is fitted, of no day and no station.
//
//   owner   the scope; the names are copied
struct feature_set *feature_columns(struct scope *s, size_t n, const char *const names[],
                                    const bool may_miss[]);

// How many days a row looks at, its origin day among them: what a panel to predict from must hold.
int feature_reach_days(const struct feature_set *f);

// True for a feature that is itself a level of the target (a lag, a mean, an extreme), which the
// climatology of the target day may stand in for.
bool feature_is_level(const struct feature_set *f, size_t j);

// Binds a fitted set to a panel, whose stations may be others and in another order.
//
//   owner   the scope; borrows both for as long, and the panel must not change meanwhile
struct feature_view;
struct feature_view *feature_view_open(struct scope *s, const struct feature_set *f,
                                       const struct panel *panel);

// Writes the features of one station (the panel's index) and origin day.
//
//   shape   out is [feature_count]
void feature_row(const struct feature_view *v, struct day origin, size_t site, double *out);

// The climatology of a station and day; NaN for a station unknown when fitted.
double feature_climatology(const struct feature_view *v, struct day d, size_t site);

struct design { // rows in order of target day, then station
    size_t n_rows, n_features;
    double *X;           // [n_rows x n_features], NaN is missing
    double *y;           // [n_rows]
    double *persistence; // [n_rows] the origin day's value
    double *climatology; // [n_rows] of the target day
    struct day *target;  // [n_rows]
    uint32_t *site;      // [n_rows] index into the panel
};

// Builds all rows whose target day lies in from..to and whose target and origin are both present.
//
//   owner   the scope
bool feature_design(struct scope *s, const struct feature_view *v, struct day from, struct day to,
                    struct design *out) MUST_CHECK;

// Writes and reads what was fitted; the bytes repeat.
//
//   errors  INPUT naming the path, or the feature that the recipe does not give
void feature_save(const struct feature_set *f, struct json_writer *w);
struct feature_set *feature_load(struct scope *s, const struct recipe *recipe,
                                 const struct json *saved) MUST_CHECK;

#endif
