#include "aqs/ingest_object.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "text/utf8.h"

#define CONTENT_BYTES 1000

const char *
ingest_object_text(struct scope *s, struct str raw, size_t most)
{
    struct buf out = buf_open(s, raw.n < most ? raw.n : most);
    for (size_t i = 0; i < raw.n;) {
        const size_t n = raw.at[i] == '\0' ? 0 : utf8_length(raw.at + i, raw.n - i);
        if (out.n + (n == 0 ? 1 : n) > most)
            break;
        if (n == 0)
            buf_char(&out, '?');
        else
            buf_add(&out, raw.at + i, n);
        i += n == 0 ? 1 : n;
    }
    return out.text;
}

const char *
ingest_object_clean(struct scope *s, struct str raw)
{
    return ingest_object_text(s, raw, CONTENT_BYTES);
}

static bool
descriptor_hash(struct scope *s, int fd, char sha256[HASH_TEXT], int64_t *size_bytes)
{
    struct hash *hash = hash_open(s);
    char *piece = scope_alloc(s, 65536);
    *size_bytes = 0;
    for (ssize_t n; (n = read(fd, piece, 65536)) != 0;) {
        if (n < 0)
            return fail(s, ERROR_UNAVAILABLE, "could not read: %s", strerror(errno));
        hash_add(hash, piece, (size_t)n);
        *size_bytes += n;
    }
    hash_finish(hash, sha256);
    return true;
}

bool
ingest_object_rewind(struct scope *s, int fd)
{
    return lseek(fd, 0, SEEK_SET) == 0 ||
           fail(s, ERROR_UNAVAILABLE, "could not go back to the beginning: %s", strerror(errno));
}

static bool
unkept_hash(struct scope *s, const struct ingest_request *request, const char *suffix,
            struct ingest_object *out)
{
    char *sha256 = scope_alloc(s, HASH_TEXT);
    *out = (struct ingest_object){.sha256 = sha256, .fd = request->fd};
    const bool ok = descriptor_hash(s, request->fd, sha256, &out->size_bytes);
    out->key = scope_print(s, "%s/%.2s/%s%s", INGEST_PREFIX, sha256, sha256, suffix);
    return ok;
}

bool
ingest_object_begin(struct scope *s, struct store *store, const struct ingest_request *request,
                    const char *suffix, struct ingest_object *out)
{
    struct stat about;
    if (request->is_dry_run)
        return unkept_hash(s, request, suffix, out);
    *out = (struct ingest_object){0};
    if (fstat(request->fd, &about) == 0)
        out->size_bytes = (int64_t)about.st_size;
    out->put = store_put_begin(s, store, request->fd, INGEST_PREFIX, suffix, &out->fd);
    return out->put != NULL;
}

bool
ingest_object_hashed(struct scope *s, struct ingest_object *object)
{
    struct store_kept *kept = scope_alloc(s, sizeof *kept);
    if (object->key != NULL)
        return true;
    if (!store_put_hashed(s, object->put, kept))
        return false;
    object->key = kept->key;
    object->sha256 = kept->sha256;
    object->size_bytes = kept->size_bytes;
    return true;
}

bool
ingest_object_keep(struct scope *s, struct store *store, const struct ingest_request *request,
                   const char *suffix, struct ingest_object *out)
{
    if (!ingest_object_begin(s, store, request, suffix, out) || !ingest_object_hashed(s, out))
        return false;
    const bool ok = out->put == NULL || store_put_finish(s, out->put);
    out->put = NULL;
    return ok;
}
