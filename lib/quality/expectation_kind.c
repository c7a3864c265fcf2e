#include "quality/expectation_kind.h"

#include <math.h>
#include <string.h>

// Reads an optional number of the range, both ends in it.
bool
reader_number(struct reader *r, const char *key, const double range[2], double *out)
{
    if (json_find(r->item, key) == NULL)
        return true;
    if (!json_number(r->s, r->item, key, out))
        return false;
    return (*out >= range[0] && *out <= range[1]) ||
           fail(r->s, ERROR_INPUT, "%s is %g, not within %g and %g", key, *out, range[0], range[1]);
}

bool
reader_int(struct reader *r, const char *key, const int range[2], int *out)
{
    int64_t x;
    if (json_find(r->item, key) == NULL)
        return true;
    if (!json_int(r->s, r->item, key, &x))
        return false;
    if (x < range[0] || x > range[1])
        return fail(r->s, ERROR_INPUT, "%s is %lld, not within %d and %d", key, (long long)x,
                    range[0], range[1]);
    *out = (int)x;
    return true;
}

bool
reader_word(struct reader *r, const char *key, const char *const words[2], bool *is_second)
{
    const char *word;
    if (json_find(r->item, key) == NULL)
        return true;
    if (!json_text(r->s, r->item, key, &word))
        return false;
    *is_second = strcmp(word, words[1]) == 0;
    return *is_second || strcmp(word, words[0]) == 0 ||
           fail(r->s, ERROR_INPUT, "%s is \"%.40s\", not %s or %s", key, word, words[0], words[1]);
}

static bool
column_at(struct reader *r, const char *path, const struct field **out)
{
    const char *name;
    if (!json_text(r->s, r->item, path, &name))
        return false;
    *out = relation_find(r->relation, name, strlen(name));
    return *out != NULL || fail(r->s, ERROR_INPUT, "%s is \"%.80s\", no column (known: %s)", path,
                                name, relation_names(r->s, r->relation));
}

// The column looked at: of observations the value unless it says otherwise.
static bool
column_read(struct reader *r, struct expectation *x, bool is_numeric)
{
    if (json_find(r->item, "column") != NULL || r->relation->table != NULL) {
        if (!column_at(r, "column", &x->column))
            return false;
    } else {
        x->column = relation_find(r->relation, "value", strlen("value"));
    }
    if (is_numeric && x->column->type != FIELD_NUMBER && x->column->type != FIELD_INTEGER)
        return fail(r->s, ERROR_INPUT, "column \"%s\" holds a %s, not numbers", x->column->name,
                    field_type_name(x->column->type));
    return true;
}

static bool
by_read(struct reader *r, struct expectation *x)
{
    static const char *const shares[] = {"mostly", "warn_below"};
    if (json_find(r->item, "by") != NULL)
        return column_at(r, "by", &x->by);
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++)
        if (json_find(r->item, shares[i]) != NULL)
            return fail(r->s, ERROR_INPUT,
                        "%s is a share of groups, and there are none without a column in \"by\"",
                        shares[i]);
    return true;
}

static bool
bounds_read(struct reader *r, struct expectation *x, double low, double high)
{
    x->low.is_set = json_find(r->item, "min") != NULL;
    x->high.is_set = json_find(r->item, "max") != NULL;
    if (!reader_number(r, "min", IN(low, high), &x->low.number) ||
        !reader_number(r, "max", IN(low, high), &x->high.number))
        return false;
    if (!x->low.is_set && !x->high.is_set)
        return fail(r->s, ERROR_INPUT, "neither min nor max is given");
    return !x->low.is_set || !x->high.is_set || x->low.number <= x->high.number ||
           fail(r->s, ERROR_INPUT, "min %g is above max %g", x->low.number, x->high.number);
}

static bool
row_count_read(struct reader *r, struct expectation *x)
{
    if (json_find(r->item, "days") == NULL)
        x->days = 0;
    return by_read(r, x) && bounds_read(r, x, 0, 1e15);
}

