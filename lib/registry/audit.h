// registry/audit.h: the append-only record of every change.
#ifndef REGISTRY_AUDIT_H
#define REGISTRY_AUDIT_H

#include "db/db.h"

// Appends one row; call it in the transaction of the change it tells of. `detail` is JSON text.
bool audit_add(struct scope *s, struct db *db, const char *actor, const char *action,
               const char *object, const char *detail) MUST_CHECK;

#endif
