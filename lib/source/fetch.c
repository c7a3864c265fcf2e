#include "source/fetch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "net/http.h"

#define PROBE_BYTES 65536 // more than the piece that could not be written

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
fetch_is_full(int fd)
{
    static const char piece[PROBE_BYTES];
    const off_t end = lseek(fd, 0, SEEK_END);
    return end < 0 || pwrite(fd, piece, sizeof piece, end) != (ssize_t)sizeof piece;
}

bool
fetch_url(struct scope *s, const struct config *config, const char *url, int *fd, bool *is_local)
{
    struct http_answer got;
    bool is_ours = true;
    bool ok = fetch_file(s, config, fd);
    if (ok) {
        ok = http_download(s, url, NULL, *fd, &got);
        is_ours = !ok && fetch_is_full(*fd);
    }
    if (is_local != NULL)
        *is_local = is_ours;
    if (!ok || got.status < 300 || strstr(got.type, "json") != NULL)
        return ok;
    return fail(s, got.status == 404 ? ERROR_MISSING : ERROR_INPUT, "\"%s\" answered %d",
                http_redact(s, url), got.status);
}
