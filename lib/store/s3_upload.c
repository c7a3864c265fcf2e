// store/s3_upload.c: objects into S3: by one request, or in parts that appear as one object.
#include <assert.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/log.h"
#include "store/s3.h"
#include "store/s3_error.h"
#include "text/url.h"
#include "text/xml.h"

#define PARTS_MOST 10000 // S3's
#define PIECE_BYTES ((size_t)1 << 17)
#define TAKEN "PreconditionFailed ConditionalRequestConflict NotImplemented NoSuchUpload"

struct upload {
    struct scope *s;
    const struct s3 *s3;
    const char *bucket, *key, *id;
    const struct s3_body *body;
    int64_t part_bytes;
    struct buf done; // the parts so far, as XML
};

void
s3_object_headers(struct scope *s, const struct s3 *s3, const char *sha256,
                  const char *headers[S3_HEADERS])
{
    const struct config_s3 *c = s3->config;
    size_t n = 0;
    while (headers[n] != NULL)
        n++;
    assert(n + 3 < S3_HEADERS);
    headers[n++] = scope_print(s, "x-amz-meta-sha256: %s", sha256);
    if (c->encryption != NULL)
        headers[n++] = scope_print(s, "x-amz-server-side-encryption: %s", c->encryption);
    if (c->encryption != NULL && c->encryption_key != NULL)
        headers[n++] =
            scope_print(s, "x-amz-server-side-encryption-aws-kms-key-id: %s", c->encryption_key);
}

// Asks on the condition that the key is free, where the server knows such conditions, or is to
// replace what it holds. An upload that is not known any more was ended by a try whose answer was
// lost.
static bool
ask_if_free(struct scope *s, const struct s3 *s3, struct s3_request *r, bool replaces,
            bool *is_taken)
{
    struct s3_answer answer;
    size_t n = 0;
    while (r->headers[n] != NULL)
        n++;
    r->also = TAKEN;
    if (!replaces && !atomic_load(s3->is_unconditional))
        r->headers[n] = "If-None-Match: *";
    if (!s3_ask(s, s3, r, &answer))
        return false;
    if (strcmp(answer.code, "NotImplemented") == 0) {
        atomic_store(s3->is_unconditional, true);
        r->headers[n] = NULL;
        r->also = "NoSuchUpload";
        if (!s3_ask(s, s3, r, &answer))
            return false;
    }
    *is_taken = *answer.code != '\0';
    if (!*is_taken && answer.raw.body.n > 0) { // "200 OK" may still end as an error
        const struct s3_error e = s3_error_read(s, &answer.raw);
        if (*e.code != '\0')
            return s3_error_fail(s, &e, r->bucket, s3->config->region);
    }
    return true;
}

static bool
put_whole(struct scope *s, const struct s3 *s3, const char *key, const struct s3_body *body,
          bool *is_taken)
{
    struct s3_request r = {
        .method = "PUT",
        .bucket = s3_bucket(s3, key),
        .key = s3_key(s, s3, key),
        .sha256 = body->sha256,
        .bytes = body->bytes,
        .fd = body->fd,
        .fd_bytes = body->fd_bytes,
    };
    s3_object_headers(s, s3, body->sha256, r.headers);
    return ask_if_free(s, s3, &r, body->replaces, is_taken);
}

// Finds the text of the first element of a name.
static bool
element_find(struct scope *s, struct str text, const char *name, const char **out)
{
    struct xml x = xml_open(text.at, text.n);
    struct xml_event e;
    do {
        if (!xml_next(s, &x, &e))
            return false;
        if (e.kind == XML_CLOSE && strcmp(e.name, name) == 0) {
            *out = e.text;
            return true;
        }
    } while (e.kind != XML_END);
    return fail(s, ERROR_UNAVAILABLE, "S3's answer has no <%s>", name);
}

