// table/cell.h: one field of a file into one value of PostgreSQL's binary COPY.
#ifndef TABLE_CELL_H
#define TABLE_CELL_H

#include "table/declaration.h"

#define CELL_REASON_BYTES 200

// Adds a field as its column's type: its length, then its bytes; NULL for a null word, or where
// `field.at` is NULL. False, with the reason in words, for what the declaration does not allow.
//
//   source  PostgreSQL 15, COPY, "Binary Format"
bool cell_put(struct buf *out, const struct declaration *d, const struct column *c,
              struct str field, char reason[CELL_REASON_BYTES]);

// Adds a whole number of eight bytes, as cell_put does.
void cell_put_int(struct buf *out, int64_t x);

#endif
