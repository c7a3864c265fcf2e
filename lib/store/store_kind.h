// store/store_kind.h: what each kind of store does, behind the face in store/store.h.
//
// The face has checked keys and prefixes before a kind sees them.
#ifndef STORE_STORE_KIND_H
#define STORE_STORE_KIND_H

#include "store/store.h"

struct store_kind {
    // Keeps known bytes under a key that may hold them already.
    bool (*put)(struct scope *s, void *self, const char *key, struct str bytes);

    // Streams a descriptor under the key that store_key makes of its hash.
    bool (*put_stream)(struct scope *s, void *self, int fd, const char *prefix, const char *suffix,
                       const char **key, char sha256[HASH_TEXT], int64_t *size_bytes);

    // Opens an object for reading; the descriptor closes with the scope.
    bool (*open_object)(struct scope *s, void *self, const char *key, int *fd);

    // Removes an object; used by store_check alone.
    bool (*remove)(struct scope *s, void *self, const char *key);
};

// The face over a kind.
//
//   owner   the scope
struct store *store_open_kind(struct scope *s, const struct store_kind *kind, void *self);

// "<prefix>/<aa>/<sha256><suffix>".
const char *store_key(struct scope *s, const char *prefix, const char *sha256, const char *suffix);

#endif
