// tests/fuzz/profile_fuzz.c: any file of credentials is read or refused, and never quoted.
#include "store/profile.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct scope s = {0};
    struct profile p;
    if (!profile_read(&s, (struct str){(const char *)bytes, n}, "default", &p)) {
        const char *colon = strrchr(s.message, ':'); // what follows is one of our own sentences
        const char *why = colon == NULL ? s.message : colon + 2;
        assert(s.kind == ERROR_INPUT);
        assert(strcmp(why, "it is no text") == 0 ||
               strcmp(why, "a section's name does not end") == 0 ||
               strcmp(why, "it is neither [section] nor key = value") == 0);
    } else {
        assert(p.is_found || (p.key_id == NULL && p.secret_key == NULL && p.token == NULL));
    }
    scope_close(&s);
    return 0;
}
