// store/store_walk.h: the objects below a directory, in the order of their keys.
#ifndef STORE_STORE_WALK_H
#define STORE_STORE_WALK_H

#include "store/store.h"

// Fills a page with the files below `path` whose keys begin with `prefix` and come after `after`.
// Folders that cannot hold any are not entered.
bool store_walk(struct scope *s, const char *path, const char *prefix, const char *after,
                struct store_page *out) MUST_CHECK;

#endif
