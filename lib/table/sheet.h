// table/sheet.h: the rows of one CSV file, their fields in the order of a declaration's columns.
#ifndef TABLE_SHEET_H
#define TABLE_SHEET_H

#include "aqs/feed.h"
#include "table/declaration.h"

#define SHEET_LINE_BYTES ((size_t)1 << 17) // a line longer than that ends the reading

struct sheet;

struct sheet_row {            // valid until the next call
    int64_t line;             // in the file, from 1
    struct str raw;           // as it stands there
    const struct str *fields; // one for each declared column; `at` is NULL where the file has none
    const char *fault;        // why the line cannot be read, or NULL
    bool is_blank;            // there is nothing on the line
};

// Begins to read what a feed holds, and checks its header against the declaration.
//
//   owner   the scope
//   errors  INPUT naming the column that is missing, unknown or comes twice, or the first line that
//           was wanted
struct sheet *sheet_open(struct scope *s, const struct declaration *d,
                         struct feed *feed) MUST_CHECK;

// Reads the next row; `*out` is NULL at the end.
//
//   errors  LIMIT for a line that is too long; what the feed failed with
bool sheet_next(struct scope *s, struct sheet *sheet, const struct sheet_row **out) MUST_CHECK;

#endif
