#include "db/migrate.h"

#include <string.h>

#include "base/hash.h"
#include "base/log.h"
#include "db/migrate.sql.h"

static bool
one_apply(struct scope *s, struct db *db, const struct migration *m, const char *sha256)
{
    const bool ok = db_begin(s, db) && db_script(s, db, m->text) &&
                    DB_RUN(s, db, &sql_migrate_record, m->name, sha256) && db_commit(s, db);
    if (!ok)
        return explain(s, "could not apply migration \"%s\"", m->name);
    log_info("migration.applied", "name=%s", m->name);
    return true;
}

// The database's list must be a beginning of ours, text for text.
static bool
past_check(struct scope *s, const struct rows *past)
{
    char sha256[HASH_TEXT];
    for (size_t i = 0; i < rows_count(past); i++) {
        const char *name = rows_text(past, i, "name");
        const struct migration *m = &migrations[0];
        while (m->name != NULL && strcmp(m->name, name) != 0)
            m++;
        if (m->name == NULL)
            return fail(s, ERROR_CONFLICT,
                        "the database has migration \"%s\", which this program does not know",
                        name);
        hash_bytes(m->text, m->size_bytes, sha256);
        if (strcmp(sha256, rows_text(past, i, "sha256")) != 0)
            return fail(s, ERROR_CONFLICT,
                        "migration \"%s\" was applied with another text than this program's", name);
    }
    return true;
}

static bool
is_past(const struct rows *past, const char *name)
{
    for (size_t i = 0; i < rows_count(past); i++)
        if (strcmp(rows_text(past, i, "name"), name) == 0)
            return true;
    return false;
}

bool
migrate_run(struct scope *s, struct db *db, int *n_applied)
{
    char sha256[HASH_TEXT];
    *n_applied = 0;
    if (!db_lock(s, db, "migrate") || !db_script(s, db, sql_migrate_prepare.text))
        return false;
    const struct rows *past = db_query(s, db, &sql_migrate_list, 0, NULL);
    if (past == NULL || !past_check(s, past))
        return false;
    for (const struct migration *m = migrations; m->name != NULL; m++) {
        if (is_past(past, m->name))
            continue;
        if (!one_apply(s, db, m, hash_bytes(m->text, m->size_bytes, sha256)))
            return false;
        ++*n_applied;
    }
    return db_unlock(s, db, "migrate");
}
