#define _DEFAULT_SOURCE // flock

#include "store/store_sum.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>

#include "base/file.h"

#define SUM_BYTES 1024 // of a line

static bool
fail_system(struct scope *s, const char *what)
{
    return fail(s, ERROR_UNAVAILABLE, "%s: %s", what, strerror(errno));
}

const char *
sum_root(struct scope *s, const char *path)
{
    return scope_print(s, "%s/~sum", path);
}

bool
sum_read(struct scope *s, const char *path, const char *key, char recorded[HASH_TEXT])
{
    struct str line;
    recorded[0] = '\0';
    if (!file_read(s, scope_print(s, "%s/%s", sum_root(s, path), key), SUM_BYTES, &line)) {
        if (s->kind != ERROR_MISSING)
            return explain(s, "could not read its recorded hash");
        scope_forgive(s);
        return true;
    }
    if (line.n < HASH_TEXT || strspn(line.at, "0123456789abcdef") != HASH_TEXT - 1)
        return fail(s, ERROR_CONFLICT, "the record of its hash is damaged");
    memcpy(recorded, line.at, HASH_TEXT - 1);
    recorded[HASH_TEXT - 1] = '\0';
    return true;
}

bool
sum_lock(struct scope *s, const char *path)
{
    const int fd = open(sum_root(s, path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return fail_system(s, "could not open the records of hashes");
    file_defer_close(s, fd);
    while (flock(fd, LOCK_EX) != 0)
        if (errno != EINTR)
            return fail_system(s, "could not lock the records of hashes");
    return true;
}
