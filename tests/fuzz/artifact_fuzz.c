// tests/fuzz/artifact_fuzz.c: any bytes are refused in words, or predict and save as they loaded.
#include <assert.h>
#include <string.h>

#include "model/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void
use(struct scope *s, const struct artifact *a)
{
    struct buf once = buf_open(s, 4096), twice = buf_open(s, 4096);
    struct artifact again;
    const struct guess x = artifact_predict(a, a->example);
    artifact_save(a, &once);
    const bool is_read = artifact_load(s, (struct str){once.text, once.n}, &again);
    assert(is_read);
    const struct guess y = artifact_predict(&again, again.example);
    assert(memcmp(&x, &y, sizeof x) == 0 || x.value != x.value);
    artifact_save(&again, &twice);
    assert(strcmp(once.text, twice.text) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct scope s = {0};
    struct artifact a;
    if (artifact_load(&s, (struct str){(const char *)bytes, n}, &a))
        use(&s, &a);
    else
        assert(s.kind == ERROR_INPUT && s.message[0] != '\0');
    scope_close(&s);
    return 0;
}
