// text/json_stream.h: JSON of any length, read from a source one value at a time.
//
// The reader walks into the arrays and objects that the caller enters and hands out, or passes
// over, the values inside. Memory is a few times the longest value that is taken, whatever the
// text's length. What is taken is held against the same grammar as json_parse's: RFC 8259 in UTF-8,
// 100 brackets deep at most. An object that breaks it costs itself and not the rest, as long as its
// brackets still tell where it ends.
//
//     j = json_stream_open(s, fill, file, 65536);
//     json_stream_enter(s, j, JSON_ARRAY);
//     while (json_stream_take(s, j, &item) && item != NULL) …
#ifndef TEXT_JSON_STREAM_H
#define TEXT_JSON_STREAM_H

#include "text/json_scan.h"

struct json_stream;

// Writes up to `room_bytes` to `to` and tells how many; none at the end.
typedef bool (*json_fill)(struct scope *s, void *context, char *to, size_t room_bytes, size_t *n);

struct json_item {  // a value, valid until the next call
    int64_t line;   // that it begins on, from 1
    struct str raw; // as it stands
    enum json_kind kind;
    const char *fault;                 // why an object or array is not JSON, or NULL; then n is 0
    size_t n;                          // members of an object; a key that comes twice is a fault
    const struct json_member *members; // with escapes resolved
    bool has_same_keys;                // as the object taken before, in the same order
};

// Begins to read; a value that is taken has at most `most_bytes`.
//
//   owner   the scope
struct json_stream *json_stream_open(struct scope *s, json_fill fill, void *context,
                                     size_t most_bytes);

// The line that the reader is on, from 1.
int64_t json_stream_line(const struct json_stream *j);

// Goes into the array or object that comes next; false with a failure when something else does.
bool json_stream_enter(struct scope *s, struct json_stream *j, enum json_kind kind) MUST_CHECK;

// Tells what kind of value comes next, behind a key or at the very beginning.
bool json_stream_peek(struct scope *s, struct json_stream *j, enum json_kind *out) MUST_CHECK;

// Reads the next key of the object entered, at most 200 bytes; NULL once the object is over, which
// leaves it. Its value must be taken, entered or skipped before the next. Whether a key comes twice
// is the caller's to see, as an object entered may have more than fit into memory.
bool json_stream_key(struct scope *s, struct json_stream *j, const char **key) MUST_CHECK;

// Takes the next element of the array entered, NULL once it is over, which leaves it; or the value
// behind a key.
//
//   errors  INPUT with the line where the grammar is broken beyond an item; LIMIT for an item above
//           the limit; what the callback failed with
bool json_stream_take(struct scope *s, struct json_stream *j,
                      const struct json_item **out) MUST_CHECK;

// Passes over the value behind a key, of any length; its grammar is checked.
bool json_stream_skip(struct scope *s, struct json_stream *j) MUST_CHECK;

// Checks that nothing but white space follows.
bool json_stream_finish(struct scope *s, struct json_stream *j) MUST_CHECK;

// Fails with INPUT at the reader's line: "broken JSON at line 3: a comma is missing".
bool json_stream_fail(struct scope *s, const struct json_stream *j, const char *what);

#endif
