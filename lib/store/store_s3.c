// store/store_s3.c: objects in S3.
//
// What is put is first copied to an unnamed file in the home's "tmp", by which its hash is known
// before it is sent and a part can be sent again; what is opened is copied there too, and checked
// on the way. An object's hash is its metadata "x-amz-meta-sha256".
#include "store/store_s3.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/time.h"
#include "store/hasher.h"
#include "store/s3.h"
#include "store/s3_error.h"
#include "store/store_kind.h"

#define ARTIFACTS "artifacts/"

// Opens an unnamed file in the spool; it goes with the scope.
static bool
spool_open(struct scope *s, const struct s3 *s3, int *fd)
{
    char *path = scope_print(s, "%s/lake-XXXXXX", s3->spool);
    *fd = mkstemp(path);
    if (*fd < 0)
        return fail(s, ERROR_UNAVAILABLE, "could not make a temporary file in \"%s\": %s",
                    s3->spool, strerror(errno));
    unlink(path);
    file_defer_close(s, *fd);
    return true;
}

static bool
rewind_to_start(struct scope *s, int fd)
{
    return lseek(fd, 0, SEEK_SET) == 0 ||
           fail(s, ERROR_UNAVAILABLE, "could not go back to the beginning: %s", strerror(errno));
}

// ---- reading
// -------------------------------------------------------------------------------------

struct sink { // what a GET fills: a file, memory, or only a hash
    struct scope *s;
    int fd; // -1: no file
    bool is_memory;
    struct hash *hash;
    struct buf bytes; // then
    size_t limit_bytes;
    int64_t size_bytes;
};

static bool
sink_begin(void *context)
{
    struct sink *sink = context;
    sink->size_bytes = 0;
    if (sink->is_memory) {
        buf_clear(&sink->bytes);
        return true;
    }
    sink->hash = hash_open(sink->s);
    return sink->fd < 0 || (ftruncate(sink->fd, 0) == 0 && lseek(sink->fd, 0, SEEK_SET) == 0);
}

static bool
sink_take(void *context, const char *bytes, size_t n)
{
    struct sink *sink = context;
    sink->size_bytes += (int64_t)n;
    if (!sink->is_memory) {
        hash_add(sink->hash, bytes, n);
        return sink->fd < 0 || file_put(sink->s, sink->fd, bytes, n);
    }
    if (sink->bytes.n + n > sink->limit_bytes)
        return fail(sink->s, ERROR_LIMIT, "more than %zu bytes", sink->limit_bytes);
    buf_add(&sink->bytes, bytes, n);
    return true;
}

static bool
object_get(struct scope *s, const struct s3 *s3, const char *key, struct sink *sink,
           char recorded[HASH_TEXT])
{
    struct s3_answer answer;
    const struct s3_request r = {
        .method = "GET",
        .bucket = s3_bucket(s3, key),
        .key = s3_key(s, s3, key),
        .also = "NoSuchKey",
        .begin = sink_begin,
        .take = sink_take,
        .context = sink,
    };
    if (!s3_ask(s, s3, &r, &answer) || s->kind != ERROR_NONE)
        return explain(s, "could not read object \"%s\"", key);
    if (*answer.code != '\0')
        return fail(s, ERROR_MISSING, "there is no object \"%s\"", key);
    const char *sha256 = exchange_header(s, &answer.raw, "x-amz-meta-sha256");
    if (strlen(sha256) == HASH_TEXT - 1)
        memcpy(recorded, sha256, HASH_TEXT);
    return true;
}

static bool
s3_get(struct scope *s, void *self, const char *key, size_t limit_bytes, struct str *out,
       char recorded[HASH_TEXT])
{
    struct sink sink = {.s = s, .fd = -1, .is_memory = true, .limit_bytes = limit_bytes};
    sink.bytes = buf_open(s, 1 << 16);
    if (!object_get(s, self, key, &sink, recorded))
        return false;
    *out = (struct str){sink.bytes.text, sink.bytes.n};
    return true;
}

static bool
s3_open_object(struct scope *s, void *self, const char *key, int *fd, char found[HASH_TEXT],
               char recorded[HASH_TEXT])
{
    struct sink sink = {.s = s};
    if (!spool_open(s, self, &sink.fd) || !object_get(s, self, key, &sink, recorded))
        return false;
    *fd = sink.fd;
    hash_finish(sink.hash, found);
    return rewind_to_start(s, *fd);
}

static bool
s3_hash(struct scope *s, void *self, const char *key, char found[HASH_TEXT],
        char recorded[HASH_TEXT])
{
    struct sink sink = {.s = s, .fd = -1};
    if (!object_get(s, self, key, &sink, recorded))
        return false;
    hash_finish(sink.hash, found);
    return true;
}