static bool
completeness_read(struct reader *r, struct expectation *x)
{
    x->share = 0.5;
    x->active_days = 30;
    if (json_find(r->item, "days") != NULL && x->days == 0)
        return fail(r->s, ERROR_INPUT, "days is 0, but completeness wants a window");
    return reader_number(r, "share", IN(0, 1), &x->share) &&
           reader_number(r, "overall", IN(0, 1), &x->overall) &&
           reader_int(r, "active_days", IN_INT(1, 36500), &x->active_days) &&
           reader_word(r, "by", (const char *const[]){"site", "day"}, &x->is_by_day);
}

static bool
freshness_read(struct reader *r, struct expectation *x)
{
    return (json_find(r->item, "max_age_days") != NULL ||
            fail(r->s, ERROR_INPUT, "max_age_days is missing")) &&
           by_read(r, x) && reader_int(r, "max_age_days", IN_INT(0, 36500), &x->max_age_days);
}

// A number, or a word for one of the parameter's.
static bool
limit_read(struct reader *r, const char *key, bool is_open, struct limit *out)
{
    static const char *const words[] = {"floor", "ceiling", "high"};
    const struct json *value = json_find(r->item, key);
    if (value == NULL)
        return true;
    if (out->is_set)
        return fail(r->s, ERROR_INPUT, "%s is a second limit to the same side", key);
    *out = (struct limit){.is_set = true, .is_open = is_open};
    if (json_kind(value) != JSON_TEXT || r->relation->table != NULL)
        return json_number(r->s, r->item, key, &out->number);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i], json_as_text(value)) == 0)
            out->of = words[i];
    return out->of != NULL ||
           fail(r->s, ERROR_INPUT, "%s is \"%.40s\", not a number, floor, ceiling or high", key,
                json_as_text(value));
}

static bool
range_read(struct reader *r, struct expectation *x)
{
    if (!column_read(r, x, true) || !limit_read(r, "min", false, &x->low) ||
        !limit_read(r, "above", true, &x->low) || !limit_read(r, "max", false, &x->high) ||
        !limit_read(r, "below", true, &x->high))
        return false;
    if (!x->low.is_set && !x->high.is_set)
        return fail(r->s, ERROR_INPUT, "none of min, above, max and below is given");
    return !x->low.is_set || !x->high.is_set || x->low.of != NULL || x->high.of != NULL ||
           x->low.number <= x->high.number ||
           fail(r->s, ERROR_INPUT, "min %g is above max %g", x->low.number, x->high.number);
}

static bool
null_share_read(struct reader *r, struct expectation *x)
{
    x->high.is_set = json_find(r->item, "max") != NULL;
    if (x->high.is_set && json_find(r->item, "mostly") != NULL)
        return fail(r->s, ERROR_INPUT, "max and mostly say the same: give one");
    if (!column_read(r, x, false) || !reader_number(r, "max", IN(0, 1), &x->high.number))
        return false;
    if (x->high.is_set)
        x->mostly = 1 - x->high.number;
    return true;
}

static bool
unique_read(struct reader *r, struct expectation *x)
{
    const struct json *list;
    if (!json_array(r->s, r->item, "key", &list))
        return false;
    x->n_keys = json_count(list);
    if (x->n_keys < 1 || x->n_keys > EXPECTATION_KEYS)
        return fail(r->s, ERROR_INPUT, "key has %zu columns, not 1 to %d", x->n_keys,
                    EXPECTATION_KEYS);
    for (size_t i = 0; i < x->n_keys; i++) {
        if (!column_at(r, scope_print(r->s, "key[%zu]", i), &x->keys[i]))
            return false;
        for (size_t k = 0; k < i; k++)
            if (x->keys[k] == x->keys[i])
                return fail(r->s, ERROR_INPUT, "key[%zu] is \"%s\" again", i, x->keys[i]->name);
    }
    return true;
}

