#include "registry/audit.h"

#include "registry/audit.sql.h"

bool
audit_add(struct scope *s, struct db *db, const char *actor, const char *action, const char *object,
          const char *detail)
{
    return DB_RUN(s, db, &sql_audit_add, actor, action, object, detail);
}
