#include "source/fetch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

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
fetch_url(struct scope *s, const struct config *config, const char *url, int *fd)
{
    struct http_answer got;
    if (!fetch_file(s, config, fd) || !http_download(s, url, NULL, *fd, &got))
        return false;
    if (got.status < 300 || (got.status == 400 && strstr(got.type, "json") != NULL))
        return true; // EPA's own words for what it refuses are in its 400
    return fetch_refused(s, url, got.status);
}

static const char *
folder_of(struct scope *s, const struct source_work *work)
{
    return config_path(s, work->config, "download");
}

bool
fetch_version(struct scope *s, const struct source_work *work, const char *etag,
              struct source_catch *out, struct download_answer *got)
{
    const struct download d = {
        .url = out->name,
        .folder = folder_of(s, work),
        .etag = etag,
        .limits = {.idle_seconds = (int)work->config->aqs_idle_s.value,
                   .pause_ms = (int)work->config->aqs_pause_ms.value},
        .moved = work->moved,
        .context = work->context,
    };
    if (!download_get(s, &d, got))
        return false;
    out->fd = got->fd;
    out->etag = got->status == 200 ? got->etag : NULL;
    out->is_unchanged = got->status == 304;
    out->note = out->is_unchanged ? "not changed since it was last fetched" : NULL;
    return true;
}

bool
fetch_forget(struct scope *s, const struct source_work *work, const char *url)
{
    return download_forget(s, folder_of(s, work), url);
}

bool
fetch_refused(struct scope *s, const char *url, int status)
{
    return fail(s, status == 404 ? ERROR_MISSING : ERROR_INPUT, "\"%s\" answered %d",
                http_redact(s, url), status);
}

bool
fetch_look(struct scope *s, const char *url, struct source_checks *out)
{
    struct http_head head;
    if (!http_look(s, url, &head))
        return false;
    const char *shown = http_redact(s, url);
    struct buf words = buf_open(s, 256);
    buf_print(&words, head.status < 400 ? "\"%s\" is there" : "\"%s\" answered %d", shown,
              head.status);
    if (head.status < 400 && head.size_bytes >= 0)
        buf_print(&words, ": %lld bytes", (long long)head.size_bytes);
    if (head.status < 400 && head.modified[0] != '\0')
        buf_print(&words, ", of %s", head.modified);
    source_check_add(out, "file", head.status < 400, words.text);
    return true;
}
