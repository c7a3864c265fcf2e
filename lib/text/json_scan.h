// text/json_scan.h: holds bytes against JSON's grammar, and says where they leave it.
//
// cJSON is lenient (it takes "01", "[1,2]x" and bytes that are not UTF-8) and does not say where a
// fault is. text/json.c scans strictly first, so that cJSON only ever meets good text.
#ifndef TEXT_JSON_SCAN_H
#define TEXT_JSON_SCAN_H

#include "text/json.h"

#define JSON_NESTING 100 // arrays and objects inside each other, at most
#define JSON_MEMBERS 200 // of an object that is taken apart, at most

// Checks that n bytes are exactly one JSON value in UTF-8.
//
//   errors  INPUT with line and column, counted in bytes from 1
//   source  RFC 8259; beyond it, \u0000 and halves of surrogate pairs are refused, as no text of
//           ours can hold them, and numbers of more than 60 characters
bool json_scan(struct scope *s, const char *text, size_t n) MUST_CHECK;

// The kind of value that begins with this byte.
enum json_kind json_scan_kind(char first);

// A member of an object as the text has it: keys and texts are without quotes, their escapes stand.
struct json_member {
    struct str key, value;
    enum json_kind kind;
    bool is_key_escaped, is_escaped; // has an escape in it
};

struct json_part {     // what json_scan_part found
    size_t n;          // length in bytes, or where the fault is
    const char *fault; // NULL when it is a value
    enum json_kind kind;
    size_t n_members; // of an object
};

// Scans the value that n bytes begin with, white space first, as if `depth` brackets were open; an
// object's own members go to `members`. Bytes may follow; so a number that ends with the bytes may
// not be over, and a fault among the last JSON_SCAN_AHEAD bytes may be none if there are more.
#define JSON_SCAN_AHEAD 16
void json_scan_part(const char *text, size_t n, int depth, struct json_member members[JSON_MEMBERS],
                    struct json_part *out);

enum json_mark { JSON_MARK_KEY, JSON_MARK_NUMBER };

// Fails with INPUT at the place of the i-th key or number (from 0) of a text that json_scan has
// passed; `what` says what is wrong with it.
bool json_scan_fail_at(struct scope *s, const char *text, size_t n, enum json_mark mark, size_t i,
                       const char *what);

#endif
