// tests/fuzz/outside_fuzz.c: any bytes as a booster, a linear model or a model's YAML: refused in
// words, or an artifact that saves and loads as the same.
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "model/outside.h"
#include "text/yaml.h"

static void
round_trip(struct scope *s, const struct artifact *a)
{
    struct artifact again;
    struct buf first = buf_open(s, 4096), second = buf_open(s, 4096);
    artifact_save(a, &first);
    const bool is_loaded = artifact_load(s, (struct str){first.text, first.n}, &again);
    assert(is_loaded);
    artifact_save(&again, &second);
    assert(strcmp(first.text, second.text) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct scope s = {0};
    struct artifact a;
    const struct str text = {scope_copy_n(&s, (const char *)bytes, n), n};
    if (outside_xgboost(&s, text, &(struct outside_about){.is_best_only = true}, &a))
        round_trip(&s, &a);
    else
        assert(s.kind == ERROR_INPUT || s.kind == ERROR_LIMIT);
    scope_forgive(&s);
    if (outside_linear(&s, text, &a))
        round_trip(&s, &a);
    else
        assert(s.kind == ERROR_INPUT || s.kind == ERROR_LIMIT);
    scope_forgive(&s);
    if (yaml_parse(&s, text.at, n) == NULL)
        assert(s.kind == ERROR_INPUT || s.kind == ERROR_LIMIT);
    scope_close(&s);
    return 0;
}
