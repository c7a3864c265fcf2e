// text/csv.h: CSV, read as a stream: one record at a time, in constant memory; and written.
//
// A line is a record: none of the files we read has line ends inside fields, and so a stray quote
// spoils its own line and not the file. A line that cannot be read comes with a fault in words. A
// byte order mark at the start is passed over.
#ifndef TEXT_CSV_H
#define TEXT_CSV_H

#include <stdint.h>

#include "base/buf.h"

#define CSV_FIELDS 512 // in one record, at most

struct csv;

struct csv_record {           // valid until the next call
    int64_t line;             // in the file, from 1
    size_t n;                 // fields
    const struct str *fields; // their text, without quotes
    struct str raw;           // as it stands in the file, without its line end
    const char *fault;        // why it cannot be read, or NULL; then n is 0
    bool is_long;             // it is above the limit; then raw is what was at hand
};

// Writes up to `room_bytes` to `to` and tells how many; none at the end.
typedef bool (*csv_fill)(struct scope *s, void *context, char *to, size_t room_bytes, size_t *n);

// Begins to read from a callback, or bytes at hand. Records longer than `limit_bytes` are faults.
//
//   source  RFC 4180, but no line ends inside quotes; line ends may be LF too, the last may be
//           missing
struct csv *csv_open(struct scope *s, csv_fill fill, void *context, size_t limit_bytes);
struct csv *csv_open_bytes(struct scope *s, struct str bytes, size_t limit_bytes);

// Reads the next record; `*out` is NULL at the end.
//
//   errors  what the callback failed with
bool csv_next(struct scope *s, struct csv *c, const struct csv_record **out) MUST_CHECK;

// Adds a field, with quotes around it where it needs them.
//
//   source  RFC 4180, section 2
void csv_add(struct buf *out, const char *text);

#endif
