// quality/check_schema.c: whether the parameter, units and columns are what somebody relies on.
#include <assert.h>
#include <string.h>

#include "quality/check.h"
#include "quality/check.sql.h"
#include "quality/relation.sql.h"

struct schema {
    struct json_writer w; // of the sample
    struct quality_check *c;
    const struct rows *columns;
};

// Counts one claim, and notes one that does not hold.
static void
claim_add(struct schema *m, const char *what, const char *wanted, const char *found)
{
    assert(found != NULL); // "" where there is nothing
    m->c->n_rows++;
    if (wanted != NULL && strcmp(wanted, found) == 0)
        return;
    m->c->n_bad++;
    json_object_begin(&m->w);
    json_pair_text(&m->w, "what", what);
    json_pair_text(&m->w, "wanted", wanted);
    json_pair_text(&m->w, "found", *found == '\0' ? NULL : found);
    json_object_end(&m->w);
}

static void
columns_claim(struct schema *m)
{
    const struct expectation *x = m->c->expectation;
    for (size_t i = 0; i < x->n_columns; i++) {
        const char *found = "";
        for (size_t k = 0; k < rows_count(m->columns); k++)
            if (strcmp(rows_text(m->columns, k, "name"), x->columns[i].name) == 0)
                found = rows_text(m->columns, k, "type");
        claim_add(m, x->columns[i].name, field_type_name(x->columns[i].type), found);
    }
    for (size_t k = 0; x->is_exact && k < rows_count(m->columns); k++) {
        bool is_wanted = false;
        for (size_t i = 0; i < x->n_columns; i++)
            is_wanted =
                is_wanted || strcmp(rows_text(m->columns, k, "name"), x->columns[i].name) == 0;
        if (!is_wanted)
            claim_add(m, rows_text(m->columns, k, "name"), NULL, rows_text(m->columns, k, "type"));
    }
}

// Units are what the table's declaration says.
static bool
units_claim(const struct suite *suite, struct schema *m)
{
    const struct expectation *x = m->c->expectation;
    const struct rows *r =
        DB_QUERY(suite->s, suite->db, &sql_relation_units, suite->relation->table);
    if (r == NULL)
        return false;
    for (size_t i = 0; i < x->n_units; i++) {
        const char *found = "";
        for (size_t k = 0; k < rows_count(r); k++)
            if (strcmp(rows_text(r, k, "name"), x->unit_names[i]) == 0)
                found = rows_text(r, k, "unit");
        claim_add(m, scope_print(suite->s, "unit of %s", x->unit_names[i]), x->units[i], found);
    }
    return true;
}

// A parameter is known by its code, and has one unit.
static bool
parameter_claim(const struct suite *suite, struct schema *m)
{
    const struct expectation *x = m->c->expectation;
    const struct rows *r = DB_QUERY(suite->s, suite->db, &sql_check_parameter, suite->parameter);
    if (r == NULL)
        return false;
    const bool is_known = rows_count(r) == 1;
    claim_add(m, "parameter", suite->parameter, is_known ? suite->parameter : "");
    if (x->unit != NULL)
        claim_add(m, "unit", x->unit, is_known ? rows_text(r, 0, "unit") : "");
    return true;
}

bool
check_schema(struct suite *suite, struct quality_check *c)
{
    struct buf sample = buf_open(suite->s, 256);
    const char *table = suite->relation->table;
    struct schema m = {.w = {.out = &sample}, .c = c};
    m.columns =
        DB_QUERY(suite->s, suite->db, &sql_relation_columns, table == NULL ? "data" : "declared",
                 table == NULL ? "observation_row" : table);
    if (m.columns == NULL)
        return false;
    json_array_begin(&m.w);
    if (!(table == NULL ? parameter_claim(suite, &m) : units_claim(suite, &m)))
        return false;
    columns_claim(&m);
    json_array_end(&m.w);
    const int64_t n_rows = c->n_rows, n_bad = c->n_bad;
    check_share(c, n_rows, n_bad);
    c->sample = sample.text;
    c->detail =
        scope_print(suite->s, "%lld of %lld claims about parameter, unit and columns do not hold",
                    (long long)n_bad, (long long)n_rows);
    return true;
}
