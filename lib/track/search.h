// track/search.h: finding runs by what was logged to them.
#ifndef TRACK_SEARCH_H
#define TRACK_SEARCH_H

#include "track/page.h"
#include "track/run.h"

// Finds runs of some experiments; a page of them, each with all that it has. Orders put NaN behind
// numbers and what is missing last; at the end stand start_time DESC and run_id.
//
//   owner   the scope
//   errors  INPUT for filters and orders that are not understood
bool track_search(struct scope *s, struct db *db, size_t n_experiments, const int64_t experiments[],
                  const struct track_page *page, size_t *n, const struct track_run **out,
                  bool *has_more) MUST_CHECK;

#endif
