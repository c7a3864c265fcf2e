// db/session.h: what is inside a struct db, for db.c and session.c only.
#ifndef DB_SESSION_H
#define DB_SESSION_H

#include "db/copy.h"
#include "db/db.h"
#include "db/wire.h"

#define DB_PREPARED 512 // statements one connection may hold; more than the house has

struct db {
    struct wire wire;
    const char *url, *who;
    const struct query *prepared[DB_PREPARED];
    size_t n_prepared;
    int depth;         // of transactions; below the first they are savepoints
    struct scope own;  // of the copy under way
    struct copy *copy; // NULL: none
    bool is_bound;     // has a lock or listens, which a new connection would silently lack
};

// Sees to a connection: a dead one outside a transaction is replaced; inside one its loss must be
// seen.
bool db_ready(struct scope *s, struct db *db) MUST_CHECK;

#endif
