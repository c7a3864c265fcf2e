#include "table/catalogue.h"

#include <string.h>

#include "table/catalogue.sql.h"

const struct asset *
catalogue_shipped(struct scope *s, const char *name)
{
    const char *file = scope_print(s, "%s.json", name);
    for (const struct asset *a = table_assets; a->name != NULL; a++)
        if (strcmp(a->name, file) == 0)
            return a;
    return NULL;
}

static bool
found_read(struct scope *s, const struct rows *r, struct declaration *out)
{
    const char *text = rows_text(r, 0, "declaration");
    return declaration_read(s, text, strlen(text), out) || explain(s, "the database's declaration");
}

bool
catalogue_declare(struct scope *s, struct db *db, const struct declaration *d, enum declared *out)
{
    struct declaration before;
    const struct rows *r = DB_QUERY(s, db, &sql_catalogue_find, d->name, d->json);
    if (r == NULL)
        return false;
    *out = DECLARED_NEW;
    if (rows_count(r) > 0) {
        if (!found_read(s, r, &before) || !declaration_compare(s, &before, d))
            return false;
        *out = rows_bool(r, 0, "is_same") ? DECLARED_SAME : DECLARED_CHANGED;
    }
    if (*out == DECLARED_SAME)
        return true;
    return DB_RUN(s, db, &sql_catalogue_declare, d->json) &&
           DB_RUN(s, db, &sql_catalogue_audit, d->name,
                  *out == DECLARED_NEW ? "table.declared" : "table.changed", d->json);
}

bool
catalogue_get(struct scope *s, struct db *db, const char *name, struct declaration *out)
{
    const struct rows *r = DB_QUERY(s, db, &sql_catalogue_find, name, NULL);
    if (r == NULL)
        return false;
    if (rows_count(r) == 0)
        return fail(s, ERROR_MISSING,
                    "there is no table \"%.60s\"; declare it by: airwatch table declare %.60s",
                    name, catalogue_shipped(s, name) != NULL ? name : "FILE.json");
    return found_read(s, r, out);
}

struct rows *
catalogue_list(struct scope *s, struct db *db)
{
    return db_query(s, db, &sql_catalogue_list, 0, NULL);
}
