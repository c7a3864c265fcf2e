#include "store/store_temporary.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"

static void
temporary_close(void *thing)
{
    struct temporary *t = thing;
    close(t->fd);
    unlink(t->path);
}

struct temporary *
temporary_open(struct scope *s, const char *path)
{
    struct temporary *t = scope_alloc(s, sizeof *t);
    t->path = scope_print(s, "%s/~/%ld-XXXXXX", path, (long)getpid());
    t->fd = mkstemp(t->path);
    if (t->fd < 0)
        return fail_null(s, ERROR_UNAVAILABLE, "could not make a temporary file: %s",
                         strerror(errno));
    scope_defer(s, temporary_close, t);
    return t;
}

bool
temporary_keep(struct scope *s, const struct temporary *t)
{
    return (fchmod(t->fd, 0644) == 0 && fsync(t->fd) == 0) ||
           fail(s, ERROR_UNAVAILABLE, "could not make it durable: %s", strerror(errno));
}

static void
folder_close(void *folder)
{
    closedir(folder);
}

static bool
is_left(int folder, const char *name, int64_t older_s)
{
    struct stat about;
    const long pid = strtol(name, NULL, 10);
    if (pid <= 0)
        return false;
    if (kill((pid_t)pid, 0) != 0 && errno == ESRCH)
        return true;
    return older_s > 0 && fstatat(folder, name, &about, AT_SYMLINK_NOFOLLOW) == 0 &&
           time_now() - (int64_t)about.st_mtime > older_s;
}

void
temporaries_sweep(struct scope *s, const char *path, int64_t older_s, bool is_dry_run, size_t *n)
{
    DIR *folder = opendir(scope_print(s, "%s/~", path));
    if (folder == NULL)
        return;
    scope_defer(s, folder_close, folder);
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
        if (is_left(dirfd(folder), entry->d_name, older_s) &&
            (is_dry_run || unlinkat(dirfd(folder), entry->d_name, 0) == 0))
            ++*n;
}
