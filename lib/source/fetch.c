#include "source/fetch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "net/http.h"

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
fetch_url(struct scope *s, const struct config *config, const char *url, int *fd, bool *is_local)
{
    struct http_answer got = {.is_local = true};
    const bool ok = fetch_file(s, config, fd) && http_download(s, url, NULL, *fd, &got);
    if (is_local != NULL)
        *is_local = got.is_local;
    if (!ok || got.status < 300 || strstr(got.type, "json") != NULL)
        return ok;
    return fail(s, got.status == 404 ? ERROR_MISSING : ERROR_INPUT, "\"%s\" answered %d",
                http_redact(s, url), got.status);
}
