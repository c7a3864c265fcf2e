#include "net/download.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "net/retry.h"
#include "text/json.h"

#define NOTE_BYTES 4096
#define ETAG_BYTES 200
#define LOCK_TRIES 10 // of a file that is deleted between opening and locking it

struct part { // what has come of a version
    const char *path, *note;
    int fd;
    int64_t size_bytes;    // that have come
    int64_t total_bytes;   // of the whole, -1 where the server did not say
    char etag[ETAG_BYTES]; // of the version, "" if it has none: then it cannot be gone on with
};

struct bringing { // one download_get
    const struct download *d;
    struct http_limits limits; // all set
    struct download_answer *out;
    struct part part;
    int64_t most_bytes; // of the version that have come, in any try
    bool was_whole;     // when this try began
    bool is_other;      // the server's part does not fit ours
    bool is_body;       // what comes is the file
};

// ---- the partial file
// ----------------------------------------------------------------------------
static void
paths_make(struct scope *s, const char *folder, const char *url, struct part *out)
{
    char sha256[HASH_TEXT];
    hash_bytes(url, strlen(url), sha256);
    out->path = scope_print(s, "%s/%s.part", folder, sha256);
    out->note = scope_print(s, "%s/%s.note", folder, sha256);
}

static bool
is_etag(const char *text)
{
    return text[0] == '"' || strncmp(text, "W/", 2) == 0;
}

// A name for a version that can be kept and sent back; "" where the head has none.
static void
etag_choose(const struct transfer_head *head, char out[ETAG_BYTES])
{
    const char *text = is_etag(head->etag) ? head->etag : head->modified;
    size_t n = 0;
    while (n < ETAG_BYTES - 1 && text[n] >= ' ' && text[n] <= '~')
        n++;
    if (text[n] != '\0' || (!is_etag(text) && strchr(text, ',') == NULL))
        n = 0;
    memcpy(out, text, n);
    out[n] = '\0';
}

// True where a range may be asked of this version alone: by a strong ETag, or a date.
static bool
is_strong(const char *etag)
{
    return etag[0] != '\0' && strncmp(etag, "W/", 2) != 0;
}

static bool
note_write(struct scope *s, const struct part *part)
{
    struct buf text = buf_open(s, 256);
    struct json_writer w = {.out = &text};
    json_object_begin(&w);
    json_pair_text(&w, "etag", part->etag);
    json_pair_int(&w, "total_bytes", part->total_bytes);
    json_object_end(&w);
    return file_write(s, part->note, (struct str){text.text, text.n}, 0600);
}

// Reads what version the partial file is of. One that does not say is as good as empty.
static void
note_read(struct part *part)
{
    struct scope one = {0};
    struct str text;
    const struct json *note;
    const char *etag;
    const bool ok = file_read(&one, part->note, NOTE_BYTES, &text) &&
                    (note = json_parse(&one, text.at, text.n)) != NULL &&
                    json_text(&one, note, "etag", &etag) &&
                    json_int(&one, note, "total_bytes", &part->total_bytes) &&
                    strlen(etag) < ETAG_BYTES;
    if (ok) {
        memcpy(part->etag, etag, strlen(etag) + 1);
    } else {
        part->size_bytes = 0;
        part->total_bytes = -1;
        part->etag[0] = '\0';
    }
    scope_close(&one);
}

