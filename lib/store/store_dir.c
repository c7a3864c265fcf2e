// store/store_dir.c: objects as files below a folder.
//
// Bytes are written to a temporary file, made durable, and then linked to their name, which fails
// where the name is taken: an object appears whole or not at all and is not replaced, unless it is
// damaged. Temporary files that were left are swept away when the store is opened. Where a key does
// not carry its hash, a line of sha256sum's under the same name in "~sum" does; it gets there
// before the object, while its writer holds the lock of that folder, so that a reader finds none,
// or the one of the object.
#include "store/store_kind.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "store/hasher.h"
#include "store/store_sum.h"
#include "store/store_temporary.h"
#include "store/store_walk.h"

struct directory {
    const char *path;
};

static const char *
path_of(const void *self)
{
    return ((const struct directory *)self)->path;
}

static bool
fail_system(struct scope *s, const char *what)
{
    return fail(s, ERROR_UNAVAILABLE, "%s: %s", what, strerror(errno));
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

static bool
parent_sync(struct scope *s, const char *path)
{
    char *folder = scope_copy(s, path);
    *strrchr(folder, '/') = '\0';
    return folder_sync(s, folder);
}

static bool
is_folder(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

// Makes the folders between `root` and `root/key`, durably.
static bool
folders_make(struct scope *s, const char *root, const char *key)
{
    char *path = scope_print(s, "%s/%s", root, key);
    char *last = path + strlen(root);
    for (char *at = strchr(last + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
        *at = '\0';
        const bool is_new = mkdir(path, 0755) == 0;
        if (!is_new && errno != EEXIST)
            return fail_system(s, "could not make its folder");
        if (!is_new && !is_folder(path))
            return fail(s, ERROR_CONFLICT, "\"%s\" is an object, so none can be below it here",
                        path + strlen(root) + 1);
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
sum_write(struct scope *s, const struct directory *dir, const char *key, const char *sha256)
{
    const char *line = scope_print(s, "%s  %s\n", sha256, key);
    const char *path = scope_print(s, "%s/%s", sum_root(s, dir->path), key);
    const struct temporary *t = temporary_open(s, dir->path);
    if (t == NULL || !file_put(s, t->fd, line, strlen(line)) || !temporary_keep(s, t) ||
        !folders_make(s, sum_root(s, dir->path), key))
        return false;
    if (rename(t->path, path) != 0)
        return fail_system(s, "could not record its hash");
    return parent_sync(s, path);
}

// Records the hash of an object that has none: an older program's.
static bool
sum_complete(struct scope *s, const struct directory *dir, const char *key, const char *sha256)
{
    char recorded[HASH_TEXT];
    return sum_read(s, dir->path, key, recorded) &&
           (*recorded != '\0' || sum_write(s, dir, key, sha256));
}

// Holds an object against bytes that were to be put under its key. Whoever named it may not have
// come to make that durable.
static bool
same_check(struct scope *s, const struct directory *dir, const char *key, const char *sha256)
{
    int fd;
    char found[HASH_TEXT], named[HASH_TEXT];
    const char *path = scope_print(s, "%s/%s", dir->path, key);
    if (is_folder(path))
        return fail(s, ERROR_CONFLICT, "there are objects below \"%s/\", so none can be there here",
                    key);
    if (!file_open(s, path, &fd) || !hasher_read(s, fd, found))
        return false;
    if (strcmp(found, sha256) != 0 && store_key_hash(key, named))
        return fail(
            s, ERROR_CONFLICT,
            "object \"%s\" is damaged: its hash is %s; mend it by: airwatch lake put FILE %s", key,
            found, key);
    if (strcmp(found, sha256) != 0)
        return fail(s, ERROR_CONFLICT, "the key holds other bytes (hash %s)", found);
    return (store_key_hash(key, named) || sum_complete(s, dir, key, sha256)) &&
           parent_sync(s, path);
}

// Gives durable bytes their name; the name may hold the same bytes already, or damaged ones that
// they replace.
static bool
temporary_name(struct scope *s, const struct directory *dir, const struct temporary *t,
               const struct store_kept *kept, bool replaces)
{
    char named[HASH_TEXT];
    const char *path = scope_print(s, "%s/%s", dir->path, kept->key);
    const bool is_named = store_key_hash(kept->key, named);

    if (!temporary_keep(s, t) || !folders_make(s, dir->path, kept->key))
        return false;
    if (!is_named && !sum_lock(s, dir->path))
        return false;
    if (!replaces && access(path, F_OK) == 0)
        return same_check(s, dir, kept->key, kept->sha256);
    if (!is_named && !sum_write(s, dir, kept->key, kept->sha256))
        return false;
    if (replaces && rename(t->path, path) != 0)
        return fail_system(s, "could not replace it");
    if (!replaces && link(t->path, path) != 0)
        return errno == EEXIST ? same_check(s, dir, kept->key, kept->sha256)
                               : fail_system(s, "could not name it");
    return parent_sync(s, path);
}

static bool
source_copy(struct scope *s, const struct store_source *source, const struct temporary *t,
            struct store_kept *out)
{
    if (store_is_stream(source))
        return store_source_copy(s, source, t->fd, out);
    hash_bytes(source->bytes.at, source->bytes.n, out->sha256);
    out->size_bytes = (int64_t)source->bytes.n;
    return file_put(s, t->fd, source->bytes.at, source->bytes.n);
}

// The new file is opened before it loses its first name: whoever asked reads what was hashed.
static bool
source_keep(struct scope *s, const struct directory *dir, const struct store_source *source,
            struct store_kept *out)
{
    const struct temporary *t = temporary_open(s, dir->path);
    if (t == NULL || !source_copy(s, source, t, out))
        return false;
    out->key = store_source_key(s, source, out->sha256);
    if (!store_key_fits(s, out->key, out->sha256))
        return false;
    const bool is_stream = store_is_stream(source);
    out->fd = is_stream ? open(t->path, O_RDONLY | O_CLOEXEC) : -1;
    if (is_stream && out->fd < 0)
        return fail_system(s, "could not open it");
    store_ready(source, out);
    return temporary_name(s, dir, t, out, source->replaces);
}

static bool
dir_put(struct scope *s, void *self, const struct store_source *source, struct store_kept *out)
{
    const struct scope_mark mark = scope_mark(s);
    *out = (struct store_kept){.fd = -1};
    const bool ok = source_keep(s, self, source, out);
    scope_release(s, mark);
    if (out->fd >= 0)
        file_defer_close(s, out->fd);
    out->key = ok ? store_source_key(s, source, out->sha256) : NULL;
    return ok;
}

// Opens a file that is an object.
static bool
dir_file(struct scope *s, void *self, const char *key, int *fd, struct stat *about)
{
    *fd = open(scope_print(s, "%s/%s", path_of(self), key), O_RDONLY | O_CLOEXEC);
    if (*fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return fail(s, ERROR_MISSING, "there is no object \"%s\"", key);
    if (*fd < 0)
        return fail(s, file_error_kind(errno), "could not open object \"%s\": %s", key,
                    strerror(errno));
    file_defer_close(s, *fd);
    if (fstat(*fd, about) != 0 || !S_ISREG(about->st_mode))
        return fail(s, ERROR_MISSING, "there is no object \"%s\"", key);
    return true;
}

static bool
dir_get(struct scope *s, void *self, const char *key, size_t limit_bytes, struct str *out,
        char recorded[HASH_TEXT])
{
    int fd;
    struct stat about;
    return dir_file(s, self, key, &fd, &about) &&
           ((file_read_fd(s, fd, limit_bytes, out) && sum_read(s, path_of(self), key, recorded)) ||
            explain(s, "could not read object \"%s\"", key));
}

static bool
dir_open_object(struct scope *s, void *self, const char *key, int *fd, char found[HASH_TEXT],
                char recorded[HASH_TEXT])
{
    struct stat about;
    if (!dir_file(s, self, key, fd, &about))
        return false;
    if (!sum_read(s, path_of(self), key, recorded) || !hasher_read(s, *fd, found) ||
        (lseek(*fd, 0, SEEK_SET) != 0 && !fail_system(s, "could not go back to its beginning")))
        return explain(s, "could not read object \"%s\"", key);
    return true;
}

static bool
dir_hash(struct scope *s, void *self, const char *key, char found[HASH_TEXT],
         char recorded[HASH_TEXT])
{
    int fd;
    return dir_open_object(s, self, key, &fd, found, recorded);
}

static bool
dir_stat(struct scope *s, void *self, const char *key, struct store_about *out)
{
    int fd;
    struct stat about;
    if (!dir_file(s, self, key, &fd, &about))
        return false;
    out->size_bytes = (int64_t)about.st_size;
    out->put_at = (int64_t)about.st_mtime;
    return sum_read(s, path_of(self), key, out->sha256) ||
           explain(s, "could not read object \"%s\"", key);
}

static bool
dir_list(struct scope *s, void *self, const char *prefix, const char *after, struct store_page *out)
{
    return store_walk(s, path_of(self), prefix, after, out);
}

static bool
path_remove(struct scope *s, const char *path)
{
    return unlink(path) == 0 || errno == ENOENT || errno == ENOTDIR || fail_system(s, path);
}

static bool
object_remove(struct scope *s, const struct directory *dir, const char *key)
{
    return sum_lock(s, dir->path) && path_remove(s, scope_print(s, "%s/%s", dir->path, key)) &&
           path_remove(s, scope_print(s, "%s/%s", sum_root(s, dir->path), key));
}

static bool
dir_remove(struct scope *s, void *self, const char *key)
{
    const struct scope_mark mark = scope_mark(s);
    const bool ok = object_remove(s, self, key);
    scope_release(s, mark);
    return ok;
}

static bool
dir_record(struct scope *s, void *self, const char *key, const char *sha256)
{
    const struct scope_mark mark = scope_mark(s);
    const bool ok = sum_lock(s, path_of(self)) && sum_write(s, self, key, sha256);
    scope_release(s, mark);
    return ok;
}

static bool
dir_sweep(struct scope *s, void *self, int64_t older_s, bool is_dry_run, size_t *n)
{
    const struct scope_mark mark = scope_mark(s);
    temporaries_sweep(s, path_of(self), older_s, is_dry_run, n);
    scope_release(s, mark);
    return true;
}

struct store *
store_open_dir(struct scope *s, const char *path)
{
    static const struct store_kind kind = {
        .put = dir_put,
        .get = dir_get,
        .open_object = dir_open_object,
        .hash = dir_hash,
        .stat = dir_stat,
        .list = dir_list,
        .file = dir_file,
        .remove = dir_remove,
        .record = dir_record,
        .sweep = dir_sweep,
    };
    struct directory *dir = scope_alloc(s, sizeof *dir);
    size_t n = 0;
    dir->path = scope_copy(s, path);

    const bool is_ours = access(path, W_OK) == 0 || errno == ENOENT; // else it can only be read
    if (is_ours && (!file_make_folders(s, scope_print(s, "%s/~", path)) ||
                    !file_make_folders(s, sum_root(s, dir->path)))) {
        explain(s, "could not open object store \"%s\"", path);
        return NULL;
    }
    if (!dir_sweep(s, dir, 0, false, &n))
        return NULL;
    return store_open_kind(s, &kind, dir, scope_print(s, "folder \"%s\"", path));
}
