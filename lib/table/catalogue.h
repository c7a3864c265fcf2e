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

// All tables: name, description, n_columns, key, n_rows (an estimate), declared_at, changed_at.
struct rows *catalogue_list(struct scope *s, struct db *db) MUST_CHECK;

#endif
