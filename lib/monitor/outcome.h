// monitor/outcome.h: what happened, joined to what was predicted; accuracy from both.
#ifndef MONITOR_OUTCOME_H
#define MONITOR_OUTCOME_H

#include "base/time.h"
#include "db/db.h"

// Joins every prediction of a station whose day has been measured by as_of and that has no
// outcome yet, or whose truth was corrected since.
bool outcomes_join(struct scope *s, struct db *db, int64_t as_of, int64_t *n_joined) MUST_CHECK;

// Works out serve.accuracy for each model, each version and all together, over the 1, 7, 30, 90
// and 365 days up to as_of, replacing rows of the same as-of day.
bool accuracy_update(struct scope *s, struct db *db, int64_t as_of, int64_t *n_rows) MUST_CHECK;

#endif
