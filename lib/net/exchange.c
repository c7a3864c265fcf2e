#include "net/exchange.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <curl/curl.h>

#include "base/time.h"

#define KEPT_MOST 16 // connections without work
#define BODY_BYTES ((size_t)1 << 20)
#define HEADER_BYTES ((size_t)1 << 16)

struct exchanger {
    pthread_mutex_t lock;
    size_t n;
    CURL *kept[KEPT_MOST];
};

struct transfer {
    struct scope *s;
    const struct exchange_request *request;
    CURL *curl;
    int64_t sent_bytes;
    size_t limit_bytes;
    struct buf body, headers;
    bool is_refused, is_too_large;
};

static void
exchanger_close(void *thing)
{
    struct exchanger *x = thing;
    for (size_t i = 0; i < x->n; i++)
        curl_easy_cleanup(x->kept[i]);
    pthread_mutex_destroy(&x->lock);
}

struct exchanger *
exchanger_open(struct scope *s)
{
    struct exchanger *x = scope_alloc(s, sizeof *x);
    pthread_mutex_init(&x->lock, NULL);
    scope_defer(s, exchanger_close, x);
    return x;
}

static CURL *
handle_take(struct exchanger *x)
{
    pthread_mutex_lock(&x->lock);
    CURL *curl = x->n > 0 ? x->kept[--x->n] : NULL;
    pthread_mutex_unlock(&x->lock);
    return curl != NULL ? curl : curl_easy_init();
}

// Keeps the handle's connection for the next request.
static void
handle_give(struct exchanger *x, CURL *curl)
{
    curl_easy_reset(curl);
    pthread_mutex_lock(&x->lock);
    const bool is_kept = x->n < KEPT_MOST;
    if (is_kept)
        x->kept[x->n++] = curl;
    pthread_mutex_unlock(&x->lock);
    if (!is_kept)
        curl_easy_cleanup(curl);
}

static size_t
body_send(char *bytes, size_t one, size_t n, void *context)
{
    struct transfer *t = context;
    const struct exchange_request *r = t->request;
    const bool is_file = r->fd_bytes > 0;
    const int64_t left = (is_file ? r->fd_bytes : (int64_t)r->bytes.n) - t->sent_bytes;
    const size_t most = left < (int64_t)(one * n) ? (size_t)left : one * n;
    ssize_t got = (ssize_t)most;
    if (is_file)
        do {
            got = pread(r->fd, bytes, most, (off_t)(r->fd_offset + t->sent_bytes));
        } while (got < 0 && errno == EINTR);
    else if (most > 0)
        memcpy(bytes, r->bytes.at + t->sent_bytes, most);
    if (got < 0 || (got == 0 && left > 0)) // unreadable, or shorter than it was
        return CURL_READFUNC_ABORT;
    t->sent_bytes += got;
    return (size_t)got;
}

// Begins the body again, as when a kept connection had been closed.
static int
body_seek(void *context, curl_off_t offset, int origin)
{
    struct transfer *t = context;
    if (origin != SEEK_SET)
        return CURL_SEEKFUNC_CANTSEEK;
    t->sent_bytes = offset;
    return CURL_SEEKFUNC_OK;
}

static size_t
body_take(char *bytes, size_t one, size_t n, void *context)
{
    struct transfer *t = context;
    long status = 0;
    curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);
    if (t->request->take != NULL && status >= 200 && status < 300) {
        t->is_refused = !t->request->take(t->request->context, bytes, one * n);
        return t->is_refused ? 0 : one * n;
    }
    t->is_too_large = t->body.n + one * n > t->limit_bytes;
    if (t->is_too_large)
        return 0;
    buf_add(&t->body, bytes, one * n);
    return one * n;
}

static size_t
header_take(char *bytes, size_t one, size_t n, void *context)
{
    struct transfer *t = context;
    if (one * n > 5 && memcmp(bytes, "HTTP/", 5) == 0) // also after "100 Continue"
        buf_clear(&t->headers);
    t->is_too_large = t->headers.n + one * n > HEADER_BYTES;
    if (t->is_too_large)
        return 0;
    buf_add(&t->headers, bytes, one * n);
    return one * n;
}

static void
list_close(void *list)
{
    curl_slist_free_all(list);
}

static void
headers_set(struct transfer *t)
{
    struct curl_slist *list = NULL;
    const struct exchange_request *r = t->request;
    const char *const *h = r->headers;
    if (r->signature != NULL) {
        const struct sign_request sign = {r->method, r->url, r->headers, time_now()};
        const char **all = scope_array(t->s, SIGN_HEADERS + 4, sizeof *all);
        sign_headers(t->s, r->signature, &sign, all);
        h = all;
    }
    for (; h != NULL && *h != NULL; h++) {
        struct curl_slist *more = curl_slist_append(list, *h);
        list = more == NULL ? list : more;
    }
    if (list == NULL)
        return;
    scope_defer(t->s, list_close, list);
    curl_easy_setopt(t->curl, CURLOPT_HTTPHEADER, list);
}

