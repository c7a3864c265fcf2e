// table/declaration.h: what a CSV table holds, declared in JSON: its columns, and how its files
// are written.
//
// lib/table/TABLES.md says the same for people. A declaration is read whole and checked; two of
// one table are compared, as only some changes can be made to rows that are there.
#ifndef TABLE_DECLARATION_H
#define TABLE_DECLARATION_H

#include "text/json.h"

#define DECLARATION_BYTES ((size_t)1 << 20)
#define DECLARATION_COLUMNS 200
#define DECLARATION_NAME 41 // characters of a table's or column's name, at most

enum column_type {
    COLUMN_NUMBER,
    COLUMN_INTEGER,
    COLUMN_TEXT,
    COLUMN_CATEGORY, // text that is one of some
    COLUMN_BOOLEAN,
    COLUMN_DAY,
    COLUMN_TIME,
    COLUMN_TYPES
};

// The type's name in declarations: "number".
const char *column_type_name(enum column_type type);

struct column {
    const char *name, *unit, *description; // the latter two "" when not told
    const char *header;                    // in the file; the name, unless declared
    enum column_type type;
    bool is_nullable, is_key;
    double min, max;     // NaN for none; of days since 1970 the count, of times the seconds
    size_t n_words;      // of a category
    const char **words;  // as they stand in the file
    const char **values; // what is stored for each
    size_t max_length;   // of a text, in characters; 0 for none
};

enum header_kind {
    HEADER_NAMES, // the first line names the columns, in any order
    HEADER_NONE,  // the first line is a row; columns are in the declared order
    HEADER_LINE,  // the first line is this one and no other; then as HEADER_NONE
};

struct declaration {
    const char *name, *description;
    const char *json; // as it was read, for the record
    enum header_kind header;
    const char *first_line; // of HEADER_LINE
    char delimiter;
    size_t n_columns, n_null_words, n_ignored;
    struct column *columns;
    const char **null_words; // that say "missing"
    const char **ignored;    // headers of columns that are not kept
    bool has_key;            // else a file is a snapshot, and its rows are known by their line
};

// Reads a declaration and checks it against itself.
//
//   owner   the scope
//   errors  INPUT naming the path, or the column and what is wrong with it
bool declaration_read(struct scope *s, const char *text, size_t n,
                      struct declaration *out) MUST_CHECK;

// Tells whether rows of `before` are also rows of `after`: nothing is gone, narrower or of another
// meaning, and new columns are nullable.
//
//   errors  CONFLICT naming all that differs
bool declaration_compare(struct scope *s, const struct declaration *before,
                         const struct declaration *after) MUST_CHECK;

// The column of that name, or NULL.
const struct column *declaration_column(const struct declaration *d, const char *name);

#endif