static bool
upload_begin(struct upload *u)
{
    char none[HASH_TEXT];
    struct s3_answer answer;
    struct s3_request r = {
        .method = "POST",
        .bucket = u->bucket,
        .key = u->key,
        .query = "uploads=",
        .sha256 = hash_bytes("", 0, none),
    };
    s3_object_headers(u->s, u->s3, u->body->sha256, r.headers);
    return s3_ask(u->s, u->s3, &r, &answer) &&
           element_find(u->s, answer.raw.body, "UploadId", &u->id);
}

static bool
part_hash(struct scope *s, int fd, int64_t offset, int64_t size_bytes, char sha256[HASH_TEXT])
{
    struct hash *hash = hash_open(s);
    char *piece = scope_alloc(s, PIECE_BYTES);
    while (size_bytes > 0) {
        const size_t most = size_bytes < (int64_t)PIECE_BYTES ? (size_t)size_bytes : PIECE_BYTES;
        const ssize_t n = pread(fd, piece, most, (off_t)offset);
        if (n <= 0)
            return fail(s, ERROR_UNAVAILABLE, "could not read what is to be put");
        hash_add(hash, piece, (size_t)n);
        offset += n;
        size_bytes -= n;
    }
    hash_finish(hash, sha256);
    return true;
}

static const char *
id_query(struct scope *s, const char *before, const char *id)
{
    struct buf query = buf_open(s, 128);
    buf_print(&query, "%suploadId=", before);
    url_encode(&query, id);
    return query.text;
}

static bool
part_put(struct scope *s, struct upload *u, int number, int64_t offset)
{
    char sha256[HASH_TEXT];
    struct s3_answer answer;
    const int64_t left = u->body->fd_bytes - offset;
    const int64_t n = left < u->part_bytes ? left : u->part_bytes;
    if (!part_hash(s, u->body->fd, offset, n, sha256))
        return false;
    const struct s3_request r = {
        .method = "PUT",
        .bucket = u->bucket,
        .key = u->key,
        .query = id_query(s, scope_print(s, "partNumber=%d&", number), u->id),
        .sha256 = sha256,
        .fd = u->body->fd,
        .fd_offset = offset,
        .fd_bytes = n,
    };
    if (!s3_ask(s, u->s3, &r, &answer))
        return explain(s, "part %d", number);
    const char *tag = exchange_header(s, &answer.raw, "ETag");
    if (*tag == '\0')
        return fail(s, ERROR_UNAVAILABLE, "S3 gave no ETag for part %d", number);
    buf_print(&u->done, "<Part><PartNumber>%d</PartNumber><ETag>", number);
    xml_text(&u->done, tag);
    buf_text(&u->done, "</ETag></Part>");
    return true;
}

static bool
parts_put(struct upload *u)
{
    int number = 1;
    for (int64_t offset = 0; offset < u->body->fd_bytes; offset += u->part_bytes) {
        struct scope part = {0};
        const bool ok = part_put(&part, u, number++, offset);
        if (!ok)
            fail_as(u->s, &part);
        scope_close(&part);
        if (!ok)
            return false;
    }
    return true;
}

static bool
upload_finish(struct upload *u, bool *is_taken)
{
    char sha256[HASH_TEXT];
    struct scope *s = u->s;
    const char *text =
        scope_print(s,
                    "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">%s"
                    "</CompleteMultipartUpload>",
                    u->done.text);
    const struct str bytes = {text, strlen(text)};
    struct s3_request r = {
        .method = "POST",
        .bucket = u->bucket,
        .key = u->key,
        .query = id_query(s, "", u->id),
        .sha256 = hash_bytes(bytes.at, bytes.n, sha256),
        .bytes = bytes,
    };
    return ask_if_free(s, u->s3, &r, u->body->replaces, is_taken);
}

static bool
upload_end(struct scope *s, const struct s3 *s3, const char *bucket, const char *key,
           const char *id)
{
    struct s3_answer answer;
    const struct s3_request r = {
        .method = "DELETE",
        .bucket = bucket,
        .key = key,
        .query = id_query(s, "", id),
        .also = "NoSuchUpload NoSuchKey",
    };
    return s3_ask(s, s3, &r, &answer);
}

