// tests/fuzz/artifact_path_fuzz.c: a path that is taken leads nowhere else, however often it is
// decoded; any other is refused in words.
#include "registry/artifact_path.h"

#include <assert.h>
#include <string.h>

#include "text/url.h"
#include "text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct scope s = {0};
    char *path = scope_copy_n(&s, (const char *)bytes, n);
    if (!artifact_path_check(&s, path)) {
        assert(s.kind == ERROR_INPUT && strncmp(s.message, "Invalid path", 12) == 0);
    } else {
        assert(utf8_span(path, strlen(path)) == strlen(path));
        do {
            assert(path[0] != '/' && path[0] != '\0' && strpbrk(path, "#\\\r\n") == NULL);
            const char *around = scope_print(&s, "/%s/", path);
            assert(strstr(around, "/../") == NULL && strstr(around, "/..;") == NULL);
        } while (url_decode_again(path));
    }
    scope_close(&s);
    return 0;
}
