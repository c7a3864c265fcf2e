// store/hasher.h: SHA-256 of a stream on a second core, while the first goes on copying.
#ifndef STORE_HASHER_H
#define STORE_HASHER_H

#include "base/hash.h"
#include "base/inlet.h"

struct hasher;

// Begins. The thread ends with the scope.
//
//   owner   the scope
struct hasher *hasher_open(struct scope *s, size_t piece_bytes) MUST_CHECK;

// A buffer of piece_bytes to fill; waits until one is free.
char *hasher_piece(struct hasher *h);

// Gives the buffer that was filled last, with n bytes in it, to be hashed.
void hasher_give(struct hasher *h, size_t n);

// Waits for the last byte and writes the digest. Returns `out`.
char *hasher_finish(struct hasher *h, char out[HASH_TEXT]);

// An inlet that reads a descriptor, which it points to.
struct inlet hasher_inlet(int *fd);

// Copies an inlet to its end into a descriptor while hashing it, in constant memory, and has the
// disk begin with what is there, so that an fsync at the end finds little left to do.
bool hasher_copy(struct scope *s, const struct inlet *from, int to, char sha256[HASH_TEXT],
                 int64_t *size_bytes) MUST_CHECK;

// Hashes a descriptor to its end.
bool hasher_read(struct scope *s, int fd, char sha256[HASH_TEXT]) MUST_CHECK;

#endif