// Opens and locks; a file that another process deleted in between is not the one.
static bool
file_claim(struct scope *s, struct part *part, bool *is_deleted)
{
    struct stat about;
    part->fd = open(part->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (part->fd < 0)
        return fail(s, ERROR_UNAVAILABLE, "could not open \"%s\": %s", part->path, strerror(errno));
    file_defer_close(s, part->fd);
    if (flock(part->fd, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? fail(s, ERROR_CONFLICT, "another process is fetching it")
                                    : fail(s, ERROR_UNAVAILABLE, "could not lock \"%s\": %s",
                                           part->path, strerror(errno));
    if (fstat(part->fd, &about) != 0)
        return fail(s, ERROR_UNAVAILABLE, "could not look at \"%s\": %s", part->path,
                    strerror(errno));
    *is_deleted = about.st_nlink == 0;
    part->size_bytes = (int64_t)about.st_size;
    return true;
}

static bool
part_open(struct scope *s, const struct download *d, struct part *part)
{
    bool is_deleted = true;
    paths_make(s, d->folder, d->url, part);
    if (!file_make_folders(s, d->folder))
        return false;
    for (int i = 0; i < LOCK_TRIES && is_deleted; i++)
        if (!file_claim(s, part, &is_deleted))
            return false;
    if (is_deleted)
        return fail(s, ERROR_CONFLICT, "other processes are fetching it");
    note_read(part);
    return true;
}

// Begins the file anew, as a version of the head's name.
static bool
part_begin(struct scope *s, struct part *part, const struct transfer_head *head)
{
    if (ftruncate(part->fd, 0) != 0)
        return fail(s, ERROR_UNAVAILABLE, "could not empty \"%s\": %s", part->path,
                    strerror(errno));
    part->size_bytes = 0;
    part->total_bytes = head->size_bytes;
    etag_choose(head, part->etag);
    return note_write(s, part);
}

static bool
part_is_whole(const struct part *part)
{
    return part->total_bytes >= 0 && part->size_bytes == part->total_bytes && part->etag[0] != '\0';
}

// ---- one try
// -------------------------------------------------------------------------------------
static const char *
condition(struct scope *s, const char *etag)
{
    return is_etag(etag) ? scope_print(s, "If-None-Match: %s", etag)
                         : scope_print(s, "If-Modified-Since: %s", etag);
}

static void
headers_make(struct scope *s, const struct bringing *b, const char *headers[4])
{
    const struct part *part = &b->part;
    const char *had = b->d->etag == NULL ? "" : b->d->etag;
    size_t n = 0;
    if (b->was_whole) {
        headers[n++] = condition(s, part->etag);
    } else {
        if (had[0] != '\0')
            headers[n++] = condition(s, had);
        if (part->size_bytes > 0 && is_strong(part->etag)) {
            headers[n++] = scope_print(s, "Range: bytes=%lld-", (long long)part->size_bytes);
            headers[n++] = scope_print(s, "If-Range: %s", part->etag);
        }
    }
    headers[n] = NULL;
}

// True where "bytes 100-199/200" goes on where the part ends, and is of the same version.
static bool
range_fits(const struct part *part, const struct transfer_head *head)
{
    char etag[ETAG_BYTES], *end;
    const char *at = head->range;
    if (strncmp(at, "bytes ", 6) != 0)
        return false;
    const int64_t from = strtoll(at + 6, &end, 10);
    const char *total = strchr(end, '/');
    if (*end != '-' || total == NULL || from != part->size_bytes)
        return false;
    if (total[1] != '*' && part->total_bytes >= 0 &&
        strtoll(total + 1, NULL, 10) != part->total_bytes)
        return false;
    etag_choose(head, etag);
    return etag[0] == '\0' || is_etag(etag) != is_etag(part->etag) || strcmp(etag, part->etag) == 0;
}

static bool
size_fits(struct scope *s, const struct bringing *b, int64_t more_bytes)
{
    if (b->part.size_bytes + more_bytes <= b->limits.size_bytes)
        return true;
    return fail(s, ERROR_LIMIT, "it has more than %lld bytes", (long long)b->limits.size_bytes);
}

static bool
answer_begin(struct scope *s, void *context, const struct transfer_head *head)
{
    struct bringing *b = context;
    b->is_body = head->status == 200 || head->status == 206;
    if (head->status == 200) {
        const char *had = scope_copy(s, b->part.etag);
        b->out->kept_bytes = 0;
        const bool ok = part_begin(s, &b->part, head);
        b->most_bytes = strcmp(had, b->part.etag) == 0 ? b->most_bytes : 0;
        return ok;
    }
    if (head->status != 206)
        return true;
    b->is_other = !range_fits(&b->part, head);
    if (b->is_other)
        return fail(s, ERROR_UNAVAILABLE, "the server sent another part than was asked for");
    return size_fits(s, b, head->size_bytes);
}

static bool
answer_take(struct scope *s, void *context, const char *bytes, size_t n)
{
    struct bringing *b = context;
    if (!b->is_body)
        return true;
    if (!size_fits(s, b, (int64_t)n))
        return false;
    if (lseek(b->part.fd, (off_t)b->part.size_bytes, SEEK_SET) < 0 ||
        !file_put(s, b->part.fd, bytes, n))
        return fail(s, ERROR_UNAVAILABLE, "could not write \"%s\": %s", b->part.path,
                    strerror(errno));
    b->part.size_bytes += (int64_t)n;
    b->out->come_bytes += (int64_t)n;
    if (b->d->moved != NULL)
        b->d->moved(b->d->context, b->part.size_bytes,
                    b->part.total_bytes < 0 ? 0 : b->part.total_bytes);
    return true;
}

// What is left of an answer that came whole: is it what was wanted?
static bool
answer_judge(struct scope *s, struct bringing *b, struct transfer_end *end)
{
    const int status = end->head.status;
    const struct part *part = &b->part;
    if (status == 304 && b->was_whole) {
        end->head.status = 200;
        return true;
    }
    if (status == 416) { // the part is longer than the file
        b->is_other = true;
        return fail(s, ERROR_UNAVAILABLE, "the server has not the part that was asked for");
    }
    if (b->is_body && part->total_bytes >= 0 && part->size_bytes != part->total_bytes) {
        end->may_pass = true;
        return fail(s, ERROR_UNAVAILABLE, "%lld of %lld bytes came", (long long)part->size_bytes,
                    (long long)part->total_bytes);
    }
    if (b->is_body || status == 304 || (status >= 400 && status < 500))
        return true;
    return fail(s, ERROR_INPUT, "the server answered %d", status);
}

static bool
try_once(struct scope *s, struct bringing *b, struct transfer_end *end)
{
    const char *headers[4];
    const struct transfer transfer = {
        .url = b->d->url,
        .headers = headers,
        .limits = b->limits,
        .begin = answer_begin,
        .take = answer_take,
        .context = b,
    };
    b->was_whole = part_is_whole(&b->part);
    b->is_other = b->is_body = false;
    headers_make(s, b, headers);
    const bool ok = transfer_run(s, &transfer, end) && answer_judge(s, b, end);
    if (!ok && b->is_other) { // it cannot be gone on with
        b->part.size_bytes = b->out->kept_bytes = 0;
        end->may_pass = true;
        end->is_local = false;
    }
    return ok;
}

// ---- all of it
// -----------------------------------------------------------------------------------
static void
answer_fill(struct scope *s, const struct bringing *b, const struct transfer_end *end)
{
    struct download_answer *out = b->out;
    out->status = end->head.status;
    out->type = scope_copy(s, end->head.type);
    out->etag = scope_copy(s, end->head.status == 200 ? b->part.etag : "");
    out->retry_after_ms = end->retry_after_ms;
    out->is_local = end->is_local;
    out->size_bytes = b->part.size_bytes;
}

static bool
tries_run(struct scope *s, struct bringing *b)
{
    struct retry retry = {.shown = http_redact(s, b->d->url), .limits = b->limits};
    for (;;) {
        struct scope one = {0};
        struct transfer_end end;
        const bool ok = try_once(&one, b, &end);
        if (ok && end.head.status == 206)
            end.head.status = 200;
        answer_fill(s, b, &end);
        if (!ok)
            fail_as(s, &one);
        scope_close(&one);
        if (ok)
            return true;
        if (b->part.size_bytes <= b->most_bytes)
            end.size_bytes = 0; // a server that knows no ranges sent what had come before
        else
            b->most_bytes = b->part.size_bytes;
        if (!retry_wait(s, &retry, &end))
            return false;
    }
}

bool
download_get(struct scope *s, const struct download *d, struct download_answer *out)
{
    struct bringing b = {.d = d, .limits = http_limits_all(&d->limits), .out = out};
    *out = (struct download_answer){.fd = -1, .type = "", .etag = "", .is_local = true};
    if (!part_open(s, d, &b.part))
        return explain(s, "could not fetch \"%s\"", http_redact(s, d->url));
    if (part_is_whole(&b.part) && d->etag != NULL && strcmp(d->etag, b.part.etag) == 0)
        b.part.size_bytes = 0; // it was taken in, and then not forgotten
    out->is_local = false;
    out->kept_bytes = b.most_bytes = b.part.size_bytes;
    if (!tries_run(s, &b))
        return false;
    if (out->status != 200)
        return download_forget(s, d->folder, d->url);
    out->fd = b.part.fd;
    return lseek(out->fd, 0, SEEK_SET) == 0 ||
           fail(s, ERROR_UNAVAILABLE, "could not rewind \"%s\": %s", b.part.path, strerror(errno));
}

bool
download_forget(struct scope *s, const char *folder, const char *url)
{
    struct part part;
    paths_make(s, folder, url, &part);
    if ((unlink(part.path) != 0 && errno != ENOENT) || (unlink(part.note) != 0 && errno != ENOENT))
        return fail(s, ERROR_UNAVAILABLE, "could not delete \"%s\": %s", part.path,
                    strerror(errno));
    return true;
}
