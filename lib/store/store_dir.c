// store/store_dir.c: objects as files below a folder.
//
// Bytes are written to a temporary file in "~", a folder no key can name, made durable, and then
// linked to their name, which fails where the name is taken: an object appears whole or not at all
// and is never replaced. Temporary files carry the writer's process id, and those of processes
// that died are swept away when the store is opened.
#define _GNU_SOURCE // sync_file_range

#include "store/store_kind.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "store/hasher.h"

#define PIECE_BYTES ((size_t)1 << 17)
#define BEGIN_BYTES (8 << 20) // the disk begins after so many

struct directory {
    const char *path;
};

struct temporary {
    int fd;
    char *path;
};

static bool
fail_system(struct scope *s, const char *what)
{
    return fail(s, ERROR_UNAVAILABLE, "%s: %s", what, strerror(errno));
}

static void
temporary_close(void *thing)
{
    struct temporary *t = thing;
    close(t->fd);
    unlink(t->path);
}

static struct temporary *
temporary_open(struct scope *s, const struct directory *dir)
{
    struct temporary *t = scope_alloc(s, sizeof *t);
    t->path = scope_print(s, "%s/~/%ld-XXXXXX", dir->path, (long)getpid());
    t->fd = mkstemp(t->path);
    if (t->fd < 0) {
        fail_system(s, "could not make a temporary file");
        return NULL;
    }
    scope_defer(s, temporary_close, t);
    return t;
}

