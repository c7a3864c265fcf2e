// table/delivery.h: from a CSV file to the committed rows of a declared table.
//
// As for observations: the bytes become an immutable raw object first; then its lines stream
// through the declaration into a staging table by COPY, and one statement moves them, in one
// transaction. Memory is constant. With key columns, rows are known by them; without, the file is
// a snapshot whose rows are known by their line. The same bytes again change nothing.
#ifndef TABLE_DELIVERY_H
#define TABLE_DELIVERY_H

#include "aqs/reread.h"

// Ingests one file, CSV or a zip of one, into the table of that name.
//
//   errors  MISSING for a table that is not declared; INPUT for a header that is not as declared,
//   and
//           for a snapshot without a single good row, which would empty the table; single bad lines
//           are rejected (data.reject), not errors
bool delivery_take(struct scope *s, struct db *db, struct store *store,
                   const struct ingest_request *request, const char *table,
                   struct ingest_summary *out) MUST_CHECK;

// Reads an object that was read before again, to try its rejected lines by the rules of today: into
// its declared table, or as aqs/reread does.
bool delivery_retry(struct scope *s, struct db *db, struct store *store, struct reread which,
                    struct ingest_request request, struct ingest_summary *out) MUST_CHECK;

#endif
