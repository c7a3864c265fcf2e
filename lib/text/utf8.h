// text/utf8.h: telling well-formed UTF-8 from other bytes.
#ifndef TEXT_UTF8_H
#define TEXT_UTF8_H

#include <stddef.h>

// Gives the length in bytes (1 to 4) of the character at the start of n bytes, or 0 where they do
// not begin with a well-formed one.
//
//   source  RFC 3629, section 4: no surrogates, nothing overlong, nothing above U+10FFFF
size_t utf8_length(const char *at, size_t n);

// Gives how many of n bytes come before the first that is not well-formed; n when all are.
size_t utf8_span(const char *at, size_t n);

#endif
