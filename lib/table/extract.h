// table/extract.h: a declared table's rows as a dataset version: CSV in the lake, and its record.
//
// Rows come by their key, or by their line in the snapshot, so the same rows give the same bytes.
// They are the rows as they stand now: what was replaced is in data.declared_past.
#ifndef TABLE_EXTRACT_H
#define TABLE_EXTRACT_H

#include "db/db.h"
#include "store/store.h"

struct extract {
    int64_t dataset_id;     // 0 where nothing was recorded
    char sha256[HASH_TEXT]; // of the bytes
    const char *key; // "processed_data/tables/<name>/<aa>/<sha256>.csv"; NULL without a store
    int64_t n_rows, size_bytes;
};

// Makes the version; making it of the same rows again finds it. `fd` is an empty file to work in.
// Without a store nothing is kept and only told.
//
//   owner   the scope
//   errors  MISSING for a table that is not declared; INPUT when it has rows from after `as_of`
bool extract_make(struct scope *s, struct db *db, struct store *store, const char *table,
                  int64_t as_of, int fd, struct extract *out) MUST_CHECK;

#endif
