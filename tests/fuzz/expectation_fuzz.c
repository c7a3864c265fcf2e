// tests/fuzz/expectation_fuzz.c: any JSON is refused in words or read as expectations that are
// whole: each has its kind's columns, bounds in order, and a name of its own.
#include "quality/expectation.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void
expectation_check(const struct expectation *x)
{
    assert(x->kind < EXPECT_KINDS && x->name[0] != '\0');
    assert(x->mostly >= 0 && x->mostly <= 1 && x->days >= 0 && x->n_samples <= 20);
    assert((x->where == NULL) == (x->condition == NULL));
    assert(x->kind != EXPECT_RANGE || (x->column != NULL && (x->low.is_set || x->high.is_set)));
    assert(x->kind != EXPECT_UNIQUE || (x->n_keys > 0 && x->keys[x->n_keys - 1] != NULL));
    assert(x->kind != EXPECT_ALLOWED_VALUES || x->n_values > 0);
    assert(x->kind != EXPECT_FLAT_LINE || x->run_days >= 2);
    for (size_t i = 0; i < x->n_values; i++)
        assert(x->values[i] != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static const struct field columns[] = {{"a", FIELD_NUMBER}, {"b c", FIELD_TEXT}};
    const struct relation table = {.table = "t", .n_columns = 2, .columns = columns};
    const struct relation *relations[] = {&relation_observations, &table};
    for (size_t k = 0; k < 2; k++) {
        struct scope s = {0};
        struct quality_spec spec;
        const struct json *root = json_parse(&s, (const char *)bytes, n);
        if (root == NULL || json_kind(root) != JSON_OBJECT) {
            assert(root != NULL || s.kind == ERROR_INPUT);
        } else if (!quality_spec_read(&s, root, "quality", relations[k], &spec)) {
            assert((s.kind == ERROR_INPUT || s.kind == ERROR_LIMIT) && s.message[0] != '\0');
        } else {
            assert(spec.n > 0 && spec.n <= EXPECTATIONS_MOST);
            for (size_t i = 0; i < spec.n; i++)
                expectation_check(&spec.items[i]);
        }
        scope_close(&s);
    }
    return 0;
}
