// aqs/table.h: a file of any known format, line by line, as the same few named fields.
//
// What the fields mean is aqs/record's and aqs/fact's.
#ifndef AQS_TABLE_H
#define AQS_TABLE_H

#include "aqs/feed.h"
#include "aqs/format.h"

#define TABLE_LINE_BYTES ((size_t)1 << 16) // a line or object at most; EPA's have 400

struct line {
    int64_t number;                // in the file; the header is line 1
    struct str raw;                // as it stands there
    const char *fault;             // why it is no record; NULL when it is one
    bool has_fields;               // it could be split, if not into the right number
    struct str fields[FIELD_MOST]; // empty where absent or null
    int parameter;                 // of station CSV: the AQS parameter of its value
    double divisor;                // and what that is divided by to be in the parameter's unit
};

struct table;

// Opens a file, tells its format and checks its header. `parameter` is what a station CSV's values
// are said to be; 0 where its header has to tell.
//
//   owner   the scope
//   errors  INPUT as format_tell's, or saying what the bytes are not; EPA's own words when the
//           API's answer says that it failed
struct table *table_open(struct scope *s, int fd, int parameter) MUST_CHECK;

// The same of what a feed brings.
struct table *table_open_feed(struct scope *s, struct feed *feed, int parameter) MUST_CHECK;

const struct format *table_format(const struct table *table);
const struct feed *table_feed(const struct table *table);
bool table_is_json(const struct table *table);

// The header line of a CSV, as it stands in the file.
struct str table_header(const struct table *table);

// Reads the next line, which lasts until the next call; `*out` is NULL at the end. A line of a
// station CSV with several values comes once for each.
//
//   errors  LIMIT for a line above TABLE_LINE_BYTES, INPUT for a damaged zip or broken JSON
bool table_next(struct scope *s, struct table *table, const struct line **out) MUST_CHECK;

#endif
