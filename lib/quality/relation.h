// quality/relation.h: what expectations are held against: rows with named, typed columns.
//
// The observations of a parameter have the columns of the view data.observation_row; a declared
// table has its own, read from the server's catalogue. NaN is missing in both.
#ifndef QUALITY_RELATION_H
#define QUALITY_RELATION_H

#include "db/db.h"

enum field_type { FIELD_INTEGER, FIELD_NUMBER, FIELD_TEXT, FIELD_DAY, FIELD_TIME, FIELD_BOOL };

struct field {
    const char *name;
    enum field_type type;
};

struct relation {
    const char *table; // NULL for observations
    size_t n_columns;
    const struct field *columns;
};

extern const struct relation relation_observations;

// Finds a declared table by its name, with its columns.
//
//   errors  MISSING when there is none
bool relation_of_table(struct scope *s, struct db *db, const char *table,
                       struct relation *out) MUST_CHECK;

// Finds a column by its name, n bytes of it; NULL where there is none.
const struct field *relation_find(const struct relation *r, const char *name, size_t n);

// "site, day, poc": for messages.
const char *relation_names(struct scope *s, const struct relation *r);

// "integer", "number", "text", "day", "time" or "boolean".
const char *field_type_name(enum field_type type);

// Reads such a name.
bool field_type_read(const char *name, enum field_type *out);

#endif
