#include "store/store_kind.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

#include "base/chance.h"
#include "store/hasher.h"
#include "store/store_s3.h"
#include "store/store_seen.h"

#define SEGMENT_BYTES 255 // Linux's, of a file's name

struct store {
    const struct store_kind *kind;
    void *self;
    const char *place;
    struct seen *seen; // files that need not be checked again
};

struct store *
store_open(struct scope *s, const struct config *config)
{
    if (config->use_s3[0] == 't')
        return store_open_s3(s, config);
    return store_open_dir(s, config_path(s, config, "lake"));
}

struct store *
store_open_kind(struct scope *s, const struct store_kind *kind, void *self, const char *place)
{
    struct store *store = scope_alloc(s, sizeof *store);
    *store = (struct store){.kind = kind, .self = self, .place = place, .seen = seen_open(s)};
    return store;
}

const char *
store_place(const struct store *store)
{
    return store->place;
}

static bool
is_key_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("._=+-", c) != NULL);
}

bool
store_is_segment(const char *at, size_t n)
{
    if (n == 0 || n > SEGMENT_BYTES || (n == 1 && at[0] == '.') ||
        (n == 2 && at[0] == '.' && at[1] == '.'))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!is_key_character(at[i]))
            return false;
    return true;
}

bool
store_is_key(const char *key)
{
    if (strlen(key) > STORE_KEY_BYTES)
        return false;
    for (const char *at = key;; at++) {
        const size_t n = strcspn(at, "/");
        if (!store_is_segment(at, n))
            return false;
        at += n;
        if (*at == '\0')
            return true;
    }
}

static bool
key_check(struct scope *s, const char *key)
{
    return store_is_key(key) || fail(s, ERROR_INPUT, "\"%.100s\" cannot be an object's key", key);
}

const char *
store_key(struct scope *s, const char *prefix, const char *sha256, const char *suffix)
{
    return scope_print(s, "%s/%.2s/%s%s", prefix, sha256, sha256, suffix);
}

const char *
store_source_key(struct scope *s, const struct store_source *source, const char *sha256)
{
    if (source->key != NULL)
        return scope_copy(s, source->key);
    return store_key(s, source->prefix, sha256, source->suffix);
}

bool
store_key_hash(const char *key, char sha256[HASH_TEXT])
{
    const char *last = strrchr(key, '/');
    if (last == NULL || last - key < 3 || strspn(last + 1, "0123456789abcdef") != HASH_TEXT - 1 ||
        (last[HASH_TEXT] != '\0' && last[HASH_TEXT] != '.'))
        return false;
    if (last[-3] != '/' || memcmp(last - 2, last + 1, 2) != 0)
        return false;
    memcpy(sha256, last + 1, HASH_TEXT - 1);
    sha256[HASH_TEXT - 1] = '\0';
    return true;
}

bool
store_key_fits(struct scope *s, const char *key, const char *sha256)
{
    char due[HASH_TEXT];
    return !store_key_hash(key, due) || strcmp(due, sha256) == 0 ||
           fail(s, ERROR_CONFLICT, "the bytes have another hash than the key names (%s)", sha256);
}

bool
store_is_stream(const struct store_source *source)
{
    return source->fd >= 0 || source->inlet != NULL;
}

bool
store_source_copy(struct scope *s, const struct store_source *source, int to,
                  struct store_kept *out)
{
    int fd = source->fd;
    const struct inlet whole = hasher_inlet(&fd);
    if (source->put != NULL && !store_copy_begin(s, source->put, to))
        return false;
    return hasher_copy(s, source->inlet != NULL ? source->inlet : &whole, to, out->sha256,
                       &out->size_bytes);
}

static bool
source_check(struct scope *s, const struct store_source *source)
{
    char none[HASH_TEXT];
    return key_check(s, store_source_key(s, source, hash_bytes("", 0, none)));
}

bool
store_put_source(struct scope *s, struct store *store, const struct store_source *source,
                 struct store_kept *out)
{
    if (!source_check(s, source))
        return false;
    if (store->kind->put(s, store->self, source, out))
        return true;
    return source->key != NULL
               ? explain(s, "could not keep object \"%s\"", source->key)
               : explain(s, "could not keep an object under \"%s\"", source->prefix);
}

