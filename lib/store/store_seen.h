// store/store_seen.h: files that a process has read and found whole, so that it need not again.
//
// A file is known again by its number, size and times, which no writing leaves as they were, and is
// looked at anew after SEEN_S all the same, for what a disk may do to it.
#ifndef STORE_STORE_SEEN_H
#define STORE_STORE_SEEN_H

#include <sys/stat.h>

#include "base/hash.h"

#define SEEN_S 3600

struct seen;

// Begins with none.
//
//   owner   the scope; threads may share it
struct seen *seen_open(struct scope *s);

// Notes a file whose bytes have this hash; another that was noted longer ago may be forgotten.
void seen_add(struct seen *seen, const struct stat *file, const char *sha256);

// Tells whether this very file was noted with that hash.
bool seen_has(struct seen *seen, const struct stat *file, const char *sha256);

#endif
