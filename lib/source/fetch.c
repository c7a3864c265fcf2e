#include "source/fetch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file.h"
#include "net/http.h"

#define DISK_BYTES ((uint64_t)1 << 20) // with less left a disk is full

bool
fetch_file(struct scope *s, const struct config *config, int *fd)
{
    const char *folder = config_path(s, config, "tmp");
    char *path = scope_print(s, "%s/fetch-XXXXXX", folder);
    if (!file_make_folders(s, folder))
        return false;
    *fd = mkstemp(path);
    if (*fd < 0)
        return fail(s, ERROR_UNAVAILABLE, "could not make a file in \"%s\": %s", folder,
                    strerror(errno));
    file_defer_close(s, *fd);
    unlink(path);
    return true;
}

bool
fetch_disk_is_full(int fd)
{
    struct statvfs disk;
    return fstatvfs(fd, &disk) == 0 &&
           (uint64_t)disk.f_bavail * (uint64_t)disk.f_frsize < DISK_BYTES;
}

bool
fetch_url(struct scope *s, const struct config *config, const char *url, int *fd, bool *is_local)
{
    struct http_answer got;
    bool is_ours = true;
    bool ok = fetch_file(s, config, fd);
    if (ok) {
        ok = http_download(s, url, NULL, *fd, &got);
        is_ours = !ok && fetch_disk_is_full(*fd);
    }
    if (is_local != NULL)
        *is_local = is_ours;
    if (!ok || got.status < 300 || strstr(got.type, "json") != NULL)
        return ok;
    return fail(s, got.status == 404 ? ERROR_MISSING : ERROR_INPUT, "\"%s\" answered %d",
                http_redact(s, url), got.status);
}
