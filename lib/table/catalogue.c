#include "table/catalogue.h"

#include <string.h>
#include <unistd.h>

#include "table/catalogue.sql.h"
#include "table/sheet.h"

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

static bool
header_fits(const char *text, size_t n, int fd)
{
    struct scope one = {0};
    struct declaration d;
    struct feed *feed;
    const bool ok = declaration_read(&one, text, n, &d) && d.header != HEADER_NONE &&
                    lseek(fd, 0, SEEK_SET) == 0 && (feed = feed_open(&one, fd)) != NULL &&
                    sheet_open(&one, &d, feed) != NULL;
    scope_close(&one);
    return ok;
}

// The table whose files look as this one does, NULL if there is none.
static const char *
table_fitting(struct scope *s, struct db *db, int fd, bool *is_declared)
{
    const struct rows *r = db_query(s, db, &sql_catalogue_declarations, 0, NULL);
    *is_declared = true;
    for (size_t i = 0; r != NULL && i < rows_count(r); i++) {
        const char *text = rows_text(r, i, "declaration");
        if (header_fits(text, strlen(text), fd))
            return rows_text(r, i, "name");
    }
    *is_declared = false;
    for (const struct asset *a = table_assets; a->name != NULL; a++)
        if (header_fits(a->bytes, a->size_bytes, fd))
            return scope_copy_n(s, a->name, strcspn(a->name, "."));
    return NULL;
}

bool
catalogue_hint(struct scope *s, struct db *db, int fd)
{
    struct scope one = {0}; // as `s` has failed
    bool is_declared;
    const char *name = s->kind != ERROR_INPUT ? NULL : table_fitting(&one, db, fd, &is_declared);
    if (name != NULL && is_declared)
        explain(s, "a file of table \"%s\", say --table %s", name, name);
    else if (name != NULL)
        explain(s,
                "a file of table \"%s\", which is shipped: airwatch table declare %s, then "
                "ingest with --table %s",
                name, name, name);
    scope_close(&one);
    return false;
}

const char *
catalogue_shipped_names(struct scope *s)
{
    struct buf text = buf_open(s, 64);
    for (const struct asset *a = table_assets; a->name != NULL; a++)
        buf_print(&text, "%s%.*s", text.n == 0 ? "" : ", ", (int)strcspn(a->name, "."), a->name);
    return text.text;
}

struct rows *
catalogue_fillers(struct scope *s, struct db *db, const char *name)
{
    return DB_QUERY(s, db, &sql_catalogue_fillers, name);
}

bool
catalogue_drop(struct scope *s, struct db *db, const char *name)
{
    struct declaration d;
    return catalogue_get(s, db, name, &d) && DB_RUN(s, db, &sql_catalogue_drop, name) &&
           DB_RUN(s, db, &sql_catalogue_audit, name, "table.dropped", d.json);
}
