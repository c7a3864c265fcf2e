// serve/set.h: all that answers come from, in memory and immutable.
//
// A set holds every model with a version in production, loaded once from the store with its hash
// checked, and for each its forecast of every station, worked out from the newest observations
// with the same feature code as training. A new set shares with the old one what did not change.
#ifndef SERVE_SET_H
#define SERVE_SET_H

#include <stdatomic.h>

#include "http/counters.h"
#include "model/model.h"
#include "registry/version.h"
#include "store/store.h"

struct served { // one loaded version, shared by sets
    struct scope own;
    atomic_int n_users;
    int64_t version_id;
    const char *model, *version, *family, *sha256;
    struct artifact artifact;
    size_t n_features;
    const char **names; // [n_features]
    bool *may_miss;     // [n_features] measured, so that null is allowed; calendars are not
};

struct forecast {
    const char *site, *name;
    struct guess guess;
};

struct set_model {
    struct served *served;
    struct day origin, target; // of all its forecasts
    size_t n_forecasts;
    struct forecast *forecasts;             // by site code, ascending
    struct counter *predictions, *answered; // rows and forecasts answered; NULL counts nothing
};

struct set {
    struct scope own;
    atomic_int n_users;
    int64_t made_at;
    size_t n_models;
    struct set_model *models; // by name
    size_t n_sites;
    const char **sites; // all known codes, ascending
    size_t n_faults;
    const char **faults; // why a version or its forecasts could not be had, in words
};

// Builds a set from the versions in production. A version that cannot be loaded is told in
// `faults`, and the one that `old` (or NULL) served goes on; without one the model is left out.
//
//   owner   the caller, by set_drop
//   errors  UNAVAILABLE when the database is away; the old set is to go on
struct set *set_build(struct scope *s, struct db *db, struct store *store, const struct set *old,
                      int64_t at) MUST_CHECK;

// Counts one user more, or less; the last one's leaving frees it.
void set_keep(struct set *set);
void set_drop(struct set *set);

// A model by name; NULL when the set has none of it.
const struct set_model *set_find(const struct set *set, const char *model);

// The same for who needs it.
//
//   errors  MISSING when none of that name is in production; UNAVAILABLE while the program starts
//           and no set has been built yet
const struct set_model *set_get(struct scope *s, const struct set *set,
                                const char *model) MUST_CHECK;

// A station's forecast; NULL when there is none. And whether the station is known at all.
const struct forecast *set_forecast(const struct set_model *m, const char *site);
bool set_knows_site(const struct set *set, const char *site);

#endif
