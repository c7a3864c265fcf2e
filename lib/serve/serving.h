// serve/serving.h: the set that answers now, replaced whole while requests go on.
#ifndef SERVE_SERVING_H
#define SERVE_SERVING_H

#include "http/counters.h"
#include "serve/set.h"

struct serving;

// Begins with an empty set.
//
//   owner   the scope; threads may share it
struct serving *serving_open(struct scope *s, struct store *store, struct counters *counters);

// Takes the set that serves now: it stays whole until set_drop, whatever replaces it meanwhile.
struct set *serving_take(struct serving *serving);

// Replaces the set when what it depends on has changed, or when a model could not be loaded
// before. With the database away the old one goes on. Call from one thread at a time.
void serving_refresh(struct serving *serving, struct db *db, int64_t at);

#endif
