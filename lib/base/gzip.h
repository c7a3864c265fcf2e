// base/gzip.h: bytes packed as they stream, in constant memory.
#ifndef BASE_GZIP_H
#define BASE_GZIP_H

#include "base/scope.h"

struct gzip;

// Takes the packed bytes, a piece at a time.
typedef bool (*gzip_sink)(struct scope *s, void *context, const void *bytes, size_t n);

// Begins a stream. The same bytes give the same stream: it names no file and no time.
//
//   owner   the scope
//   source  RFC 1952
struct gzip *gzip_open(struct scope *s, gzip_sink sink, void *context);

// Packs bytes, and gives to the sink what is ready.
bool gzip_add(struct scope *s, struct gzip *g, const void *bytes, size_t n) MUST_CHECK;

// Ends the stream, and gives to the sink all that is left.
bool gzip_finish(struct scope *s, struct gzip *g) MUST_CHECK;

#endif
