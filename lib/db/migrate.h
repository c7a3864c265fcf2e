// db/migrate.h: brings a database to the schema that this program was built with.
#ifndef DB_MIGRATE_H
#define DB_MIGRATE_H

#include "db/db.h"

struct migration {
    const char *name;  // "0001_ground", its file's name without ".sql"
    const char *text;  // terminated
    size_t size_bytes; // without the terminator
};

// All migrations in order, ended by one without a name; made from lib/db/migrations/ by make.
extern const struct migration migrations[];

// Applies, each in a transaction of its own, those that the database has not had yet.
//
//   errors  CONFLICT when the database has one that this program does not know (it is newer), or
//           has had one under the same name with another text
bool migrate_run(struct scope *s, struct db *db, int *n_applied) MUST_CHECK;

#endif