// Leaves no parts behind, if S3 still listens; else `airwatch lake expire` finds them.
static void
upload_abort(const struct upload *u)
{
    struct scope own = {0};
    if (!upload_end(&own, s3_hasty(&own, u->s3), u->bucket, u->key, u->id))
        log_warn("upload.left", "key=%s reason=\"%s\"", u->key, own.message);
    scope_close(&own);
}

static bool
put_in_parts(struct scope *s, const struct s3 *s3, const char *key, const struct s3_body *body,
             bool *is_taken)
{
    const int64_t least = (body->fd_bytes + PARTS_MOST - 1) / PARTS_MOST;
    struct upload u = {
        .s = s,
        .s3 = s3,
        .bucket = s3_bucket(s3, key),
        .key = s3_key(s, s3, key),
        .body = body,
        .part_bytes = least > s3->config->part_bytes ? least : s3->config->part_bytes,
        .done = buf_open(s, 4096),
    };
    if (!upload_begin(&u))
        return false;
    const bool ok = parts_put(&u) && upload_finish(&u, is_taken);
    if (!ok || *is_taken)
        upload_abort(&u);
    return ok;
}

bool
s3_upload(struct scope *s, const struct s3 *s3, const char *key, const struct s3_body *body,
          bool *is_taken)
{
    *is_taken = false;
    return body->fd_bytes > s3->config->part_bytes ? put_in_parts(s, s3, key, body, is_taken)
                                                   : put_whole(s, s3, key, body, is_taken);
}

struct leftover {
    const char *key, *id;
    int64_t begun_at;
};

// Ends what a page of uploads lists and tells where the next begins, NULL at the last.
static bool
uploads_page(struct scope *s, const struct s3 *s3, const char *bucket, struct str text,
             int64_t before, bool is_dry_run, size_t *n, const char *next[2])
{
    struct xml x = xml_open(text.at, text.n);
    struct xml_event e;
    struct leftover one = {"", "", 0};
    bool is_truncated = false;
    next[0] = next[1] = NULL;
    for (;;) {
        if (!xml_next(s, &x, &e))
            return false;
        if (e.kind == XML_END)
            break;
        if (e.kind == XML_OPEN)
            continue;
        if (strcmp(e.name, "Key") == 0)
            one.key = e.text;
        else if (strcmp(e.name, "UploadId") == 0)
            one.id = e.text;
        else if (strcmp(e.name, "Initiated") == 0)
            s3_time_read(e.text, &one.begun_at);
        else if (strcmp(e.name, "IsTruncated") == 0)
            is_truncated = strcmp(e.text, "true") == 0;
        else if (strcmp(e.name, "NextKeyMarker") == 0)
            next[0] = e.text;
        else if (strcmp(e.name, "NextUploadIdMarker") == 0)
            next[1] = e.text;
        if (strcmp(e.name, "Upload") != 0 || one.begun_at > before ||
            strncmp(one.key, s3->prefix, strlen(s3->prefix)) != 0)
            continue;
        if (!is_dry_run && !upload_end(s, s3, bucket, one.key, one.id))
            return explain(s, "could not end the upload of \"%s\"", one.key);
        ++*n;
    }
    if (!is_truncated)
        next[0] = NULL;
    return true;
}

bool
s3_uploads_end(struct scope *s, const struct s3 *s3, const char *bucket, int64_t before,
               bool is_dry_run, size_t *n)
{
    const char *next[2] = {"", ""};
    while (next[0] != NULL) {
        struct s3_answer answer;
        struct buf query = buf_open(s, 256);
        buf_text(&query, "key-marker=");
        url_encode(&query, next[0]);
        buf_text(&query, "&max-uploads=1000&prefix=");
        url_encode(&query, s3->prefix);
        buf_text(&query, "&upload-id-marker=");
        url_encode(&query, next[1] == NULL ? "" : next[1]);
        buf_text(&query, "&uploads=");
        const struct s3_request r = {.method = "GET", .bucket = bucket, .query = query.text};
        if (!s3_ask(s, s3, &r, &answer) ||
            !uploads_page(s, s3, bucket, answer.raw.body, before, is_dry_run, n, next))
            return false;
    }
    return true;
}
