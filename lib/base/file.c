#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE_BYTES ((size_t)1 << 17)

static void
descriptor_close(void *fd)
{
    close((int)(intptr_t)fd);
}

void
file_defer_close(struct scope *s, int fd)
{
    scope_defer(s, descriptor_close, (void *)(intptr_t)fd);
}

enum error_kind
file_error_kind(int number)
{
    switch (number) {
    case ENOENT:
    case ENOTDIR:
        return ERROR_MISSING;
    case EACCES:
    case EPERM:
        return ERROR_DENIED;
    case EISDIR:
        return ERROR_INPUT;
    default:
        return ERROR_UNAVAILABLE;
    }
}

bool
file_open(struct scope *s, const char *path, int *fd)
{
    *fd = open(path, O_RDONLY | O_CLOEXEC);
    if (*fd < 0)
        return fail(s, file_error_kind(errno), "could not open file \"%s\": %s", path,
                    strerror(errno));
    file_defer_close(s, *fd);
    return true;
}

bool
file_read_fd(struct scope *s, int fd, size_t limit_bytes, struct str *out)
{
    struct buf b = buf_open(s, 65536);
    for (;;) {
        const ssize_t n = read(fd, buf_room(&b, 65536), 65536);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(s, ERROR_UNAVAILABLE, "%s", strerror(errno));
        if (n == 0)
            break;
        buf_grow(&b, (size_t)n);
        if (b.n > limit_bytes)
            return fail(s, ERROR_LIMIT, "more than %zu bytes", limit_bytes);
    }
    *out = (struct str){b.text, b.n};
    return true;
}

bool
file_read(struct scope *s, const char *path, size_t limit_bytes, struct str *out)
{
    int fd;
    if (!file_open(s, path, &fd))
        return false;
    return file_read_fd(s, fd, limit_bytes, out) || explain(s, "could not read file \"%s\"", path);
}

bool
file_put(struct scope *s, int fd, const void *bytes, size_t n)
{
    const char *at = bytes;
    while (n > 0) {
        const ssize_t done = write(fd, at, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return fail(s, ERROR_UNAVAILABLE, "%s", strerror(errno));
        at += done;
        n -= (size_t)done;
    }
    return true;
}

bool
file_copy(struct scope *s, int from, int to)
{
    char *piece = scope_alloc(s, PIECE_BYTES);
    for (ssize_t n; (n = read(from, piece, PIECE_BYTES)) != 0;) {
        if (n < 0 && errno != EINTR)
            return fail(s, ERROR_UNAVAILABLE, "could not read: %s", strerror(errno));
        if (n > 0 && !file_put(s, to, piece, (size_t)n))
            return false;
    }
    return true;
}

static bool
temporary_write(struct scope *s, const char *path, struct str bytes, unsigned mode)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, (mode_t)mode);
    if (fd < 0)
        return fail(s, file_error_kind(errno), "%s", strerror(errno));
    bool ok = file_put(s, fd, bytes.at, bytes.n);
    if (ok && (fchmod(fd, (mode_t)mode) != 0 || fsync(fd) != 0))
        ok = fail(s, ERROR_UNAVAILABLE, "%s", strerror(errno));
    if (close(fd) != 0 && ok)
        ok = fail(s, ERROR_UNAVAILABLE, "%s", strerror(errno));
    return ok;
}

bool
file_write(struct scope *s, const char *path, struct str bytes, unsigned mode)
{
    const char *temporary = scope_print(s, "%s.%ld.part", path, (long)getpid());
    bool ok = temporary_write(s, temporary, bytes, mode);
    if (ok && rename(temporary, path) != 0)
        ok = fail(s, ERROR_UNAVAILABLE, "%s", strerror(errno));
    if (!ok)
        unlink(temporary);
    return ok || explain(s, "could not write file \"%s\"", path);
}

static bool
descriptor_write(struct scope *s, const char *path, int from)
{
    struct stat about;
    const bool is_plain = stat(path, &about) != 0 || S_ISREG(about.st_mode);
    const char *fresh = is_plain ? scope_print(s, "%s.%ld.part", path, (long)getpid()) : path;
    const int to = open(fresh, O_WRONLY | O_CLOEXEC | (is_plain ? O_CREAT | O_EXCL : 0), 0644);
    if (to < 0)
        return fail(s, file_error_kind(errno), "%s", strerror(errno));
    file_defer_close(s, to);
    if (!is_plain)
        return file_copy(s, from, to);
    if (file_copy(s, from, to) && fsync(to) == 0 && rename(fresh, path) == 0)
        return true;
    fail(s, ERROR_UNAVAILABLE, "%s", strerror(errno)); // unless the copying has said it
    unlink(fresh);
    return false;
}

bool
file_write_from(struct scope *s, const char *path, int from)
{
    return descriptor_write(s, path, from) || explain(s, "could not write file \"%s\"", path);
}

bool
file_make_folders(struct scope *s, const char *path)
{
    char *part = scope_copy(s, path);
    for (char *at = part + 1;; at++) {
        if (*at != '/' && *at != '\0')
            continue;
        const char end = *at;
        *at = '\0';
        if (mkdir(part, 0755) != 0 && errno != EEXIST)
            return fail(s, ERROR_UNAVAILABLE, "could not make folder \"%s\": %s", part,
                        strerror(errno));
        *at = end;
        if (end == '\0')
            return true;
    }
}
