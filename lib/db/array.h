// db/array.h: a parameter of an array type, {"one","two"}, as it is put together.
//
//   source  PostgreSQL 15, section 8.15.2
#ifndef DB_ARRAY_H
#define DB_ARRAY_H

#include "base/buf.h"

struct db_array { // make one with db_array_open
    struct buf text;
};

struct db_array db_array_open(struct scope *s, size_t room_bytes);

// Adds an element; NULL is SQL's. NaN and infinities are kept.
void db_array_text(struct db_array *a, const char *text);
void db_array_int(struct db_array *a, int64_t x);
void db_array_number(struct db_array *a, double x);

// The array as a parameter. Nothing may be added any more.
const char *db_array_end(struct db_array *a);

// Reads an array of texts that has one dimension, as rows_text gives it.
//
//   owner   the scope
size_t db_array_read(struct scope *s, const char *array, const char ***out);

// How many elements an array of 8-byte numbers has, as rows_bytes gives it; and the numbers, as
// many as there is room for. Such an array has one dimension and no NULL.
//
//   source  PostgreSQL 15, array_send: dimensions, flag, type; length, bound; size and bytes of
//   each
size_t db_array_count(struct str array);
void db_array_ints(struct str array, size_t room, int64_t out[]);
void db_array_numbers(struct str array, size_t room, double out[]);

#endif
