// text/base64.h: bytes as letters, and back.
#ifndef TEXT_BASE64_H
#define TEXT_BASE64_H

#include "base/buf.h"

// Adds n bytes, four characters for each three, filled up with "=".
//
//   source  RFC 4648, section 4
void base64_write(struct buf *out, const void *bytes, size_t n);

// Reads what base64_write writes; the "=" at the end may be missing. False for anything else.
bool base64_read(struct str text, struct buf *out);

#endif