// One allowed value, as text that reads as the column's type.
static bool
value_read(struct reader *r, const struct json *value, size_t i, const struct field *column,
           const char **out)
{
    const enum json_kind kind = json_kind(value);
    struct day day;
    int64_t time;
    bool is_good = false;
    if (kind == JSON_NUMBER) {
        *out = db_number(r->s, json_as_number(value));
        is_good = column->type == FIELD_NUMBER ||
                  (column->type == FIELD_INTEGER &&
                   json_as_number(value) == nearbyint(json_as_number(value)) &&
                   fabs(json_as_number(value)) < 1e15);
    } else if (kind == JSON_BOOL) {
        *out = json_as_bool(value) ? "t" : "f";
        is_good = column->type == FIELD_BOOL;
    } else if (kind == JSON_TEXT) {
        *out = json_as_text(value);
        is_good = column->type == FIELD_TEXT ||
                  (column->type == FIELD_DAY && day_read(*out, strlen(*out), &day));
        if (column->type == FIELD_TIME) {
            if (!time_parse(r->s, *out, &time))
                return explain(r->s, "values[%zu]", i);
            *out = db_time(r->s, time);
            is_good = true;
        }
    }
    return is_good || fail(r->s, ERROR_INPUT, "values[%zu] is not a value for \"%s\", a %s", i,
                           column->name, field_type_name(column->type));
}

static bool
allowed_values_read(struct reader *r, struct expectation *x)
{
    const struct json *list;
    size_t i = 0;
    if (!column_read(r, x, false) || !json_array(r->s, r->item, "values", &list))
        return false;
    x->n_values = json_count(list);
    if (x->n_values < 1 || x->n_values > EXPECTATION_VALUES)
        return fail(r->s, ERROR_INPUT, "values has %zu members, not 1 to %d", x->n_values,
                    EXPECTATION_VALUES);
    x->values = scope_array(r->s, x->n_values, sizeof *x->values);
    for (const struct json *v = json_first(list); v != NULL; v = json_next(v), i++)
        if (!value_read(r, v, i, x->column, &x->values[i]))
            return false;
    return true;
}

static bool
distinct_share_read(struct reader *r, struct expectation *x)
{
    return column_read(r, x, false) && by_read(r, x) && bounds_read(r, x, 0, 1);
}

static bool
flat_line_read(struct reader *r, struct expectation *x)
{
    x->run_days = 7;
    return reader_int(r, "run_days", IN_INT(2, 3650), &x->run_days);
}

#define JUMP_DAYS 30 // each of them meets its neighbours

static bool
jump_read(struct reader *r, struct expectation *x)
{
    if (json_find(r->item, "days") == NULL)
        x->days = JUMP_DAYS;
    x->z = 6;
    x->floor = NAN;
    x->within_km = 100;
    x->nearest = 5;
    x->at_least = 3;
    if (!reader_word(r, "against", (const char *const[]){"neighbours", "previous"},
                     &x->is_previous) ||
        !reader_number(r, "z", IN(0.1, 1000), &x->z) ||
        !reader_number(r, "floor", IN(1e-9, 1e9), &x->floor) ||
        !reader_number(r, "within_km", IN(0.1, 2000), &x->within_km) ||
        !reader_int(r, "nearest", IN_INT(1, 50), &x->nearest) ||
        !reader_int(r, "at_least", IN_INT(1, 50), &x->at_least))
        return false;
    return x->at_least <= x->nearest ||
           fail(r->s, ERROR_INPUT, "at_least %d is above nearest %d", x->at_least, x->nearest);
}

static bool
distribution_shift_read(struct reader *r, struct expectation *x)
{
    x->days = x->reference_days = 30;
    x->at_least = 30;
    x->psi_max = x->ks_max = x->p_min = NAN;
    if (!column_read(r, x, true) || !by_read(r, x) ||
        !reader_int(r, "days", IN_INT(1, 3650), &x->days) ||
        !reader_int(r, "reference_days", IN_INT(1, 3650), &x->reference_days) ||
        !reader_int(r, "at_least", IN_INT(2, 1000000), &x->at_least) ||
        !reader_number(r, "psi_max", IN(0, 100), &x->psi_max) ||
        !reader_number(r, "ks_max", IN(0, 1), &x->ks_max) ||
        !reader_number(r, "p_min", IN(0, 1), &x->p_min))
        return false;
    if (isnan(x->psi_max) && isnan(x->ks_max) && isnan(x->p_min))
        x->psi_max = 0.25;
    return true;
}

