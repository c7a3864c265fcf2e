#include "quality/expectation.h"

#include <math.h>
#include <string.h>

#include "quality/expectation_kind.h"
#include "quality/usual.h"

const char *
expectation_kind_name(enum expectation_kind kind)
{
    return expectation_kinds[kind].name;
}

static bool
kind_read(struct reader *r, struct expectation *x)
{
    const char *word;
    if (!json_text(r->s, r->item, "expect", &word))
        return false;
    for (size_t i = 0; i < EXPECT_KINDS; i++)
        if (strcmp(expectation_kinds[i].name, word) == 0) {
            x->kind = (enum expectation_kind)i;
            return r->relation->table == NULL || expectation_kinds[i].is_for_tables ||
                   fail(r->s, ERROR_INPUT,
                        "expect is \"%s\", which is for observations, not for a table", word);
        }
    struct buf known = buf_open(r->s, 256);
    for (size_t i = 0; i < EXPECT_KINDS; i++)
        buf_print(&known, "%s%s", i == 0 ? "" : ", ", expectation_kinds[i].name);
    return fail(r->s, ERROR_INPUT, "expect is \"%.40s\", no kind (known: %s)", word, known.text);
}

// Refuses keys that neither every expectation nor this kind knows.
static bool
keys_check(struct reader *r, enum expectation_kind kind)
{
    const char *known[KIND_KEYS + 9] = {"expect",     "name",  "severity", "mostly",
                                        "warn_below", "where", "sample"};
    size_t n = 7;
    if (r->relation->table == NULL && kind != EXPECT_SCHEMA)
        known[n++] = "days";
    for (size_t i = 0; expectation_kinds[kind].keys[i] != NULL; i++)
        known[n++] = expectation_kinds[kind].keys[i];
    return json_keys_check(r->s, r->item, known);
}

static bool
where_read(struct reader *r, struct expectation *x)
{
    if (json_find(r->item, "where") == NULL)
        return true;
    if (x->kind == EXPECT_SCHEMA)
        return fail(r->s, ERROR_INPUT, "where chooses rows, and a schema has none");
    if (!json_text(r->s, r->item, "where", &x->where))
        return false;
    x->condition = condition_read(r->s, x->where, r->relation);
    return x->condition != NULL || explain(r->s, "where");
}

static bool
common_read(struct reader *r, struct expectation *x)
{
    x->name = expectation_kinds[x->kind].name;
    x->is_fail = true;
    x->mostly = 1;
    x->warn_below = NAN;
    x->days = EXPECTATION_DAYS;
    x->n_samples = 5;
    if (json_find(r->item, "name") != NULL && !json_text(r->s, r->item, "name", &x->name))
        return false;
    const size_t n = strlen(x->name);
    if (n == 0 || n > 63 || strspn(x->name, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != n)
        return fail(r->s, ERROR_INPUT, "name is \"%.80s\", not 1 to 63 of a-z, 0-9, \"-_.\"",
                    x->name);
    return reader_word(r, "severity", (const char *const[]){"warn", "fail"}, &x->is_fail) &&
           reader_number(r, "mostly", IN(0, 1), &x->mostly) &&
           reader_number(r, "warn_below", IN(0, 1), &x->warn_below) &&
           reader_int(r, "days", IN_INT(0, 36500), &x->days) &&
           reader_int(r, "sample", IN_INT(0, 20), &x->n_samples) && where_read(r, x);
}

static bool
one_read(struct reader *r, struct expectation *x)
{
    *x = (struct expectation){0};
    if (json_kind(r->item) != JSON_OBJECT)
        return fail(r->s, ERROR_INPUT, "not an object");
    return kind_read(r, x) && keys_check(r, x->kind) && common_read(r, x) &&
           expectation_kinds[x->kind].read(r, x);
}

static bool
list_read(struct scope *s, const struct json *list, const char *path,
          const struct relation *relation, struct quality_spec *out)
{
    const size_t n = json_count(list);
    if (n < 1 || n > EXPECTATIONS_MOST)
        return fail(s, ERROR_INPUT, "%s has %zu members, not 1 to %d", path, n, EXPECTATIONS_MOST);
    struct expectation *items = scope_array(s, n, sizeof *items);
    size_t i = 0;
    for (const struct json *item = json_first(list); item != NULL; item = json_next(item), i++) {
        struct reader r = {.s = s, .item = item, .relation = relation};
        if (!one_read(&r, &items[i]))
            return explain(s, "%s[%zu]", path, i);
        for (size_t k = 0; k < i; k++)
            if (strcmp(items[k].name, items[i].name) == 0)
                return fail(s, ERROR_INPUT, "%s[%zu]: name \"%s\" is taken; give it another", path,
                            i, items[i].name);
    }
    *out = (struct quality_spec){.n = n, .items = items};
    return true;
}

bool
quality_spec_read(struct scope *s, const struct json *root, const char *path,
                  const struct relation *relation, struct quality_spec *out)
{
    const struct json *value = json_find(root, path);
    if (value == NULL) {
        usual_make(s, relation, &usual_bounds, out);
        return true;
    }
    if (json_kind(value) == JSON_ARRAY)
        return list_read(s, value, path, relation, out);
    struct usual_bounds bounds;
    if (json_kind(value) != JSON_OBJECT || relation->table != NULL)
        return fail(s, ERROR_INPUT, "%s is not a list of expectations", path);
    if (!usual_bounds_read(s, value, path, &bounds))
        return false;
    usual_make(s, relation, &bounds, out);
    return true;
}
