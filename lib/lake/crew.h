// lake/crew.h: the same work on many objects, by several threads at once.
#ifndef LAKE_CREW_H
#define LAKE_CREW_H

#include "base/scope.h"

#define CREW_MOST 16

// Works on one of the items, in a scope of its own.
typedef bool (*crew_work)(struct scope *s, void *context, size_t i);

// Has `n_threads` threads work on items 0 to n - 1. The first failure ends it: others finish what
// they have begun.
bool crew_run(struct scope *s, size_t n_threads, size_t n, crew_work work,
              void *context) MUST_CHECK;

#endif
