// store/store.h: the lake: objects by key, immutable bytes under names such as "raw_data/ab/….csv".
//
// Keys are relative: segments of letters, digits and "._=+-", joined by "/", none of them "." or
// "..", of 255 bytes at most, 512 in all. An object appears whole or not at all, is never replaced,
// and is checked against its SHA-256 whenever it is read: by the hash that the caller knows, by the
// one in its key, and by the one recorded when it was put. An object of which none is known is not
// read. Only one that is damaged may be replaced, by the bytes that it should have. The kinds, a
// local directory and S3, are hidden behind this face; lib/store/LAKE.md tells the rest.
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/buf.h"
#include "base/config.h"
#include "base/hash.h"
#include "base/inlet.h"

struct store;
struct store_put; // an object on its way

struct store_about { // of an object
    int64_t size_bytes;
    int64_t put_at;         // UTC seconds: when the store got it
    char sha256[HASH_TEXT]; // in the key or recorded; "" where none is known
};

struct store_kept { // an object that has been put
    const char *key;
    int64_t size_bytes;
    char sha256[HASH_TEXT];
    int fd; // its bytes, open for reading at their beginning; closes with the scope
};

struct store_entry {
    const char *key;
    int64_t size_bytes;
    int64_t put_at;
};

#define STORE_PAGE_MOST 1000

struct store_page {
    struct store_entry *entries; // in the order of their keys' bytes
    size_t n;
    const char *next; // what to list after; NULL when this is the last page
    size_t n_foreign; // objects passed over, because their names are no keys
};

// Opens the lake that the settings name: S3 if USE_S3 is true, else the folder "lake" in the home.
//
//   owner   the scope; threads may share it
struct store *store_open(struct scope *s, const struct config *config) MUST_CHECK;

// Opens a store in a local directory, making it if need be.
struct store *store_open_dir(struct scope *s, const char *path) MUST_CHECK;

// Where a store is, for messages: "folder \"/x/lake\"".
const char *store_place(const struct store *store);

// Writes an object of known bytes. The same key with the same bytes is left as it is.
//
//   errors  CONFLICT when the key holds other bytes or its own hash is another, INPUT for a bad
//           key, UNAVAILABLE on a full disk or when S3 does not answer, DENIED when it refuses
bool store_put(struct scope *s, struct store *store, const char *key, struct str bytes) MUST_CHECK;

// Streams a descriptor to its end into an object. Constant memory.
bool store_put_fd(struct scope *s, struct store *store, const char *key, int fd,
                  struct store_kept *out) MUST_CHECK;

// Streams the right bytes to where an object is missing or damaged, which the same bytes then
// replace at once; one that is whole is left as it is. Right are those with the hash that the
// caller knows, `sha256` or NULL; else the one recorded, or in the key.
//
//   errors  CONFLICT when the bytes are others, or the descriptor cannot be read twice
bool store_mend(struct scope *s, struct store *store, const char *key, int fd, const char *sha256,
                struct store_kept *out, bool *is_mended) MUST_CHECK;

// As store_put_fd, under the key "<prefix>/<aa>/<sha256><suffix>".
bool store_put_stream(struct scope *s, struct store *store, int fd, const char *prefix,
                      const char *suffix, struct store_kept *out) MUST_CHECK;

// The same from an inlet; what it fails with, putting fails with.
bool store_put_inlet(struct scope *s, struct store *store, const struct inlet *from,
                     const char *prefix, const char *suffix, struct store_kept *out) MUST_CHECK;

// The same in steps, with a second thread at work: `*fd` holds the bytes as far as they have been
// copied, from their beginning; hashed, the object's key is known; finished, it is durable under
// that key. What refers to it may be committed then, not before.
//
//   owner   the scope, at whose end the descriptor closes
struct store_put *store_put_begin(struct scope *s, struct store *store, int from,
                                  const char *prefix, const char *suffix, int *fd) MUST_CHECK;

// Waits until the copy has more than `offset` bytes; false when it ends before.
bool store_put_await(struct store_put *put, int64_t offset);

// Wait for the steps. `out->fd` is not for the caller.
bool store_put_hashed(struct scope *s, struct store_put *put, struct store_kept *out) MUST_CHECK;
bool store_put_finish(struct scope *s, struct store_put *put) MUST_CHECK;

// Reads a whole object of at most `limit_bytes`. `sha256` is what the caller knows, or NULL.
//
//   errors  MISSING when it is not there, CONFLICT when it is damaged, LIMIT
bool store_get(struct scope *s, struct store *store, const char *key, size_t limit_bytes,
               const char *sha256, struct str *out) MUST_CHECK;

// Opens an object for reading, as a file that may be read twice; the descriptor closes with the
// scope. Its bytes have been checked by then: a directory's file is read once for that, an object
// in S3 is copied to an unnamed temporary file.
bool store_open_object(struct scope *s, struct store *store, const char *key, const char *sha256,
                       int *fd) MUST_CHECK;

// Makes sure that an object may be sent by whoever reads its file: checks it, unless the very file
// has been checked or put by this process within the last hour and has not changed. `*is_file` is
// false, and nothing done, where objects are no files.
bool store_vouch(struct scope *s, struct store *store, const char *key, const char *sha256,
                 bool *is_file) MUST_CHECK;

// Reads an object to its end and checks it.
bool store_verify(struct scope *s, struct store *store, const char *key,
                  const char *sha256) MUST_CHECK;

// Tells what is known of an object without reading it.
//
//   errors  MISSING
bool store_stat(struct scope *s, struct store *store, const char *key,
                struct store_about *out) MUST_CHECK;

// Lists objects whose key begins with `prefix` ("" for all) and comes after `after` ("" at first).
//
//   owner   the scope
bool store_list(struct scope *s, struct store *store, const char *prefix, const char *after,
                struct store_page *out) MUST_CHECK;

// Removes an object. That it is gone already is no failure.
bool store_delete(struct scope *s, struct store *store, const char *key) MUST_CHECK;

// Reads an object of which no hash is known and records the one it has: the operator's word for it
// that these are the bytes. One that has a record is left as it is.
bool store_adopt(struct scope *s, struct store *store, const char *key) MUST_CHECK;

// Removes what writers that died have left behind `older_s` seconds ago or earlier; with
// `is_dry_run` it only counts.
bool store_sweep(struct scope *s, struct store *store, int64_t older_s, bool is_dry_run,
                 size_t *n) MUST_CHECK;

// Tells whether writing works, for health: puts, reads and removes a small object.
bool store_check(struct scope *s, struct store *store) MUST_CHECK;

#endif