bool
store_put(struct scope *s, struct store *store, const char *key, struct str bytes)
{
    struct store_kept kept;
    const struct store_source source = {.key = key, .fd = -1, .bytes = bytes};
    return store_put_source(s, store, &source, &kept);
}

bool
store_put_fd(struct scope *s, struct store *store, const char *key, int fd, struct store_kept *out)
{
    const struct store_source source = {.key = key, .fd = fd};
    assert(fd >= 0);
    return store_put_source(s, store, &source, out);
}

bool
store_put_stream(struct scope *s, struct store *store, int fd, const char *prefix,
                 const char *suffix, struct store_kept *out)
{
    const struct store_source source = {.prefix = prefix, .suffix = suffix, .fd = fd};
    assert(fd >= 0);
    return store_put_source(s, store, &source, out);
}

// A put compares its bytes with those that had the key before, so that either are checked now. One
// that the lake's upkeep has taken meanwhile is not here to be seen.
static void
kept_see(struct store *store, const struct store_kept *kept)
{
    int fd;
    struct stat about;
    struct scope own = {0};
    if (store->kind->file != NULL && store->kind->file(&own, store->self, kept->key, &fd, &about))
        seen_add(store->seen, &about, kept->sha256);
    scope_close(&own);
}

bool
store_put_inlet(struct scope *s, struct store *store, const struct inlet *from, const char *prefix,
                const char *suffix, struct store_kept *out)
{
    const struct store_source source = {
        .prefix = prefix, .suffix = suffix, .fd = -1, .inlet = from};
    if (!store_put_source(s, store, &source, out))
        return false;
    kept_see(store, out);
    return true;
}

// Holds what was read against everything that is known.
static bool
hash_check(struct scope *s, const char *key, const char *found, const char *recorded,
           const char *given)
{
    char named[HASH_TEXT];
    const char *const due[] = {given, *recorded == '\0' ? NULL : recorded,
                               store_key_hash(key, named) ? named : NULL};
    bool is_known = false;
    for (size_t i = 0; i < sizeof due / sizeof *due; i++) {
        if (due[i] != NULL && strcmp(found, due[i]) != 0)
            return fail(s, ERROR_CONFLICT, "object \"%s\" is damaged: its hash is %s, not %s", key,
                        found, due[i]);
        is_known = is_known || due[i] != NULL;
    }
    return is_known ||
           fail(s, ERROR_CONFLICT,
                "no hash of object \"%s\" is known; if its bytes are right, record the one they "
                "have by: airwatch lake verify %s --adopt",
                key, key);
}

bool
store_get(struct scope *s, struct store *store, const char *key, size_t limit_bytes,
          const char *sha256, struct str *out)
{
    char found[HASH_TEXT], recorded[HASH_TEXT] = "";
    return key_check(s, key) && store->kind->get(s, store->self, key, limit_bytes, out, recorded) &&
           hash_check(s, key, hash_bytes(out->at, out->n, found), recorded, sha256);
}

bool
store_open_object(struct scope *s, struct store *store, const char *key, const char *sha256,
                  int *fd)
{
    char found[HASH_TEXT], recorded[HASH_TEXT] = "";
    return key_check(s, key) &&
           store->kind->open_object(s, store->self, key, fd, found, recorded) &&
           hash_check(s, key, found, recorded, sha256);
}

// The hash that an object ought to have; "" where nobody knows it.
static const char *
due_find(struct scope *s, struct store *store, const char *key, const char *given)
{
    struct scope own = {0};
    struct store_about about;
    const char *due = given;
    if (due == NULL && store_stat(&own, store, key, &about))
        due = scope_copy(s, about.sha256);
    scope_close(&own);
    return due == NULL ? "" : due;
}

// Refuses bytes that are not the object's, and goes back to their beginning.
static bool
bytes_fit(struct scope *s, const char *key, int fd, const char *due)
{
    char found[HASH_TEXT];
    if (!hasher_read(s, fd, found))
        return false;
    if (strcmp(found, due) != 0)
        return fail(s, ERROR_CONFLICT,
                    "could not keep object \"%s\": its hash is %s, and that of the bytes %s", key,
                    due, found);
    return lseek(fd, 0, SEEK_SET) == 0 ||
           fail(s, ERROR_CONFLICT, "object \"%s\" can be put by a file, not by a pipe", key);
}

