// store/store_sum.h: the recorded hashes of a directory's objects.
//
// Each is a line as sha256sum writes it, in a file of the object's name below "~sum".
#ifndef STORE_STORE_SUM_H
#define STORE_STORE_SUM_H

#include "base/hash.h"

// The folder of the records of the store in the folder `path`.
const char *sum_root(struct scope *s, const char *path);

// Reads the recorded hash, "" where there is none.
//
//   errors  CONFLICT when the record is no hash
bool sum_read(struct scope *s, const char *path, const char *key,
              char recorded[HASH_TEXT]) MUST_CHECK;

// Takes the lock that writers of records hold; it goes with the scope.
bool sum_lock(struct scope *s, const char *path) MUST_CHECK;

#endif
