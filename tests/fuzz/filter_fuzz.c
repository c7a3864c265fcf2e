// tests/fuzz/filter_fuzz.c: any text is refused in words, or becomes clauses that hold only what
// was allowed to be asked; as a filter and as an order.
#include "track/filter.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static const struct filter_attribute attributes[] = {
    {"name", "name", FILTER_TEXTUAL, true},
    {"run_id", "run_id", FILTER_TEXTUAL | FILTER_LISTED, true},
    {"start_time", "start_time", FILTER_NUMERIC, true},
    {0},
};

static const struct filter_language language = {
    .of = "runs",
    .attributes = attributes,
    .dataset = attributes,
    .operators = {[FILTER_METRIC] = FILTER_NUMERIC,
                  [FILTER_PARAM] = FILTER_TEXTUAL | FILTER_NULLED,
                  [FILTER_TAG] = FILTER_TEXTUAL | FILTER_NULLED},
    .orderable = FILTER_BIT(FILTER_METRIC),
};

static void
key_check(enum filter_entity entity, const char *key)
{
    bool is_known = entity != FILTER_ATTRIBUTE && entity != FILTER_DATASET;
    for (size_t i = 0; attributes[i].name != NULL; i++)
        is_known = is_known || strcmp(attributes[i].name, key) == 0;
    assert(entity < FILTER_ENTITIES && is_known);
}

static void
clause_check(const struct filter_clause *c)
{
    const unsigned bit = FILTER_BIT(c->op);
    key_check(c->entity, c->key);
    assert(c->op < FILTER_OPERATORS);
    if ((bit & FILTER_LISTED) != 0)
        assert(c->n_texts > 0 && c->n_texts <= FILTER_LIST && c->texts != NULL);
    else if ((bit & FILTER_NULLED) != 0)
        assert(c->entity == FILTER_PARAM || c->entity == FILTER_TAG);
    else if (c->is_number)
        assert(isfinite(c->number) && c->op <= FILTER_AT_LEAST);
    else
        assert(c->text != NULL && filter_operator_sql(c->op) != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct scope s = {0};
    struct filter f;
    struct filter_order order;
    const char *text = scope_copy_n(&s, (const char *)bytes, n);
    if (filter_read(&s, text, &language, &f)) {
        assert(f.n <= FILTER_CLAUSES);
        for (size_t i = 0; i < f.n; i++)
            clause_check(&f.clauses[i]);
    } else {
        assert((s.kind == ERROR_INPUT || s.kind == ERROR_LIMIT) && s.message[0] != '\0');
    }
    scope_forgive(&s);
    if (filter_order_read(&s, text, &language, &order))
        key_check(order.entity, order.key);
    else
        assert((s.kind == ERROR_INPUT || s.kind == ERROR_LIMIT) && s.message[0] != '\0');
    scope_close(&s);
    return 0;
}
