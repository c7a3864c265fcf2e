// registry/scientist.h: the database logins of scientists, who see processed data and nothing else.
//
// A login is a role of PostgreSQL in the group airwatch_scientist. Its password is 32 random
// hexadecimal digits, shown once, when it is made; the server gets only what SCRAM keeps of it.
#ifndef REGISTRY_SCIENTIST_H
#define REGISTRY_SCIENTIST_H

#include "db/db.h"

#define SCIENTIST_PASSWORD 33 // 32 digits and their end

// Makes a login, or gives the one there is another password and end; audited.
//
//   errors  INPUT for a name that cannot be, or that is another role's; DENIED where our own user
//           may not make roles
bool scientist_put(struct scope *s, struct db *db, const char *login, int64_t expires_at,
                   char password[SCIENTIST_PASSWORD], bool *is_new) MUST_CHECK;

// Ends a login and its connections; audited. Nobody connects by it while it ends.
//
//   errors  MISSING
bool scientist_drop(struct scope *s, struct db *db, const char *login) MUST_CHECK;

// All logins: scientist, until ("" for ever), is_expired.
struct rows *scientist_list(struct scope *s, struct db *db) MUST_CHECK;

// Makes the group and its grants where they are missing. `*lacking` says in words what our own user
// may not do, "" for nothing.
//
//   owner   the scope
bool scientist_grant(struct scope *s, struct db *db, const char **lacking) MUST_CHECK;

// What scientists may do that a reader has no need of, and only a superuser can end: `what` in
// words, and the `statement`. Ends first what our own user can.
struct rows *scientist_open(struct scope *s, struct db *db) MUST_CHECK;

#endif
