// feature/set.h: what a fitted feature set holds; for the room's own files.
#ifndef FEATURE_SET_H
#define FEATURE_SET_H

#include "feature/feature.h"

#define YEAR_DAYS 366
#define NOWHERE SIZE_MAX

struct feature_set {
    struct feature_spec spec;
    int horizon_days;
    size_t n_features;
    const char **names, **units;  // [n_features]
    bool *is_level, *may_miss;    // [n_features]
    size_t n_sites;               // those that had a value when fitted
    const char **sites;           // [n_sites] in ascending byte order
    double *latitude, *longitude; // [n_sites] degrees, NaN if unknown
    double *mean;                 // [n_sites]
    double *climatology;          // [n_sites x YEAR_DAYS]
};

// Begins a set with the recipe's names and units and room for n stations.
struct feature_set *feature_set_open(struct scope *s, const struct recipe *recipe, size_t n_sites);

struct near { // the panel's stations around one of them, nearest first
    uint32_t *sites;
    size_t n;
};

struct feature_view {
    const struct feature_set *f;
    const struct panel *panel;
    size_t *fitted;     // [panel's n_sites] index into the set, NOWHERE for a new station
    double *anomaly;    // as the panel's value, less the climatology
    struct near *nears; // [n_sites x n_neighbours]
};

// What a value differs from the climatology by, and the mean of that over one of the recipe's
// neighbourhoods; NaN outside the panel.
double view_anomaly(const struct feature_view *v, struct day d, size_t site);
double view_near_anomaly(const struct feature_view *v, struct day d, size_t site, size_t which);

#endif
