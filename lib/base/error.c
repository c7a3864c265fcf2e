#include "base/error.h"

#include <stddef.h>

static const struct {
    const char *name;
    int http_status, exit_code;
} kinds[] = {{"NONE", 200, 0},
#define X(kind, http, code, meaning) {#kind, http, code},
             ERROR_KINDS(X)
#undef X
};

const char *
error_name(enum error_kind kind)
{
    return kinds[(size_t)kind].name;
}

int
error_http_status(enum error_kind kind)
{
    return kinds[(size_t)kind].http_status;
}

int
error_exit_code(enum error_kind kind)
{
    return kinds[(size_t)kind].exit_code;
}