static bool
columns_read(struct reader *r, struct expectation *x)
{
    const struct json *wanted;
    size_t i = 0;
    if (json_find(r->item, "columns") == NULL)
        return true;
    if (!json_object(r->s, r->item, "columns", &wanted))
        return false;
    struct field *columns = scope_array(r->s, json_count(wanted) + 1, sizeof *columns);
    for (const struct json *c = json_first(wanted); c != NULL; c = json_next(c), i++) {
        columns[i].name = json_key(c);
        if (json_kind(c) != JSON_TEXT || !field_type_read(json_as_text(c), &columns[i].type))
            return fail(r->s, ERROR_INPUT,
                        "columns.%s is not one of integer, number, text, day, time and boolean",
                        json_key(c));
    }
    x->n_columns = i;
    x->columns = columns;
    return true;
}

// Of a table's columns.
static bool
units_read(struct reader *r, struct expectation *x)
{
    const struct json *wanted;
    if (json_find(r->item, "units") == NULL)
        return true;
    if (r->relation->table == NULL)
        return fail(r->s, ERROR_INPUT, "units are a table's: observations have one unit");
    if (!json_object(r->s, r->item, "units", &wanted))
        return false;
    x->unit_names = scope_array(r->s, json_count(wanted) + 1, sizeof *x->unit_names);
    x->units = scope_array(r->s, json_count(wanted) + 1, sizeof *x->units);
    for (const struct json *u = json_first(wanted); u != NULL; u = json_next(u)) {
        if (json_kind(u) != JSON_TEXT)
            return fail(r->s, ERROR_INPUT, "units.%s is not text", json_key(u));
        x->unit_names[x->n_units] = json_key(u);
        x->units[x->n_units++] = json_as_text(u);
    }
    return true;
}

static bool
schema_read(struct reader *r, struct expectation *x)
{
    if (json_find(r->item, "exact") != NULL && !json_bool(r->s, r->item, "exact", &x->is_exact))
        return false;
    if (json_find(r->item, "unit") != NULL && !json_text(r->s, r->item, "unit", &x->unit))
        return false;
    if (x->unit != NULL && r->relation->table != NULL)
        return fail(r->s, ERROR_INPUT, "unit is a parameter's: a table has units");
    return columns_read(r, x) && units_read(r, x);
}

static bool
instruments_read(struct reader *r, struct expectation *x)
{
    x->ratio = 1;
    return reader_number(r, "ratio", IN(0, 1000), &x->ratio);
}

const struct expectation_kind_row expectation_kinds[EXPECT_KINDS] = {
    {"row_count", row_count_read, true, {"min", "max", "by"}},
    {"completeness", completeness_read, false, {"share", "overall", "active_days", "by"}},
    {"freshness", freshness_read, false, {"max_age_days", "by"}},
    {"range", range_read, true, {"column", "min", "above", "max", "below"}},
    {"null_share", null_share_read, true, {"column", "max"}},
    {"unique", unique_read, true, {"key"}},
    {"allowed_values", allowed_values_read, true, {"column", "values"}},
    {"distinct_share", distinct_share_read, true, {"column", "min", "max", "by"}},
    {"flat_line", flat_line_read, false, {"run_days"}},
    {"jump", jump_read, false, {"against", "z", "floor", "within_km", "nearest", "at_least"}},
    {"distribution_shift",
     distribution_shift_read,
     false,
     {"column", "reference_days", "at_least", "psi_max", "ks_max", "p_min", "by"}},
    {"schema", schema_read, true, {"columns", "unit", "units", "exact"}},
    {"instruments", instruments_read, false, {"ratio"}},
};
