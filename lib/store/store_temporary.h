// store/store_temporary.h: files on their way into a directory's objects.
//
// They lie in "~", a folder no key can name, under the writer's process id.
#ifndef STORE_STORE_TEMPORARY_H
#define STORE_STORE_TEMPORARY_H

#include <stdint.h>

#include "base/scope.h"

struct temporary {
    int fd;
    char *path;
};

// Makes one for the store in the folder `path`; it goes with the scope.
struct temporary *temporary_open(struct scope *s, const char *path) MUST_CHECK;

// Makes its bytes durable.
bool temporary_keep(struct scope *s, const struct temporary *t) MUST_CHECK;

// Removes, or counts, those of processes that died, and with older_s > 0 also those that nobody has
// written to for so long: their process id may be another's by now. Failing to is harmless.
void temporaries_sweep(struct scope *s, const char *path, int64_t older_s, bool is_dry_run,
                       size_t *n);

#endif
