// store/store.h: objects by key: immutable bytes under names such as "raw_data/ab/….csv".
//
// Keys are relative: segments of letters, digits and "._=+-", joined by "/", none of them "." or
// "..", at most 512 bytes. An object appears whole or not at all. The kinds (a local directory
// now) are hidden behind this face.
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/buf.h"
#include "base/hash.h"

struct store;

// Opens a store in a local directory, making it if need be.
//
//   owner   the scope; threads may share it
struct store *store_open_dir(struct scope *s, const char *path) MUST_CHECK;

// Writes an object of known bytes. The same key with the same bytes is left as it is.
//
//   errors  CONFLICT when the key holds other bytes, INPUT for a bad key,
//           UNAVAILABLE on a full disk
bool store_put(struct scope *s, struct store *store, const char *key, struct str bytes) MUST_CHECK;

// Streams a descriptor to its end into an object whose key is "<prefix>/<aa>/<sha256><suffix>",
// and tells the key, the hash and the size. Constant memory.
bool store_put_stream(struct scope *s, struct store *store, int fd, const char *prefix,
                      const char *suffix, const char **key, char sha256[HASH_TEXT],
                      int64_t *size_bytes) MUST_CHECK;

// Reads a whole object of at most `limit_bytes`; with `sha256` (else NULL) also checks its hash.
//
//   errors  MISSING when it is not there, CONFLICT when its hash differs, LIMIT
bool store_get(struct scope *s, struct store *store, const char *key, size_t limit_bytes,
               const char *sha256, struct str *out) MUST_CHECK;

// Opens an object for streaming; the descriptor closes with the scope.
bool store_open_object(struct scope *s, struct store *store, const char *key, int *fd) MUST_CHECK;

// Tells whether writing works, for health: puts, reads and removes a small object.
bool store_check(struct scope *s, struct store *store) MUST_CHECK;

#endif
