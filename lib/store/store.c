#include "store/store_kind.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/chance.h"

#define KEY_BYTES 512

struct store {
    const struct store_kind *kind;
    void *self;
};

struct store *
store_open_kind(struct scope *s, const struct store_kind *kind, void *self)
{
    struct store *store = scope_alloc(s, sizeof *store);
    *store = (struct store){.kind = kind, .self = self};
    return store;
}

static bool
is_key_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("._=+-", c) != NULL);
}

static bool
segment_check(const char *at, size_t n)
{
    if (n == 0 || (n == 1 && at[0] == '.') || (n == 2 && at[0] == '.' && at[1] == '.'))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!is_key_character(at[i]))
            return false;
    return true;
}

static bool
key_check(struct scope *s, const char *key)
{
    bool ok = strlen(key) <= KEY_BYTES;
    for (const char *at = key; ok; at++) {
        const size_t n = strcspn(at, "/");
        ok = segment_check(at, n);
        at += n;
        if (*at == '\0')
            break;
    }
    if (!ok)
        return fail(s, ERROR_INPUT, "\"%.100s\" cannot be an object's key", key);
    return true;
}

const char *
store_key(struct scope *s, const char *prefix, const char *sha256, const char *suffix)
{
    return scope_print(s, "%s/%.2s/%s%s", prefix, sha256, sha256, suffix);
}

bool
store_put(struct scope *s, struct store *store, const char *key, struct str bytes)
{
    if (!key_check(s, key))
        return false;
    return store->kind->put(s, store->self, key, bytes) ||
           explain(s, "could not keep object \"%s\"", key);
}

bool
store_put_stream(struct scope *s, struct store *store, int fd, const char *prefix,
                 const char *suffix, const char **key, char sha256[HASH_TEXT], int64_t *size_bytes)
{
    char none[HASH_TEXT];
    if (!key_check(s, store_key(s, prefix, hash_bytes("", 0, none), suffix)))
        return false;
    return store->kind->put_stream(s, store->self, fd, prefix, suffix, key, sha256, size_bytes) ||
           explain(s, "could not keep an object under \"%s\"", prefix);
}

bool
store_open_object(struct scope *s, struct store *store, const char *key, int *fd)
{
    return key_check(s, key) && store->kind->open_object(s, store->self, key, fd);
}

static bool
descriptor_read(struct scope *s, int fd, size_t limit_bytes, struct buf *out)
{
    for (;;) {
        const ssize_t n = read(fd, buf_room(out, 65536), 65536);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(s, ERROR_UNAVAILABLE, "%s", strerror(errno));
        if (n == 0)
            return true;
        buf_grow(out, (size_t)n);
        if (out->n > limit_bytes)
            return fail(s, ERROR_LIMIT, "more than %zu bytes", limit_bytes);
    }
}

bool
store_get(struct scope *s, struct store *store, const char *key, size_t limit_bytes,
          const char *sha256, struct str *out)
{
    int fd;
    char found[HASH_TEXT];
    struct buf bytes = buf_open(s, 65536);

    if (!store_open_object(s, store, key, &fd))
        return false;
    if (!descriptor_read(s, fd, limit_bytes, &bytes))
        return explain(s, "could not read object \"%s\"", key);
    if (sha256 != NULL && strcmp(hash_bytes(bytes.text, bytes.n, found), sha256) != 0)
        return fail(s, ERROR_CONFLICT, "object \"%s\" has hash %s, not %s", key, found, sha256);
    *out = (struct str){bytes.text, bytes.n};
    return true;
}

bool
store_check(struct scope *s, struct store *store)
{
    char id[UUID_TEXT];
    struct str back;
    const char *key = scope_print(s, "health/%s", chance_uuid(id));
    const struct str bytes = {id, UUID_TEXT - 1};

    if (!store_put(s, store, key, bytes))
        return false;
    const bool ok = store_get(s, store, key, UUID_TEXT, NULL, &back);
    if (ok && (back.n != bytes.n || memcmp(back.at, id, back.n) != 0))
        return fail(s, ERROR_BUG, "object \"%s\" reads as other bytes than written", key);
    return ok && store->kind->remove(s, store->self, key);
}
