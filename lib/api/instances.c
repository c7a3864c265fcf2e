#include "api/instances.h"

#include <math.h>
#include <string.h>

#include "api/instances_scan.h"
#include "text/json.h"

static const char *
kind_words(const struct json *value)
{
    static const char *const words[] = {
        [JSON_NULL] = "null", [JSON_BOOL] = "true or false", [JSON_NUMBER] = "a number",
        [JSON_TEXT] = "text", [JSON_ARRAY] = "an array",     [JSON_OBJECT] = "an object",
    };
    return words[json_kind(value)];
}

// Reads one value of row i and feature j.
static bool
value_read(struct scope *s, const struct schema *schema, size_t i, size_t j,
           const struct json *value, double *out)
{
    const char *name = schema->names[j];
    *out = NAN;
    if (json_kind(value) == JSON_NUMBER)
        *out = json_as_number(value);
    else if (json_kind(value) != JSON_NULL)
        return fail(s, ERROR_INPUT, "instances[%zu].%s is %s, not a number", i, name,
                    kind_words(value));
    else if (!schema->may_miss[j])
        return fail(s, ERROR_INPUT, "instances[%zu].%s is null, and may not be missing", i, name);
    return true;
}

static bool
array_read(struct scope *s, const struct schema *schema, size_t i, const struct json *row,
           double *x)
{
    const size_t n = json_count(row);
    if (n != schema->n_features)
        return fail(s, ERROR_INPUT, "instances[%zu] has %zu values, and the model takes %zu", i, n,
                    schema->n_features);
    const struct json *value = json_first(row);
    for (size_t j = 0; j < n; j++, value = json_next(value))
        if (!value_read(s, schema, i, j, value, &x[j]))
            return false;
    return true;
}

// The feature of that name, looked for from `from` on, where it usually is; n_features if none.
static size_t
feature_of(const struct schema *schema, const char *name, size_t from)
{
    for (size_t k = 0; k < schema->n_features; k++) {
        const size_t j = (from + k) % schema->n_features;
        if (strcmp(schema->names[j], name) == 0)
            return j;
    }
    return schema->n_features;
}

static bool
object_read(struct scope *s, const struct schema *schema, size_t i, const struct json *row,
            double *x)
{
    bool *is_given = scope_array(s, schema->n_features, sizeof *is_given);
    size_t j = schema->n_features - 1;
    for (const struct json *m = json_first(row); m != NULL; m = json_next(m)) {
        j = feature_of(schema, json_key(m), j + 1);
        if (j == schema->n_features)
            return fail(s, ERROR_INPUT, "instances[%zu] has an unknown feature \"%.60s\"", i,
                        json_key(m));
        if (!value_read(s, schema, i, j, m, &x[j]))
            return false;
        is_given[j] = true;
    }
    for (j = 0; j < schema->n_features; j++)
        if (!is_given[j])
            return fail(s, ERROR_INPUT, "instances[%zu] lacks feature \"%s\"%s", i,
                        schema->names[j], schema->may_miss[j] ? " (null means missing)" : "");
    return true;
}

static bool
row_read(struct scope *s, const struct schema *schema, size_t i, const struct json *row, double *x)
{
    if (json_kind(row) == JSON_ARRAY)
        return array_read(s, schema, i, row, x);
    if (json_kind(row) == JSON_OBJECT)
        return object_read(s, schema, i, row, x);
    return fail(s, ERROR_INPUT, "instances[%zu] is %s, neither an array nor an object", i,
                kind_words(row));
}

static struct str
row_write(struct scope *s, size_t n, const double *x)
{
    struct buf text = buf_open(s, 12 * n);
    for (size_t j = 0; j < n; j++) {
        if (j > 0)
            buf_char(&text, ',');
        if (isnan(x[j]))
            buf_text(&text, "null");
        else
            buf_number(&text, x[j]);
    }
    return (struct str){text.text, text.n};
}

static bool
rows_find(struct scope *s, const struct json *body, const struct json **rows)
{
    static const char *const known[] = {"instances", NULL};
    *rows = body;
    if (json_kind(body) == JSON_OBJECT &&
        (!json_keys_check(s, body, known) || !json_array(s, body, "instances", rows)))
        return false;
    if (json_kind(*rows) != JSON_ARRAY)
        return fail(s, ERROR_INPUT,
                    "the body is %s, neither an array of rows nor {\"instances\": [rows]}",
                    kind_words(body));
    if (json_count(*rows) == 0)
        return fail(s, ERROR_INPUT, "instances is empty");
    if (json_count(*rows) > INSTANCES_MOST)
        return fail(s, ERROR_LIMIT, "instances has %zu rows, and at most %d are taken",
                    json_count(*rows), INSTANCES_MOST);
    return true;
}

// Refuses a body that would need a tree many times its own size. In JSON each value follows one of
// these, and what rows within the limit need is less than half of the bound.
static bool
size_check(struct scope *s, const struct schema *schema, struct str body)
{
    const size_t most = 2 * (INSTANCES_MOST + 1) * (schema->n_features + 1);
    size_t n = 0;
    for (size_t i = 0; i < body.n; i++)
        n += body.at[i] == ',' || body.at[i] == '[' || body.at[i] == '{';
    return n <= most ||
           fail(s, ERROR_LIMIT, "the body has about %zu values, far more than %d rows of %zu", n,
                INSTANCES_MOST, schema->n_features);
}

bool
instances_read_slowly(struct scope *s, const struct schema *schema, struct str body,
                      struct instances *out)
{
    const struct json *rows;
    if (!size_check(s, schema, body))
        return false;
    const struct json *parsed = json_parse(s, body.at, body.n);
    if (parsed == NULL || !rows_find(s, parsed, &rows))
        return false;
    *out = (struct instances){.n = json_count(rows)};
    out->X = scope_array(s, out->n * schema->n_features, sizeof *out->X);
    out->text = scope_array(s, out->n, sizeof *out->text);
    size_t i = 0;
    for (const struct json *row = json_first(rows); row != NULL; row = json_next(row), i++) {
        double *x = out->X + i * schema->n_features;
        if (!row_read(s, schema, i, row, x))
            return false;
        out->text[i] = row_write(s, schema->n_features, x);
    }
    return true;
}

bool
instances_read(struct scope *s, const struct schema *schema, struct str body, struct instances *out)
{
    return instances_scan(s, schema, body, out) || instances_read_slowly(s, schema, body, out);
}
