#include "net/http.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "net/retry.h"

static bool
is_secret_name(const char *at, size_t n)
{
    static const char *const names[] = {"email", "key",      "api_key", "apikey",
                                        "token", "password", "secret",  "signature"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strlen(names[i]) == n && strncasecmp(names[i], at, n) == 0)
            return true;
    return false;
}

// Copies "scheme://user:password@host/path" up to the query without what stands before the "@".
static const char *
place_redact(struct buf *out, const char *url)
{
    const char *host = strstr(url, "://");
    host = host == NULL ? url : host + 3;
    const char *query = url + strcspn(url, "?#");
    const char *slash = host + strcspn(host, "/?#");
    const char *user_end = NULL;
    for (const char *at = host; at < slash; at++)
        if (*at == '@')
            user_end = at;
    buf_add(out, url, (size_t)(host - url));
    if (user_end != NULL)
        buf_text(out, "redacted");
    host = user_end == NULL ? host : user_end;
    if (query > host)
        buf_add(out, host, (size_t)(query - host));
    return query;
}

const char *
http_redact(struct scope *s, const char *url)
{
    struct buf out = buf_open(s, strlen(url) + 64);
    const char *at = place_redact(&out, url);
    while (*at != '\0') {
        buf_char(&out, *at++); // "?", "&" or "#"
        const size_t n = strcspn(at, "&#");
        const char *equal = memchr(at, '=', n);
        if (equal != NULL && is_secret_name(at, (size_t)(equal - at))) {
            buf_add(&out, at, (size_t)(equal - at) + 1);
            buf_text(&out, "redacted");
        } else {
            buf_add(&out, at, n);
        }
        at += n;
    }
    return out.text;
}

struct http_limits
http_limits_all(const struct http_limits *given)
{
    const struct http_limits g = given == NULL ? (struct http_limits){0} : *given;
    return (struct http_limits){
        .size_bytes = g.size_bytes > 0 ? g.size_bytes : (int64_t)4 << 30,
        .header_bytes = g.header_bytes > 0 ? g.header_bytes : 1 << 16,
        .connect_seconds = g.connect_seconds > 0 ? g.connect_seconds : 20,
        .idle_seconds = g.idle_seconds > 0 ? g.idle_seconds : 600,
        .slow_bytes_s = g.slow_bytes_s > 0 ? g.slow_bytes_s : 1,
        .total_seconds = g.total_seconds > 0 ? g.total_seconds : 3600,
        .n_tries = g.n_tries > 0 ? g.n_tries : 3,
        .pause_ms = g.pause_ms > 0 ? g.pause_ms : 6000,
        .wait_seconds = g.wait_seconds > 0 ? g.wait_seconds : 600,
    };
}

static bool
file_empty(struct scope *s, void *context, const struct transfer_head *head)
{
    const int fd = *(const int *)context;
    (void)head;
    if (ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0)
        return true;
    return fail(s, ERROR_UNAVAILABLE, "could not empty the file: %s", strerror(errno));
}

static bool
file_take(struct scope *s, void *context, const char *bytes, size_t n)
{
    return file_put(s, *(const int *)context, bytes, n);
}

bool
http_download(struct scope *s, const char *url, const struct http_limits *limits, int fd,
              struct http_answer *out)
{
    struct retry retry = {.shown = http_redact(s, url), .limits = http_limits_all(limits)};
    const struct transfer transfer = {
        .url = url,
        .limits = retry.limits,
        .may_pack = true,
        .begin = file_empty,
        .take = file_take,
        .context = &fd,
    };
    for (bool is_over = false;;) {
        struct scope one = {0};
        struct transfer_end end;
        const bool ok = transfer_run(&one, &transfer, &end);
        end.head.type = scope_copy(s, end.head.type);
        if (!ok)
            fail_as(s, &one);
        scope_close(&one);
        end.size_bytes = ok ? end.size_bytes : 0; // the next try begins anew
        is_over = ok || !retry_wait(s, &retry, &end);
        *out = (struct http_answer){.status = end.head.status,
                                    .size_bytes = end.size_bytes,
                                    .type = end.head.type,
                                    .retry_after_ms = end.retry_after_ms,
                                    .is_local = end.is_local};
        if (is_over)
            return ok;
    }
}

#define LOOK_SECONDS 30

struct look {
    struct scope *s; // of what is kept
    struct http_head *out;
    bool is_seen;
};

// Of "bytes 0-0/200" and "bytes */200" the end; -1 for "bytes 0-0/*".
static int64_t
range_total(const char *range)
{
    const char *total = strchr(range, '/');
    return total == NULL || total[1] < '0' || total[1] > '9' ? -1 : strtoll(total + 1, NULL, 10);
}

// All that is wanted: what follows is refused.
static bool
look_begin(struct scope *s, void *context, const struct transfer_head *head)
{
    struct look *look = context;
    *look->out = (struct http_head){
        .status = head->status == 206 || head->status == 416 ? 200 : head->status,
        .size_bytes = head->range[0] == '\0' ? head->size_bytes : range_total(head->range),
        .type = scope_copy(look->s, head->type),
        .modified = scope_copy(look->s, head->modified),
    };
    look->is_seen = true;
    return fail(s, ERROR_LIMIT, "no more was wanted");
}

static bool
look_take(struct scope *s, void *context, const char *bytes, size_t n)
{
    (void)s, (void)context, (void)bytes, (void)n;
    return true;
}

bool
http_look(struct scope *s, const char *url, struct http_head *out)
{
    static const char *const headers[] = {"Range: bytes=0-0", NULL};
    struct scope one = {0};
    struct transfer_end end;
    struct look look = {.s = s, .out = out};
    const struct transfer transfer = {
        .url = url,
        .headers = headers,
        .limits = http_limits_all(
            &(struct http_limits){.idle_seconds = LOOK_SECONDS, .total_seconds = LOOK_SECONDS}),
        .begin = look_begin,
        .take = look_take,
        .context = &look,
    };
    if (!transfer_run(&one, &transfer, &end) && !look.is_seen)
        fail_as(s, &one);
    scope_close(&one);
    return look.is_seen || explain(s, "could not ask for \"%s\"", http_redact(s, url));
}
