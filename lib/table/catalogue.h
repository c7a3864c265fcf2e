// table/catalogue.h: the declared tables of a database: declared, found, listed.
//
// Each is a real table declared.<name> with typed columns; data.declared_column lists them all.
#ifndef TABLE_CATALOGUE_H
#define TABLE_CATALOGUE_H

#include "base/asset.h"
#include "db/db.h"
#include "table/declaration.h"

extern const struct asset table_assets[]; // deploy/tables/*.json, "iris.json"; ends with {0}

// The shipped declaration of that name, or NULL.
const struct asset *catalogue_shipped(struct scope *s, const char *name);

enum declared { DECLARED_NEW, DECLARED_SAME, DECLARED_CHANGED };

// Makes the table of a declaration, or brings the one that is there to what it says now. Call it
// inside a transaction.
//
//   errors  CONFLICT naming what differs, where rows that are there would not fit
bool catalogue_declare(struct scope *s, struct db *db, const struct declaration *d,
                       enum declared *out) MUST_CHECK;

// Reads a table's declaration.
//
//   owner   the scope
//   errors  MISSING, saying how to declare one
bool catalogue_get(struct scope *s, struct db *db, const char *name,
                   struct declaration *out) MUST_CHECK;

// Adds to the failure of an ingest that the file is one of a table's, declared or shipped, where
// its header is. Returns false.
bool catalogue_hint(struct scope *s, struct db *db, int fd);

// The names of the shipped declarations: "housing, iris, prsa".
//
//   owner   the scope
const char *catalogue_shipped_names(struct scope *s);

// The sources that fill a table: source.
struct rows *catalogue_fillers(struct scope *s, struct db *db, const char *name) MUST_CHECK;

// Deletes a table, its rows, rejects and what was replaced in it; audited. Raw objects, the record
// of readings and dataset versions stay. Call it inside a transaction.
//
//   errors  MISSING
bool catalogue_drop(struct scope *s, struct db *db, const char *name) MUST_CHECK;

// All tables: name, description, n_columns, key, n_rows (an estimate), declared_at, changed_at.
struct rows *catalogue_list(struct scope *s, struct db *db) MUST_CHECK;

#endif
