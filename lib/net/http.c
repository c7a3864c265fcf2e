#include "net/http.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include <curl/curl.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"

#define PAUSE_MOST_MS 120000

struct download {
    struct scope *s; // of this try
    int fd;
    int64_t size_bytes, limit_bytes;
};

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

static size_t
body_take(char *bytes, size_t one, size_t n, void *context)
{
    struct download *d = context;
    const size_t n_bytes = one * n;
    if (d->size_bytes + (int64_t)n_bytes > d->limit_bytes) {
        fail(d->s, ERROR_LIMIT, "more than %lld bytes", (long long)d->limit_bytes);
        return 0;
    }
    d->size_bytes += (int64_t)n_bytes;
    return file_put(d->s, d->fd, bytes, n_bytes) ? n_bytes : 0;
}

static void
curl_close(void *curl)
{
    curl_easy_cleanup(curl);
}

static struct http_limits
limits_or_defaults(const struct http_limits *given)
{
    const struct http_limits g = given == NULL ? (struct http_limits){0} : *given;
    return (struct http_limits){
        .size_bytes = g.size_bytes > 0 ? g.size_bytes : (int64_t)4 << 30,
        .connect_seconds = g.connect_seconds > 0 ? g.connect_seconds : 20,
        .idle_seconds = g.idle_seconds > 0 ? g.idle_seconds : 600,
        .total_seconds = g.total_seconds > 0 ? g.total_seconds : 3600,
        .n_tries = g.n_tries > 0 ? g.n_tries : 3,
        .pause_ms = g.pause_ms > 0 ? g.pause_ms : 6000,
    };
}

static CURL *
curl_prepare(struct scope *s, const char *url, const struct http_limits *l, struct download *d)
{
    CURL *curl = curl_easy_init();
    if (curl == NULL)
        return fail_null(s, ERROR_UNAVAILABLE, "could not prepare a connection");
    scope_defer(s, curl_close, curl);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 5L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "airwatch");
    curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)l->connect_seconds);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)l->idle_seconds);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)l->total_seconds);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, body_take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, d);
    return curl;
}

static bool
curl_run(struct scope *s, CURL *curl, const struct download *d, struct http_answer *out)
{
    const char *type = NULL;
    long status = 0;
    const CURLcode code = curl_easy_perform(curl);

    if (s->kind != ERROR_NONE) // the body was refused by us
        return false;
    if (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_URL_MALFORMAT)
        return fail(s, ERROR_INPUT, "not an http or https address");
    if (code != CURLE_OK)
        return fail(s, ERROR_UNAVAILABLE, "%s", curl_easy_strerror(code));
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
    if (status == 429 || status >= 500)
        return fail(s, ERROR_UNAVAILABLE, "the server answered %ld", status);
    *out = (struct http_answer){.status = (int)status, .size_bytes = d->size_bytes, .type = type};
    return true;
}

// One try, in a scope of its own: a failure may be forgotten by the next.
static bool
try_once(struct scope *s, const char *url, const struct http_limits *l, int fd,
         struct http_answer *out)
{
    struct scope one = {0};
    struct download d = {.s = &one, .fd = fd, .limit_bytes = l->size_bytes};
    bool ok = ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0;

    if (!ok)
        fail(&one, ERROR_UNAVAILABLE, "could not empty the file: %s", strerror(errno));
    CURL *curl = ok ? curl_prepare(&one, url, l, &d) : NULL;
    ok = curl != NULL && curl_run(&one, curl, &d, out);
    if (ok)
        out->type = scope_copy(s, out->type == NULL ? "" : out->type);
    else
        fail_as(s, &one);
    scope_close(&one);
    return ok;
}

static void
pause_for(int ms)
{
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        continue;
}

bool
http_download(struct scope *s, const char *url, const struct http_limits *limits, int fd,
              struct http_answer *out)
{
    const struct http_limits l = limits_or_defaults(limits);
    const char *shown = http_redact(s, url);
    int pause_ms = l.pause_ms;

    for (int i = 1; !try_once(s, url, &l, fd, out); i++) {
        if (s->kind != ERROR_UNAVAILABLE || i >= l.n_tries)
            return explain(s, "could not fetch \"%s\"", shown);
        log_warn("download.failed", "url=%s try=%d reason=%s", shown, i, s->message);
        scope_forgive(s);
        pause_for(pause_ms);
        pause_ms = pause_ms > PAUSE_MOST_MS / 2 ? PAUSE_MOST_MS : 2 * pause_ms;
    }
    return true;
}
