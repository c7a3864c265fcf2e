#include "source/claim.h"

static const char *
lock_name(struct scope *s, const char *source, const struct source_unit *unit)
{
    return scope_print(s, "source %s: %s", source, unit->unit);
}

bool
claim_take(struct scope *s, struct db *db, const char *source, size_t n,
           const struct source_unit units[], bool *is_mine)
{
    size_t n_taken = 0;
    while (n_taken < n && db_lock(s, db, lock_name(s, source, &units[n_taken])))
        n_taken++;
    *is_mine = n_taken == n;
    if (*is_mine)
        return true;
    if (s->kind != ERROR_CONFLICT)
        return false;
    scope_forgive(s);
    return claim_drop(s, db, source, n_taken, units);
}

bool
claim_drop(struct scope *s, struct db *db, const char *source, size_t n,
           const struct source_unit units[])
{
    for (size_t i = 0; i < n; i++)
        if (!db_unlock(s, db, lock_name(s, source, &units[i])))
            return false;
    return true;
}
