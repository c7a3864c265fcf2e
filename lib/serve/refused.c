#include "serve/refused.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/time.h"
#include "registry/alert.h"
#include "serve/intake.h"

#define CAUSE "spool:refused"
#define FILE_BYTES ((size_t)128 << 20)

bool
refused_keep(struct scope *s, struct db *db, const char *path, struct str lines, const char *reason)
{
    const struct alert alert = {
        .cause = CAUSE,
        .severity = "critical",
        .message =
            scope_print(s,
                        "logged predictions cannot be taken into the database; they are kept "
                        "in \"%s\" and tried again when predict.fcgi starts: %s",
                        path, reason),
    };
    const int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    if (fd < 0)
        return fail(s, ERROR_UNAVAILABLE, "could not open \"%s\": %s", path, strerror(errno));
    file_defer_close(s, fd);
    log_error("spool.refused", "file=%s reason=\"%s\"", path, reason);
    if (!file_put(s, fd, lines.at, lines.n))
        return false;
    if (fsync(fd) != 0)
        return fail(s, ERROR_UNAVAILABLE, "could not keep \"%s\": %s", path, strerror(errno));
    return alert_open(s, db, &alert, time_now());
}

// Takes one line; what the database refuses again is added to `left`.
static bool
line_retry(struct scope *s, struct db *db, struct str line, struct buf *left, int64_t *n_rows)
{
    struct scope one = {0};
    int64_t n_new = 0;
    struct buf text = buf_open(&one, line.n + 1);
    buf_add(&text, line.at, line.n);
    const bool ok =
        db_begin(&one, db) && intake_rows(&one, db, &text, &n_new) && db_commit(&one, db);
    if (ok)
        *n_rows += n_new;
    else if (one.kind == ERROR_INPUT)
        buf_add(left, line.at, line.n);
    else
        fail_as(s, &one);
    scope_close(&one);
    return s->kind == ERROR_NONE;
}

static bool
file_retry(struct scope *s, struct db *db, const char *path, int64_t *n_rows, bool *is_left)
{
    struct str text;
    if (!file_read(s, path, FILE_BYTES, &text))
        return false;
    struct buf left = buf_open(s, 4096);
    for (const char *at = text.at, *end = text.at + text.n; at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        const size_t n = stop == NULL ? (size_t)(end - at) : (size_t)(stop - at) + 1;
        if (!line_retry(s, db, (struct str){at, n}, &left, n_rows))
            return false;
        at += n;
    }
    *is_left = *is_left || left.n > 0;
    log_info("spool.retried", "file=%s bytes=%zu left_bytes=%zu", path, text.n, left.n);
    if (left.n == text.n)
        return true;
    if (left.n > 0)
        return file_write(s, path, (struct str){left.text, left.n}, 0640);
    return unlink(path) == 0 ||
           fail(s, ERROR_UNAVAILABLE, "could not remove \"%s\": %s", path, strerror(errno));
}

static int
is_refused(const struct dirent *entry)
{
    static const char suffix[] = ".log.refused";
    const size_t n = strlen(entry->d_name), n_suffix = sizeof suffix - 1;
    return n > n_suffix && strcmp(entry->d_name + n - n_suffix, suffix) == 0;
}

bool
refused_retry(struct scope *s, struct db *db, const char *folder, int64_t *n_rows)
{
    struct dirent **entries;
    bool ok = true, is_left = false;
    *n_rows = 0;
    const int n = scandir(folder, &entries, is_refused, alphasort);
    if (n < 0)
        return fail(s, ERROR_UNAVAILABLE, "could not list \"%s\": %s", folder, strerror(errno));
    scope_defer(s, free, entries);
    for (int i = 0; i < n; i++)
        scope_defer(s, free, entries[i]);
    for (int i = 0; i < n && ok; i++) {
        const struct scope_mark mark = scope_mark(s);
        ok = file_retry(s, db, scope_print(s, "%s/%s", folder, entries[i]->d_name), n_rows,
                        &is_left);
        scope_release(s, mark);
    }
    return ok && (is_left || alert_close(s, db, CAUSE, time_now()));
}