static void
method_set(struct transfer *t)
{
    const struct exchange_request *r = t->request;
    if (strcmp(r->method, "HEAD") == 0) {
        curl_easy_setopt(t->curl, CURLOPT_NOBODY, 1L);
    } else if (r->has_body) {
        const int64_t size = r->fd_bytes > 0 ? r->fd_bytes : (int64_t)r->bytes.n;
        curl_easy_setopt(t->curl, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(t->curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)size);
        curl_easy_setopt(t->curl, CURLOPT_UPLOAD_BUFFERSIZE, 1L << 18);
        curl_easy_setopt(t->curl, CURLOPT_READFUNCTION, body_send);
        curl_easy_setopt(t->curl, CURLOPT_READDATA, t);
        curl_easy_setopt(t->curl, CURLOPT_SEEKFUNCTION, body_seek);
        curl_easy_setopt(t->curl, CURLOPT_SEEKDATA, t);
        curl_easy_setopt(t->curl, CURLOPT_CUSTOMREQUEST, r->method);
    } else {
        curl_easy_setopt(t->curl, CURLOPT_CUSTOMREQUEST, r->method);
    }
}

static void
options_set(struct transfer *t)
{
    const struct exchange_request *r = t->request;
    curl_easy_setopt(t->curl, CURLOPT_URL, r->url);
    curl_easy_setopt(t->curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(t->curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(t->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(t->curl, CURLOPT_USERAGENT, "airwatch");
    curl_easy_setopt(t->curl, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(t->curl, CURLOPT_BUFFERSIZE, 1L << 18);
    curl_easy_setopt(t->curl, CURLOPT_CONNECTTIMEOUT_MS,
                     (long)(r->connect_ms > 0 ? r->connect_ms : 5000));
    curl_easy_setopt(t->curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(t->curl, CURLOPT_LOW_SPEED_TIME,
                     (long)(r->idle_seconds > 0 ? r->idle_seconds : 30));
    if (r->ca_file != NULL) { // and no others
        curl_easy_setopt(t->curl, CURLOPT_CAINFO, r->ca_file);
        curl_easy_setopt(t->curl, CURLOPT_CAPATH, NULL);
    }
    if (r->is_direct)
        curl_easy_setopt(t->curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(t->curl, CURLOPT_WRITEFUNCTION, body_take);
    curl_easy_setopt(t->curl, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(t->curl, CURLOPT_HEADERFUNCTION, header_take);
    curl_easy_setopt(t->curl, CURLOPT_HEADERDATA, t);
    method_set(t);
    headers_set(t);
}

static bool
is_lasting(CURLcode code)
{
    return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE;
}

static bool
transfer_run(struct scope *s, struct transfer *t, struct exchange_answer *out)
{
    long status = 0;
    options_set(t);
    const CURLcode code = curl_easy_perform(t->curl);
    curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);
    *out = (struct exchange_answer){.status = (int)status,
                                    .body = {t->body.text, t->body.n},
                                    .headers = t->headers.text,
                                    .is_refused = t->is_refused,
                                    .is_lasting = is_lasting(code)};
    if (t->is_refused)
        return true;
    if (t->is_too_large)
        return fail(s, ERROR_LIMIT, "the answer has more than %zu bytes", t->limit_bytes);
    if (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_URL_MALFORMAT)
        return fail(s, ERROR_INPUT, "not an http or https address");
    if (code != CURLE_OK)
        return fail(s, ERROR_UNAVAILABLE, "%s", curl_easy_strerror(code));
    return true;
}

bool
exchange(struct scope *s, struct exchanger *x, const struct exchange_request *request,
         struct exchange_answer *out)
{
    struct transfer t = {.s = s, .request = request, .curl = handle_take(x)};
    if (t.curl == NULL)
        return fail(s, ERROR_UNAVAILABLE, "could not prepare a connection");
    t.limit_bytes = request->limit_bytes > 0 ? request->limit_bytes : BODY_BYTES;
    t.body = buf_open(s, 1024);
    t.headers = buf_open(s, 1024);
    const bool ok = transfer_run(s, &t, out);
    handle_give(x, t.curl);
    return ok;
}

const char *
exchange_header(struct scope *s, const struct exchange_answer *answer, const char *name)
{
    const size_t n = strlen(name);
    for (const char *line = answer->headers; *line != '\0';) {
        const size_t length = strcspn(line, "\r\n");
        if (length > n && line[n] == ':' && strncasecmp(line, name, n) == 0) {
            const char *value = line + n + 1;
            while (*value == ' ' || *value == '\t')
                value++;
            return scope_copy_n(s, value, (size_t)(line + length - value));
        }
        line += length;
        line += strspn(line, "\r\n");
    }
    return "";
}
