#include "source/source.h"

#include <string.h>

#include "registry/audit.h"
#include "source/source.sql.h"

#define ACTOR "airwatch"
#define NAME_BYTES 63

const struct source_kind *const source_kinds[] = {&source_airdata, &source_aqs, &source_url, NULL};

static const struct source_kind *
kind_named(const char *name)
{
    size_t i = 0;
    while (source_kinds[i] != NULL && strcmp(source_kinds[i]->name, name) != 0)
        i++;
    return source_kinds[i];
}

bool
source_kind_find(struct scope *s, const char *name, const struct source_kind **out)
{
    struct buf known = buf_open(s, 64);
    *out = kind_named(name);
    if (*out != NULL)
        return true;
    for (size_t i = 0; source_kinds[i] != NULL; i++)
        buf_print(&known, "%s%s", i == 0 ? "" : ", ", source_kinds[i]->name);
    return fail(s, ERROR_USAGE, "option --kind: unknown kind \"%.40s\" (known: %s)", name,
                known.text);
}

static bool
name_check(struct scope *s, const char *name)
{
    static const char known[] = "abcdefghijklmnopqrstuvwxyz0123456789._-";
    const size_t n = strlen(name);
    if (n > 0 && n <= NAME_BYTES && strchr("._-", name[0]) == NULL && strspn(name, known) == n)
        return true;
    return fail(s, ERROR_USAGE,
                "source name \"%.70s\" is not 1 to %d of a-z, 0-9, \".\", \"_\" and \"-\"", name,
                NAME_BYTES);
}

static bool
given_check(struct scope *s, const struct source_kind *kind, const struct source_given given[])
{
    for (; given->name != NULL; given++) {
        size_t i = 0;
        while (kind->settings[i] != NULL && strcmp(kind->settings[i], given->name) != 0)
            i++;
        if (kind->settings[i] == NULL)
            return fail(s, ERROR_USAGE, "option --%s is not for sources of kind %s", given->name,
                        kind->name);
    }
    return true;
}

bool
source_add(struct scope *s, struct db *db, const char *name, const struct source_kind *kind,
           const struct source_given given[], int64_t as_of)
{
    struct buf text = buf_open(s, 256), detail = buf_open(s, 256);
    struct json_writer w = {.out = &text}, told = {.out = &detail};
    if (!name_check(s, name) || !given_check(s, kind, given))
        return false;
    json_object_begin(&w);
    if (!kind->settle(s, given, as_of, &w))
        return false;
    json_object_end(&w);

    json_object_begin(&told);
    json_pair_text(&told, "kind", kind->name);
    json_put_key(&told, "settings");
    json_put_raw(&told, text.text);
    json_object_end(&told);
    if (!db_begin(s, db))
        return false;
    if (!DB_RUN(s, db, &sql_source_put, name, kind->name, text.text)) {
        if (s->kind != ERROR_CONFLICT)
            return false;
        scope_forgive(s);
        return fail(s, ERROR_CONFLICT, "there is a source \"%s\" already", name);
    }
    return audit_add(s, db, ACTOR, "source.added", name, detail.text) && db_commit(s, db);
}

static bool
missing(struct scope *s, const char *name)
{
    return fail(s, ERROR_MISSING, "there is no source \"%.70s\" (see: airwatch source list)", name);
}

bool
source_get(struct scope *s, struct db *db, const char *name, struct source *out)
{
    const struct rows *r = DB_QUERY(s, db, &sql_source_find, name);
    if (r == NULL)
        return false;
    if (rows_count(r) == 0)
        return missing(s, name);
    *out = (struct source){
        .name = rows_text(r, 0, "source"),
        .kind = kind_named(rows_text(r, 0, "kind")),
        .settings_text = rows_text(r, 0, "settings"),
        .created_at = rows_text(r, 0, "created_at"),
        .paused_at = rows_text(r, 0, "paused_at"),
    };
    if (out->kind == NULL)
        return fail(s, ERROR_CONFLICT, "source \"%s\" is of kind \"%s\", newer than this program",
                    name, rows_text(r, 0, "kind"));
    out->settings = json_parse(s, out->settings_text, strlen(out->settings_text));
    return out->settings != NULL || explain(s, "settings of source \"%s\"", name);
}

struct rows *
source_list(struct scope *s, struct db *db)
{
    return db_query(s, db, &sql_source_list, 0, NULL);
}

struct rows *
source_units(struct scope *s, struct db *db, const char *name)
{
    return DB_QUERY(s, db, &sql_source_unit_list, name);
}

bool
source_pause(struct scope *s, struct db *db, const char *name, bool is_paused, bool *was_so)
{
    if (!db_begin(s, db))
        return false;
    const struct rows *r = DB_QUERY(s, db, &sql_source_pause, name, is_paused ? "true" : "false");
    if (r == NULL)
        return false;
    if (rows_count(r) == 0)
        return missing(s, name);
    *was_so = rows_bool(r, 0, "was_so");
    return (*was_so ||
            audit_add(s, db, ACTOR, is_paused ? "source.paused" : "source.resumed", name, "{}")) &&
           db_commit(s, db);
}

bool
source_remove(struct scope *s, struct db *db, const char *name)
{
    if (!db_begin(s, db))
        return false;
    const struct rows *r = DB_QUERY(s, db, &sql_source_remove, name);
    if (r == NULL)
        return false;
    if (rows_touched(r) == 0)
        return missing(s, name);
    return audit_add(s, db, ACTOR, "source.removed", name, "{}") && db_commit(s, db);
}

void
source_unit_add(struct scope *s, struct source_units *list, const struct source_unit *unit)
{
    if (list->n == list->room) {
        list->room = 2 * list->room + 64;
        struct source_unit *more = scope_array(s, list->room, sizeof *more);
        if (list->n > 0)
            memcpy(more, list->units, list->n * sizeof *more);
        list->units = more;
    }
    list->units[list->n++] = *unit;
}

const char *
source_given_find(const struct source_given given[], const char *name)
{
    while (given->name != NULL && strcmp(given->name, name) != 0)
        given++;
    return given->value;
}

void
source_check_add(struct source_checks *out, const char *name, bool is_good, const char *detail)
{
    if (out->n < sizeof out->checks / sizeof *out->checks)
        out->checks[out->n++] = (struct source_check){name, detail, is_good};
}
