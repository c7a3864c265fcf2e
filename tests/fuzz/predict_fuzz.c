// tests/fuzz/predict_fuzz.c: bodies of predictions: no crash, and the quick reader takes nothing
// that the careful one does not, nor with other values.
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "api/instances.h"
#include "api/instances_scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const char *const names[] = {"lag0", "mean7", "sin1"};
    static const bool may_miss[] = {true, true, false};
    const struct schema schema = {3, names, may_miss};
    struct scope s = {0};
    struct instances quick, careful;
    const struct str body = {scope_copy_n(&s, (const char *)data, n), n};

    const bool is_quick = instances_scan(&s, &schema, body, &quick);
    assert(s.kind == ERROR_NONE);
    const bool is_careful = instances_read_slowly(&s, &schema, body, &careful);
    assert(is_careful == (s.kind == ERROR_NONE));
    assert(is_careful || s.kind == ERROR_INPUT || s.kind == ERROR_LIMIT);
    if (is_quick) {
        assert(is_careful && quick.n == careful.n);
        for (size_t i = 0; i < 3 * quick.n; i++)
            assert(quick.X[i] == careful.X[i] ||
                   (quick.X[i] != quick.X[i] && careful.X[i] != careful.X[i]));
    }
    scope_close(&s);
    return 0;
}
