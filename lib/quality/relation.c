#include "quality/relation.h"

#include <string.h>

#include "quality/relation.sql.h"

static const struct field observation_columns[] = {
    {"site", FIELD_TEXT},       {"day", FIELD_DAY},          {"poc", FIELD_INTEGER},
    {"value", FIELD_NUMBER},    {"n_hours", FIELD_INTEGER},  {"method", FIELD_INTEGER},
    {"event", FIELD_TEXT},      {"state", FIELD_TEXT},       {"county", FIELD_TEXT},
    {"latitude", FIELD_NUMBER}, {"longitude", FIELD_NUMBER},
};

const struct relation relation_observations = {
    .n_columns = sizeof observation_columns / sizeof *observation_columns,
    .columns = observation_columns,
};

static const char *const type_names[] = {
    [FIELD_INTEGER] = "integer", [FIELD_NUMBER] = "number", [FIELD_TEXT] = "text",
    [FIELD_DAY] = "day",         [FIELD_TIME] = "time",     [FIELD_BOOL] = "boolean",
};

const char *
field_type_name(enum field_type type)
{
    return type_names[type];
}

bool
field_type_read(const char *name, enum field_type *out)
{
    for (size_t i = 0; i < sizeof type_names / sizeof *type_names; i++)
        if (strcmp(type_names[i], name) == 0) {
            *out = (enum field_type)i;
            return true;
        }
    return false;
}

bool
relation_of_table(struct scope *s, struct db *db, const char *table, struct relation *out)
{
    const struct rows *r = DB_QUERY(s, db, &sql_relation_columns, "declared", table);
    if (r == NULL)
        return explain(s, "could not read the columns of table \"%s\"", table);
    if (rows_count(r) == 0)
        return fail(s, ERROR_MISSING, "there is no table \"%.80s\"", table);
    struct field *columns = scope_array(s, rows_count(r), sizeof *columns);
    size_t n = 0;
    for (size_t i = 0; i < rows_count(r); i++) {
        columns[n].name = rows_text(r, i, "name");
        n += field_type_read(rows_text(r, i, "type"), &columns[n].type);
    }
    *out = (struct relation){.table = scope_copy(s, table), .n_columns = n, .columns = columns};
    return true;
}

const struct field *
relation_find(const struct relation *r, const char *name, size_t n)
{
    for (size_t i = 0; i < r->n_columns; i++)
        if (strlen(r->columns[i].name) == n && memcmp(r->columns[i].name, name, n) == 0)
            return &r->columns[i];
    return NULL;
}

const char *
relation_names(struct scope *s, const struct relation *r)
{
    struct buf text = buf_open(s, 256);
    for (size_t i = 0; i < r->n_columns; i++)
        buf_print(&text, "%s%s", i == 0 ? "" : ", ", r->columns[i].name);
    return text.text;
}
