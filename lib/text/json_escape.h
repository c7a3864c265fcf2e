// text/json_escape.h: what the escapes in a JSON string stand for.
#ifndef TEXT_JSON_ESCAPE_H
#define TEXT_JSON_ESCAPE_H

#include "base/buf.h"

// Writes the text that stands between a string's quotes, which json_scan has passed, with its
// escapes resolved; it is never longer than they are. `to` may hold the text itself.
//
//   source  RFC 8259, section 7
struct str json_unescape(char *to, struct str text);

#endif
