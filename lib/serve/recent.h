// serve/recent.h: the observations that a forecast is made from.
#ifndef SERVE_RECENT_H
#define SERVE_RECENT_H

#include "db/db.h"
#include "model/model.h"

#define RECENT_SILENT_DAYS 30 // a station without a value for longer has no forecast

// Loads as many days up to the origin as the artifact's features look at, and 60 at least.
//
//   owner   the scope
//   errors  INPUT when there is no observation in them
bool recent_load(struct scope *s, struct db *db, const struct artifact *a, struct day origin,
                 struct panel *out) MUST_CHECK;

// True for a station that had no value in the last RECENT_SILENT_DAYS of the panel.
bool recent_is_silent(const struct panel *p, size_t site);

#endif
