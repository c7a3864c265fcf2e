// store/store_kind.h: what each kind of store does, behind the face in store/store.h.
//
// The face has checked keys and prefixes before a kind sees them, and compares hashes: a kind tells
// what was recorded, and what it has read.
#ifndef STORE_STORE_KIND_H
#define STORE_STORE_KIND_H

#include <sys/stat.h>

#include "store/store.h"

#define STORE_KEY_BYTES 512

struct store_source {            // what is to be put
    const char *key;             // NULL: as store_key makes it of the hash
    const char *prefix, *suffix; // then
    int fd;                      // read to its end; -1: the bytes below
    const struct inlet *inlet;   // or this one; NULL for none
    struct str bytes;
    bool replaces;         // what the key holds: damaged bytes
    struct store_put *put; // who reads on while the kind writes; NULL: nobody
};

struct store_kind {
    // Puts an object. `out->fd` is opened where the source is a descriptor, else it is -1.
    bool (*put)(struct scope *s, void *self, const struct store_source *source,
                struct store_kept *out);

    // Reads an object of at most `limit_bytes`, and tells what was recorded.
    bool (*get)(struct scope *s, void *self, const char *key, size_t limit_bytes, struct str *out,
                char recorded[HASH_TEXT]);

    // Opens an object for reading from its beginning and tells the hash of what it has read.
    bool (*open_object)(struct scope *s, void *self, const char *key, int *fd,
                        char found[HASH_TEXT], char recorded[HASH_TEXT]);

    // Reads an object to its end and tells its hash.
    bool (*hash)(struct scope *s, void *self, const char *key, char found[HASH_TEXT],
                 char recorded[HASH_TEXT]);

    // Tells size, time and what was recorded.
    bool (*stat)(struct scope *s, void *self, const char *key, struct store_about *out);

    // Lists at most STORE_PAGE_MOST objects.
    bool (*list)(struct scope *s, void *self, const char *prefix, const char *after,
                 struct store_page *out);

    // Removes an object, if it is there.
    bool (*remove)(struct scope *s, void *self, const char *key);

    // Opens the file that an object is; NULL where it is none.
    bool (*file)(struct scope *s, void *self, const char *key, int *fd, struct stat *about);

    // Records the hash of an object that has none.
    bool (*record)(struct scope *s, void *self, const char *key, const char *sha256);

    // Removes, or counts, what dead writers left.
    bool (*sweep)(struct scope *s, void *self, int64_t older_s, bool is_dry_run, size_t *n);

    // Gives a `self` that gives up soon, for health; NULL where it makes no difference.
    void *(*brief)(struct scope *s, void *self);
};

// The face over a kind.
//
//   owner   the scope
struct store *store_open_kind(struct scope *s, const struct store_kind *kind, void *self,
                              const char *place);

// Puts an object whose source has not been checked.
bool store_put_source(struct scope *s, struct store *store, const struct store_source *source,
                      struct store_kept *out) MUST_CHECK;

// A kind's word that the copy is whole and hashes as `kept` says, while the kind goes on to make it
// durable under its key.
void store_ready(const struct store_source *source, const struct store_kept *kept);

// True where a source is read as it comes, rather than known.
bool store_is_stream(const struct store_source *source);

// Copies such a source into a new file while hashing it; who waits for the copy may read that.
bool store_source_copy(struct scope *s, const struct store_source *source, int to,
                       struct store_kept *out) MUST_CHECK;

// Lets who waits for a copy read the file that it goes to.
bool store_copy_begin(struct scope *s, struct store_put *put, int to) MUST_CHECK;

// "<prefix>/<aa>/<sha256><suffix>", and the key of a source whose hash is known.
const char *store_key(struct scope *s, const char *prefix, const char *sha256, const char *suffix);
const char *store_source_key(struct scope *s, const struct store_source *source,
                             const char *sha256);

// The hash that stands in a key, or false.
bool store_key_hash(const char *key, char sha256[HASH_TEXT]);

// Refuses bytes whose hash is not the one in their key.
bool store_key_fits(struct scope *s, const char *key, const char *sha256) MUST_CHECK;

// True where a text can be a key, or a segment of one.
bool store_is_key(const char *key);
bool store_is_segment(const char *at, size_t n);

#endif