// Tells of an object, if it is there.
static bool
object_find(struct scope *s, const struct s3 *s3, const char *key, bool *is_found,
            struct store_about *out)
{
    struct s3_answer answer;
    const struct s3_request r = {
        .method = "HEAD",
        .bucket = s3_bucket(s3, key),
        .key = s3_key(s, s3, key),
        .also = "NoSuchKey",
    };
    *out = (struct store_about){0};
    if (!s3_ask(s, s3, &r, &answer))
        return false;
    *is_found = *answer.code == '\0';
    if (!*is_found)
        return true;
    const char *sha256 = exchange_header(s, &answer.raw, "x-amz-meta-sha256");
    if (strlen(sha256) == HASH_TEXT - 1)
        memcpy(out->sha256, sha256, HASH_TEXT);
    out->size_bytes = strtoll(exchange_header(s, &answer.raw, "Content-Length"), NULL, 10);
    s3_time_read(exchange_header(s, &answer.raw, "Last-Modified"), &out->put_at);
    return true;
}

static bool
s3_stat(struct scope *s, void *self, const char *key, struct store_about *out)
{
    bool is_found;
    if (!object_find(s, self, key, &is_found, out))
        return explain(s, "could not look for object \"%s\"", key);
    return is_found || fail(s, ERROR_MISSING, "there is no object \"%s\"", key);
}

// ---- writing
// -------------------------------------------------------------------------------------

// Copies an object onto itself with new metadata.
static bool
s3_record(struct scope *s, void *self, const char *key, const char *sha256)
{
    const struct s3 *s3 = self;
    struct s3_answer answer;
    char none[HASH_TEXT];
    struct s3_request r = {
        .method = "PUT",
        .bucket = s3_bucket(s3, key),
        .key = s3_key(s, s3, key),
        .sha256 = hash_bytes("", 0, none),
    };
    r.headers[0] = scope_print(s, "x-amz-copy-source: /%s/%s", r.bucket, s3_key_encode(s, r.key));
    r.headers[1] = "x-amz-metadata-directive: REPLACE";
    s3_object_headers(s, s3, sha256, r.headers);
    if (!s3_ask(s, s3, &r, &answer))
        return false;
    const struct s3_error e = s3_error_read(s, &answer.raw); // "200 OK" may still end as an error
    return *e.code == '\0' || s3_error_fail(s, &e, r.bucket, s3->config->region);
}

// Compares what a key holds with what was to be put there; the same bytes of an object without a
// record become known by it.
static bool
same_check(struct scope *s, const struct s3 *s3, const char *key, const struct store_about *there,
           const char *sha256)
{
    char found[HASH_TEXT], recorded[HASH_TEXT] = "";
    memcpy(found, there->sha256, HASH_TEXT);
    const bool is_known = *found != '\0' || store_key_hash(key, found);
    if (!is_known && !s3_hash(s, (void *)s3, key, found, recorded))
        return false;
    if (strcmp(found, sha256) != 0)
        return fail(s, ERROR_CONFLICT, "the key holds other bytes (hash %s)", found);
    return is_known || s3_record(s, (void *)s3, key, sha256);
}

static bool
body_put(struct scope *s, const struct s3 *s3, const char *key, const struct s3_body *body)
{
    struct store_about there;
    bool is_found, is_taken;
    if (!body->replaces && !object_find(s, s3, key, &is_found, &there))
        return false;
    if (!body->replaces && is_found)
        return same_check(s, s3, key, &there, body->sha256);
    if (!s3_upload(s, s3, key, body, &is_taken))
        return false;
    if (!is_taken) // by another writer, or by a try of ours whose answer was lost
        return true;
    if (!object_find(s, s3, key, &is_found, &there))
        return false;
    return is_found ? same_check(s, s3, key, &there, body->sha256)
                    : fail(s, ERROR_UNAVAILABLE, "another writer is at the same key");
}

static bool
source_spool(struct scope *s, const struct s3 *s3, const struct store_source *source,
             struct store_kept *out)
{
    if (!spool_open(s, s3, &out->fd))
        return false;
    if (store_is_stream(source))
        return store_source_copy(s, source, out->fd, out);
    return file_put(s, out->fd, source->bytes.at, source->bytes.n);
}