bool
store_mend(struct scope *s, struct store *store, const char *key, int fd, const char *sha256,
           struct store_kept *out, bool *is_mended)
{
    struct store_source source = {.key = key, .fd = fd};
    const bool is_whole = store_verify(s, store, key, sha256);
    const bool is_refused = s->kind == ERROR_CONFLICT;
    const char *due = sha256 == NULL ? "" : sha256;
    *is_mended = false;
    if (!is_whole && !is_refused && s->kind != ERROR_MISSING)
        return false;
    scope_forgive(s);
    if (is_refused)
        due = due_find(s, store, key, sha256);
    if (*due != '\0' && !bytes_fit(s, key, fd, due))
        return false;
    source.replaces = is_refused && *due != '\0'; // else nobody knows its hash: bytes are compared
    const bool ok = store_put_source(s, store, &source, out);
    *is_mended = ok && source.replaces;
    return ok;
}

bool
store_vouch(struct scope *s, struct store *store, const char *key, const char *sha256,
            bool *is_file)
{
    int fd;
    struct stat about;
    *is_file = store->kind->file != NULL;
    if (!*is_file)
        return true;
    if (!key_check(s, key) || !store->kind->file(s, store->self, key, &fd, &about))
        return false;
    if (seen_has(store->seen, &about, sha256))
        return true;
    if (!store_verify(s, store, key, sha256))
        return false;
    seen_add(store->seen, &about, sha256);
    return true;
}

bool
store_verify(struct scope *s, struct store *store, const char *key, const char *sha256)
{
    char found[HASH_TEXT], recorded[HASH_TEXT] = "";
    return key_check(s, key) && store->kind->hash(s, store->self, key, found, recorded) &&
           hash_check(s, key, found, recorded, sha256);
}

bool
store_stat(struct scope *s, struct store *store, const char *key, struct store_about *out)
{
    *out = (struct store_about){0};
    if (!key_check(s, key) || !store->kind->stat(s, store->self, key, out))
        return false;
    store_key_hash(key, out->sha256);
    return true;
}

bool
store_list(struct scope *s, struct store *store, const char *prefix, const char *after,
           struct store_page *out)
{
    *out = (struct store_page){0};
    if (strlen(prefix) > STORE_KEY_BYTES)
        return fail(s, ERROR_INPUT, "\"%.100s\" cannot begin an object's key", prefix);
    return store->kind->list(s, store->self, prefix, after, out) ||
           explain(s, "could not list objects under \"%s\"", prefix);
}

bool
store_delete(struct scope *s, struct store *store, const char *key)
{
    return key_check(s, key) && (store->kind->remove(s, store->self, key) ||
                                 explain(s, "could not remove object \"%s\"", key));
}

bool
store_adopt(struct scope *s, struct store *store, const char *key)
{
    char found[HASH_TEXT], recorded[HASH_TEXT] = "";
    struct store_about about;
    if (!store_stat(s, store, key, &about))
        return false;
    if (*about.sha256 != '\0')
        return true;
    return store->kind->hash(s, store->self, key, found, recorded) &&
           (store->kind->record(s, store->self, key, found) ||
            explain(s, "could not record the hash of object \"%s\"", key));
}

bool
store_sweep(struct scope *s, struct store *store, int64_t older_s, bool is_dry_run, size_t *n)
{
    *n = 0;
    return store->kind->sweep(s, store->self, older_s, is_dry_run, n) ||
           explain(s, "could not remove what unfinished writers left");
}

bool
store_check(struct scope *s, struct store *store)
{
    char id[UUID_TEXT];
    struct str back;
    const char *key = scope_print(s, "health/%s", chance_uuid(id));
    const struct str bytes = {id, UUID_TEXT - 1};

    struct store brief = *store;
    if (store->kind->brief != NULL)
        brief.self = store->kind->brief(s, store->self);
    return store_put(s, &brief, key, bytes) && store_get(s, &brief, key, UUID_TEXT, NULL, &back) &&
           store_delete(s, &brief, key);
}