static bool
temporary_write(struct scope *s, const struct temporary *t, const char *at, size_t n)
{
    while (n > 0) {
        const ssize_t done = write(t->fd, at, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return fail_system(s, "could not write");
        at += done;
        n -= (size_t)done;
    }
    return true;
}

static bool
folder_sync(struct scope *s, const char *path)
{
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return fail_system(s, "could not open its folder");
    const bool ok = fsync(fd) == 0 || fail_system(s, "could not make its folder durable");
    close(fd);
    return ok;
}

// Makes the folders between the store's own and the object, durably.
static bool
folders_make(struct scope *s, const struct directory *dir, const char *key)
{
    char *path = scope_print(s, "%s/%s", dir->path, key);
    char *last = path + strlen(dir->path);
    for (char *at = strchr(last + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
        *at = '\0';
        const bool is_new = mkdir(path, 0755) == 0;
        if (!is_new && errno != EEXIST)
            return fail_system(s, "could not make its folder");
        *last = '\0';
        const bool ok = !is_new || folder_sync(s, path);
        *last = *at = '/';
        last = at;
        if (!ok)
            return false;
    }
    return true;
}

static bool
file_hash(struct scope *s, const char *path, char sha256[HASH_TEXT])
{
    int fd;
    struct hash *hash = hash_open(s);
    char *piece = scope_alloc(s, PIECE_BYTES);
    if (!file_open(s, path, &fd))
        return false;
    for (ssize_t n; (n = read(fd, piece, PIECE_BYTES)) != 0;) {
        if (n < 0)
            return fail_system(s, "could not read");
        hash_add(hash, piece, (size_t)n);
    }
    hash_finish(hash, sha256);
    return true;
}

// Gives durable bytes their name; the name may hold the same bytes already.
static bool
temporary_name(struct scope *s, const struct directory *dir, const struct temporary *t,
               const char *key, const char *sha256)
{
    char found[HASH_TEXT];
    char *path = scope_print(s, "%s/%s", dir->path, key);

    if (fchmod(t->fd, 0644) != 0 || fsync(t->fd) != 0)
        return fail_system(s, "could not make it durable");
    if (!folders_make(s, dir, key))
        return false;
    if (link(t->path, path) != 0) {
        if (errno != EEXIST)
            return fail_system(s, "could not name it");
        if (!file_hash(s, path, found))
            return false;
        return strcmp(found, sha256) == 0 ||
               fail(s, ERROR_CONFLICT, "the key holds other bytes (hash %s)", found);
    }
    *strrchr(path, '/') = '\0';
    return folder_sync(s, path);
}

static bool
bytes_keep(struct scope *s, const struct directory *dir, const char *key, struct str bytes)
{
    char sha256[HASH_TEXT];
    const struct temporary *t = temporary_open(s, dir);
    return t != NULL && temporary_write(s, t, bytes.at, bytes.n) &&
           temporary_name(s, dir, t, key, hash_bytes(bytes.at, bytes.n, sha256));
}

static bool
dir_put(struct scope *s, void *self, const char *key, struct str bytes)
{
    const struct scope_mark mark = scope_mark(s);
    const bool ok = bytes_keep(s, self, key, bytes);
    scope_release(s, mark);
    return ok;
}

// Copies a stream while another thread hashes it, and has the disk begin with what is there, so
// that the fsync at the end finds little left to do.
static bool
stream_copy(struct scope *s, const struct temporary *t, int fd, char sha256[HASH_TEXT],
            int64_t *size_bytes)
{
    int64_t begun_bytes = 0;
    struct hasher *hasher = hasher_open(s, PIECE_BYTES);

    *size_bytes = 0;
    while (hasher != NULL) {
        char *piece = hasher_piece(hasher);
        const ssize_t n = read(fd, piece, PIECE_BYTES);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail_system(s, "could not read what is to be kept");
        if (n == 0)
            break;
        if (!temporary_write(s, t, piece, (size_t)n))
            return false;
        hasher_give(hasher, (size_t)n);
        *size_bytes += n;
        if (*size_bytes - begun_bytes >= BEGIN_BYTES) {
            sync_file_range(t->fd, begun_bytes, *size_bytes - begun_bytes, SYNC_FILE_RANGE_WRITE);
            begun_bytes = *size_bytes;
        }
    }
    if (hasher == NULL)
        return false;
    hasher_finish(hasher, sha256);
    return true;
}

static bool
stream_keep(struct scope *s, const struct directory *dir, int fd, const char *prefix,
            const char *suffix, char sha256[HASH_TEXT], int64_t *size_bytes)
{
    const struct temporary *t = temporary_open(s, dir);
    return t != NULL && stream_copy(s, t, fd, sha256, size_bytes) &&
           temporary_name(s, dir, t, store_key(s, prefix, sha256, suffix), sha256);
}

static bool
dir_put_stream(struct scope *s, void *self, int fd, const char *prefix, const char *suffix,
               const char **key, char sha256[HASH_TEXT], int64_t *size_bytes)
{
    const struct scope_mark mark = scope_mark(s);
    const bool ok = stream_keep(s, self, fd, prefix, suffix, sha256, size_bytes);
    scope_release(s, mark);
    if (ok)
        *key = store_key(s, prefix, sha256, suffix);
    return ok;
}

static bool
dir_open_object(struct scope *s, void *self, const char *key, int *fd)
{
    const struct directory *dir = self;
    struct stat about;
    *fd = open(scope_print(s, "%s/%s", dir->path, key), O_RDONLY | O_CLOEXEC);
    if (*fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return fail(s, ERROR_MISSING, "there is no object \"%s\"", key);
    if (*fd < 0)
        return fail(s, ERROR_UNAVAILABLE, "could not open object \"%s\": %s", key, strerror(errno));
    file_defer_close(s, *fd);
    if (fstat(*fd, &about) != 0 || !S_ISREG(about.st_mode))
        return fail(s, ERROR_MISSING, "there is no object \"%s\"", key);
    return true;
}

static bool
dir_remove(struct scope *s, void *self, const char *key)
{
    const struct directory *dir = self;
    if (unlink(scope_print(s, "%s/%s", dir->path, key)) != 0)
        return fail(s, ERROR_UNAVAILABLE, "could not remove object \"%s\": %s", key,
                    strerror(errno));
    return true;
}

static void
folder_close(void *folder)
{
    closedir(folder);
}

// Removes what writers that died left behind. Failing to is harmless.
static void
temporaries_sweep(struct scope *s, const char *path)
{
    DIR *folder = opendir(path);
    if (folder == NULL)
        return;
    scope_defer(s, folder_close, folder);
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        const long pid = strtol(entry->d_name, NULL, 10);
        if (pid > 0 && kill((pid_t)pid, 0) != 0 && errno == ESRCH)
            unlinkat(dirfd(folder), entry->d_name, 0);
    }
}

struct store *
store_open_dir(struct scope *s, const char *path)
{
    static const struct store_kind kind = {dir_put, dir_put_stream, dir_open_object, dir_remove};
    struct directory *dir = scope_alloc(s, sizeof *dir);
    dir->path = scope_copy(s, path);
    const char *parts = scope_print(s, "%s/~", path);

    if (!file_make_folders(s, parts)) {
        explain(s, "could not open object store \"%s\"", path);
        return NULL;
    }
    const struct scope_mark mark = scope_mark(s);
    temporaries_sweep(s, parts);
    scope_release(s, mark);
    return store_open_kind(s, &kind, dir);
}
