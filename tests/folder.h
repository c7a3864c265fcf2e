// tests/folder.h: a folder for one test, deleted with its scope.
#ifndef TESTS_FOLDER_H
#define TESTS_FOLDER_H

#include <unistd.h>

#include "test.h"

static inline void
test_folder_remove(void *path)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", (const char *)path);
    if (system(command) != 0)
        fputs("could not remove a test's folder\n", stderr);
}

static inline const char *
test_folder(struct scope *s)
{
    char *path = scope_copy(s, "/tmp/aw-test.XXXXXX");
    CHECK(mkdtemp(path) != NULL);
    scope_defer(s, test_folder_remove, path);
    return path;
}

#endif
