// learn/history.h: observations of one parameter, from the database into a panel.
#ifndef LEARN_HISTORY_H
#define LEARN_HISTORY_H

#include "db/db.h"
#include "frame/panel.h"

// Loads the site-day values of first..last. `first.n` = INT32_MIN means from the oldest one.
// Stations without any value in the range have no column.
//
//   owner   the scope
//   errors  INPUT when there is no observation at all in the range
bool history_load(struct scope *s, struct db *db, int parameter, struct day first, struct day last,
                  struct panel *out) MUST_CHECK;

#endif
