#include "http/download.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/gzip.h"
#include "http/media.h"
#include "text/csv.h"

#define PIECE_BYTES ((size_t)64 * 1024)
#define LINE_BYTES ((size_t)1 << 16) // of a dataset's line, which we wrote

struct sending { // of one answer
    struct download d;
    struct download_filter filter;
    int64_t left_bytes; // of a range
    const struct outlet *to;
    struct gzip *gzip; // NULL where nothing is packed
    char piece[PIECE_BYTES];
    size_t n; // of the piece that lines gather in
};

static bool
packed_put(struct scope *s, void *context, const void *bytes, size_t n)
{
    const struct sending *x = context;
    return outlet_put(s, x->to, bytes, n);
}

static void
sending_begin(struct scope *s, struct sending *x, const struct outlet *to)
{
    x->to = to;
    x->gzip = x->d.is_packed ? gzip_open(s, packed_put, x) : NULL;
}

static bool
bytes_put(struct scope *s, struct sending *x, const char *bytes, size_t n)
{
    return x->gzip != NULL ? gzip_add(s, x->gzip, bytes, n) : outlet_put(s, x->to, bytes, n);
}

static bool
sending_end(struct scope *s, struct sending *x)
{
    return bytes_put(s, x, x->piece, x->n) && (x->gzip == NULL || gzip_finish(s, x->gzip));
}

static bool
piece_read(struct scope *s, int fd, char *to, size_t room_bytes, size_t *n)
{
    ssize_t got;
    do
        got = read(fd, to, room_bytes);
    while (got < 0 && errno == EINTR);
    *n = got < 0 ? 0 : (size_t)got;
    return got >= 0 || fail(s, ERROR_UNAVAILABLE, "could not read: %s", strerror(errno));
}

static bool
whole_send(struct scope *s, void *context, const struct outlet *to)
{
    struct sending *x = context;
    sending_begin(s, x, to);
    while (x->left_bytes > 0) {
        size_t n;
        const size_t wanted =
            x->left_bytes < (int64_t)PIECE_BYTES ? (size_t)x->left_bytes : PIECE_BYTES;
        if (!piece_read(s, x->d.fd, x->piece, wanted, &n))
            return false;
        if (n == 0)
            return fail(s, ERROR_UNAVAILABLE, "the object is shorter than it was");
        if (!bytes_put(s, x, x->piece, n))
            return false;
        x->left_bytes -= (int64_t)n;
    }
    return sending_end(s, x);
}

static bool
csv_take(struct scope *s, void *context, char *to, size_t room_bytes, size_t *n)
{
    const struct sending *x = context;
    return piece_read(s, x->d.fd, to, room_bytes, n);
}

static bool
line_put(struct scope *s, struct sending *x, struct str line)
{
    if (x->n + line.n + 1 > PIECE_BYTES) {
        if (!bytes_put(s, x, x->piece, x->n))
            return false;
        x->n = 0;
    }
    memcpy(x->piece + x->n, line.at, line.n);
    x->n += line.n;
    x->piece[x->n++] = '\n';
    return true;
}

static bool
site_is_wanted(const struct download_filter *filter, struct str site)
{
    size_t i = 0;
    while (i < filter->n_sites && !str_is(site, filter->sites[i]))
        i++;
    return i < filter->n_sites || filter->n_sites == 0;
}

// Sends the header, and of the lines those within the filter; they come by day.
static bool
lines_send(struct scope *s, void *context, const struct outlet *to)
{
    struct sending *x = context;
    const struct csv_record *r;
    struct csv *csv = csv_open(s, csv_take, x, LINE_BYTES - 1);
    sending_begin(s, x, to);
    for (bool is_header = true;; is_header = false) {
        struct day day = {0};
        if (!csv_next(s, csv, &r))
            return false;
        if (r == NULL)
            break;
        if (r->fault != NULL || r->n < 2 ||
            (!is_header && !day_read(r->fields[0].at, r->fields[0].n, &day)))
            return fail(s, ERROR_BUG, "line %lld of a dataset cannot be read", (long long)r->line);
        if (!is_header && day.n > x->filter.to.n)
            break;
        const bool is_wanted =
            is_header || (day.n >= x->filter.from.n && site_is_wanted(&x->filter, r->fields[1]));
        if (is_wanted && !line_put(s, x, r->raw))
            return false;
    }
    return sending_end(s, x);
}

static void
head_write(struct scope *s, const struct download *d, struct reply *out)
{
    out->content_type = d->is_packed ? "application/gzip" : d->content_type;
    reply_header(out, "Content-Disposition",
                 media_attachment(s, scope_print(s, "%s%s", d->name, d->is_packed ? ".gz" : "")));
    reply_header(out, "Cache-Control", "private, no-cache");
}

