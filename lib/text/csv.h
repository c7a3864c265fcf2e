// text/csv.h: reads CSV as a stream: one record at a time, in constant memory.
//
// A record that cannot be read costs its first line only: it comes with a fault in words, and
// reading goes on behind that line, so that one stray quote does not swallow a file. Empty lines
// are passed over; a byte order mark at the start is, too.
#ifndef TEXT_CSV_H
#define TEXT_CSV_H

#include <stdint.h>

#include "base/buf.h"

#define CSV_FIELDS 512 // in one record, at most

struct csv;

struct csv_record {           // valid until the next call
    int64_t line;             // where it begins, from 1
    size_t n;                 // fields
    const struct str *fields; // their text, without quotes
    struct str raw;           // as it stands in the file, without its line end
    const char *fault;        // why it cannot be read, or NULL; then n is 0 and raw its first line
};

// Writes up to `room_bytes` to `to` and tells how many; none at the end.
typedef bool (*csv_fill)(struct scope *s, void *context, char *to, size_t room_bytes, size_t *n);

// Begins to read from a callback, or from a descriptor. Records longer than `limit_bytes` are
// faults.
//
//   source  RFC 4180; line ends may be LF too, the last may be missing
struct csv *csv_open(struct scope *s, csv_fill fill, void *context, size_t limit_bytes);
struct csv *csv_open_fd(struct scope *s, int fd, size_t limit_bytes);

// Reads the next record; `*out` is NULL at the end.
//
//   errors  what the callback failed with, UNAVAILABLE when the descriptor cannot be read
bool csv_next(struct scope *s, struct csv *c, const struct csv_record **out) MUST_CHECK;

#endif
