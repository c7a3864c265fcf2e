// aqs/feed.h: the bytes of one file, plain or the only CSV inside a zip, through one buffer.
//
// Memory is constant. A zip is read by streaming, and unpacked by a second thread unless it is
// small; what it unpacks to is limited in bytes and in its ratio to the packed size, so a small
// file cannot keep us busy for ever.
#ifndef AQS_FEED_H
#define AQS_FEED_H

#include <stdint.h>

#include "base/buf.h"
#include "store/store.h"

struct feed;

// Opens what a seekable descriptor holds, from its beginning.
//
//   owner   the scope; the descriptor stays the caller's
//   errors  INPUT for an empty file and for a zip that is broken, encrypted or holds not exactly
//           one file
struct feed *feed_open(struct scope *s, int fd) MUST_CHECK;

// Opens a plain file of `size_bytes` that is still being copied, and reads on as it grows.
//
//   owner   the scope; the descriptor stays the caller's
struct feed *feed_open_growing(struct scope *s, int fd, struct store_put *put, int64_t size_bytes);

bool feed_is_zip(const struct feed *feed);

// The first bytes without taking them, at most n.
bool feed_peek(struct scope *s, struct feed *feed, size_t n, struct str *out) MUST_CHECK;

// Takes the next bytes, at most `room_bytes`; none at the end.
//
//   errors  INPUT for a damaged zip
bool feed_read(struct scope *s, struct feed *feed, char *to, size_t room_bytes,
               size_t *n) MUST_CHECK;

// How many bytes of the file have been read, packed ones in a zip, roughly; and how many it has.
int64_t feed_position(const struct feed *feed);
int64_t feed_size(const struct feed *feed);

#endif