static bool
s3_put(struct scope *s, void *self, const struct store_source *source, struct store_kept *out)
{
    const struct s3 *s3 = self;
    const bool is_stream = store_is_stream(source);
    const bool is_small = !is_stream && (int64_t)source->bytes.n <= s3->config->part_bytes;
    *out = (struct store_kept){.fd = -1};
    if (!is_stream) {
        hash_bytes(source->bytes.at, source->bytes.n, out->sha256);
        out->size_bytes = (int64_t)source->bytes.n;
    }
    if (!is_small && (!source_spool(s, s3, source, out) || !rewind_to_start(s, out->fd)))
        return false;
    out->key = store_source_key(s, source, out->sha256);
    const struct s3_body body = {.bytes = is_small ? source->bytes : (struct str){"", 0},
                                 .fd = out->fd,
                                 .fd_bytes = is_small ? 0 : out->size_bytes,
                                 .sha256 = out->sha256,
                                 .replaces = source->replaces};
    if (!store_key_fits(s, out->key, out->sha256))
        return false;
    store_ready(source, out); // what is sent is read by place, so a reader's own is not moved
    return body_put(s, s3, out->key, &body);
}

static bool
s3_remove(struct scope *s, void *self, const char *key)
{
    const struct s3 *s3 = self;
    struct s3_answer answer;
    const struct s3_request r = {
        .method = "DELETE",
        .bucket = s3_bucket(s3, key),
        .key = s3_key(s, s3, key),
        .also = "NoSuchKey",
    };
    return s3_ask(s, s3, &r, &answer);
}

// ---- listing
// -------------------------------------------------------------------------------------

static bool
begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

// Takes from two pages, each in order, what is in the order of both: up to where either goes on.
static void
pages_merge(struct scope *s, const struct store_page *data, const struct store_page *artifacts,
            struct store_page *out)
{
    const struct store_page *const both[] = {data, artifacts};
    size_t at[] = {0, 0};
    for (int i = 0; i < 2; i++) {
        const char *next = both[i]->next;
        out->n_foreign += both[i]->n_foreign;
        if (next != NULL && (out->next == NULL || strcmp(next, out->next) < 0))
            out->next = next;
    }
    out->entries = scope_array(s, 2 * (size_t)STORE_PAGE_MOST, sizeof *out->entries);
    for (;;) {
        int least = -1;
        for (int i = 0; i < 2; i++)
            if (at[i] < both[i]->n &&
                (least < 0 ||
                 strcmp(both[i]->entries[at[i]].key, both[least]->entries[at[least]].key) < 0))
                least = i;
        if (least < 0)
            return;
        const struct store_entry *e = &both[least]->entries[at[least]++];
        if (out->next != NULL && strcmp(e->key, out->next) > 0)
            return;
        if (least == 1 || !begins(e->key, ARTIFACTS)) // others are not in use there
            out->entries[out->n++] = *e;
    }
}

static bool
s3_list_all(struct scope *s, void *self, const char *prefix, const char *after,
            struct store_page *out)
{
    const struct s3 *s3 = self;
    struct store_page data = {0}, artifacts = {0};
    const bool is_one = strcmp(s3->bucket, s3->artifact_bucket) == 0;
    if (is_one || begins(prefix, ARTIFACTS) || !begins(ARTIFACTS, prefix))
        return s3_list(s, s3, s3_bucket(s3, prefix), prefix, after, out);
    if (!s3_list(s, s3, s3->bucket, prefix, after, &data) ||
        !s3_list(s, s3, s3->artifact_bucket, ARTIFACTS, after, &artifacts))
        return false;
    pages_merge(s, &data, &artifacts, out);
    return true;
}

static bool
s3_sweep(struct scope *s, void *self, int64_t older_s, bool is_dry_run, size_t *n)
{
    const struct s3 *s3 = self;
    const int64_t before = time_now() - older_s;
    return s3_uploads_end(s, s3, s3->bucket, before, is_dry_run, n) &&
           (strcmp(s3->bucket, s3->artifact_bucket) == 0 ||
            s3_uploads_end(s, s3, s3->artifact_bucket, before, is_dry_run, n));
}

static void *
s3_brief(struct scope *s, void *self)
{
    return s3_hasty(s, self);
}

struct store *
store_open_s3(struct scope *s, const struct config *config)
{
    static const struct store_kind kind = {
        .put = s3_put,
        .get = s3_get,
        .open_object = s3_open_object,
        .hash = s3_hash,
        .stat = s3_stat,
        .list = s3_list_all,
        .remove = s3_remove,
        .record = s3_record,
        .sweep = s3_sweep,
        .brief = s3_brief,
    };
    struct s3 *s3 = s3_open(s, config);
    if (s3 == NULL) {
        explain(s, "could not open the lake in S3");
        return NULL;
    }
    const char *place = scope_print(s, "bucket \"%s\"", s3->bucket);
    return store_open_kind(s, &kind, s3, place);
}
