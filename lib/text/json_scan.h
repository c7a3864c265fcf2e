// text/json_scan.h: holds bytes against JSON's grammar, and says where they leave it.
//
// cJSON is lenient (it takes "01", "[1,2]x" and bytes that are not UTF-8) and does not say where a
// fault is. text/json.c scans strictly first, so that cJSON only ever meets good text.
#ifndef TEXT_JSON_SCAN_H
#define TEXT_JSON_SCAN_H

#include "base/scope.h"

#define JSON_NESTING 100 // arrays and objects inside each other, at most

// Checks that n bytes are exactly one JSON value in UTF-8.
//
//   errors  INPUT with line and column, counted in bytes from 1
//   source  RFC 8259; beyond it, \u0000 and halves of surrogate pairs are refused, as no text of
//           ours can hold them, and numbers of more than 60 characters
bool json_scan(struct scope *s, const char *text, size_t n) MUST_CHECK;

enum json_mark { JSON_MARK_KEY, JSON_MARK_NUMBER };

// Fails with INPUT at the place of the i-th key or number (from 0) of a text that json_scan has
// passed; `what` says what is wrong with it.
bool json_scan_fail_at(struct scope *s, const char *text, size_t n, enum json_mark mark, size_t i,
                       const char *what);

#endif