// Another form of the same content has another tag.
static const char *
tag_of(struct scope *s, const struct download *d)
{
    return scope_print(s, "\"%s%s\"", d->sha256, d->is_packed ? ".gz" : "");
}

// A list of tags, each perhaps weak, or "*".
static bool
tag_matches(const char *header, const char *tag)
{
    const size_t n = strlen(tag);
    if (strcmp(header, "*") == 0)
        return true;
    for (const char *at = strstr(header, tag); at != NULL; at = strstr(at + n, tag))
        if (strspn(at + n, " ,") > 0 || at[n] == '\0')
            return true;
    return false;
}

// A position in a range; -1 where there is none.
static int64_t
position_read(const char **at)
{
    char *end;
    if (**at < '0' || **at > '9')
        return -1;
    errno = 0;
    const long long x = strtoll(*at, &end, 10);
    *at = end;
    return errno == 0 ? (int64_t)x : INT64_MAX;
}

enum range { RANGE_NONE, RANGE_PART, RANGE_OUTSIDE };

// Reads "bytes=100-199", "bytes=100-" or "bytes=-100" of so many bytes. Several ranges at once, and
// what is not understood, may be answered with the whole.
//
//   source  RFC 9110, 14.1.2 and 14.2
static enum range
range_read(const char *header, int64_t size_bytes, int64_t *first, int64_t *last)
{
    if (strncmp(header, "bytes=", 6) != 0)
        return RANGE_NONE;
    const char *at = header + 6;
    *first = position_read(&at);
    if (*at++ != '-')
        return RANGE_NONE;
    *last = position_read(&at);
    if (*at != '\0' || (*first < 0 && *last < 0) || (*last >= 0 && *first > *last))
        return RANGE_NONE;
    if (*first < 0) {
        *first = *last >= size_bytes ? 0 : size_bytes - *last;
        *last = size_bytes - 1;
    }
    if (*last < 0 || *last >= size_bytes)
        *last = size_bytes - 1;
    return *first < size_bytes ? RANGE_PART : RANGE_OUTSIDE;
}

// Narrows what is sent to what the caller asked for; false after a failure.
static bool
range_take(struct scope *s, const struct request *in, const char *tag, struct sending *x,
           struct reply *out)
{
    int64_t first = 0, last = 0;
    const int64_t size = x->d.size_bytes;
    const bool is_meant = in->if_range[0] == '\0' || strcmp(in->if_range, tag) == 0;
    if (x->d.is_packed)
        return true;
    reply_header(out, "Accept-Ranges", "bytes");
    switch (is_meant ? range_read(in->range, size, &first, &last) : RANGE_NONE) {
    case RANGE_NONE:
        return true;
    case RANGE_OUTSIDE:
        out->status = 416;
        reply_header(out, "Content-Range", scope_print(s, "bytes */%lld", (long long)size));
        x->left_bytes = 0;
        return true;
    case RANGE_PART:
        break;
    }
    if (lseek(x->d.fd, first, SEEK_SET) != first)
        return fail(s, ERROR_UNAVAILABLE, "could not seek: %s", strerror(errno));
    out->status = 206;
    x->left_bytes = last - first + 1;
    reply_header(
        out, "Content-Range",
        scope_print(s, "bytes %lld-%lld/%lld", (long long)first, (long long)last, (long long)size));
    return true;
}

bool
download_answer(struct scope *s, const struct request *in, const struct download *d,
                struct reply *out)
{
    struct sending *x = scope_alloc(s, sizeof *x);
    const char *tag = tag_of(s, d);
    x->d = *d;
    x->left_bytes = d->size_bytes;
    reply_header(out, "ETag", tag);
    if (tag_matches(in->if_none_match, tag)) {
        out->status = 304;
        return true;
    }
    head_write(s, d, out);
    if (d->address != NULL && !d->is_packed) {
        reply_header(out, "X-Accel-Redirect", d->address); // and nginx minds the range
        return true;
    }
    if (!range_take(s, in, tag, x, out))
        return false;
    reply_stream_set(out, whole_send, x, d->is_packed ? -1 : x->left_bytes);
    return true;
}

bool
download_answer_lines(struct scope *s, const struct download *d,
                      const struct download_filter *filter, struct reply *out)
{
    struct sending *x = scope_alloc(s, sizeof *x);
    x->d = *d;
    x->filter = *filter;
    head_write(s, d, out);
    reply_stream_set(out, lines_send, x, -1);
    return true;
}
