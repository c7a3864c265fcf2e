// text/ubjson.h: Universal Binary JSON, turned into JSON text.
//
// Boosters are saved in it. What JSON cannot say (NaN, infinities) becomes null.
#ifndef TEXT_UBJSON_H
#define TEXT_UBJSON_H

#include "base/buf.h"

#define UBJSON_DEPTH 30
#define UBJSON_TEXT_BYTES ((size_t)256 << 20) // of the JSON text, at most

// Turns n bytes, one value, into JSON text.
//
//   errors  INPUT at the byte where the fault is; LIMIT when the text would be too long
//   source  ubjson.org, Draft 12, with the optimised containers; high-precision numbers and
//           no-ops inside of typed containers are refused
bool ubjson_read(struct scope *s, struct str bytes, struct buf *out) MUST_CHECK;

#endif
