#include "border/remote.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/file.h"
#include "net/exchange.h"
#include "net/http.h"
#include "net/retry.h"
#include "text/base64.h"
#include "text/url.h"

#define ANSWER_BYTES ((size_t)256 << 20)
#define API "/api/2.0/mlflow/"

struct remote {
    const char *base;
    const char *authorization; // a header; NULL for none
    struct exchanger *exchanger;
};

static const char *
authorization_make(struct scope *s, const char *user, const char *password, const char *token)
{
    if (token != NULL && *token != '\0' && user == NULL)
        return scope_print(s, "Authorization: Bearer %s", token);
    if (user == NULL || *user == '\0')
        return NULL;
    const char *pair = scope_print(s, "%s:%s", user, password == NULL ? "" : password);
    struct buf text = buf_open(s, 128);
    buf_text(&text, "Authorization: Basic ");
    base64_write(&text, pair, strlen(pair));
    return text.text;
}

struct remote *
remote_open(struct scope *s, const char *uri, const struct remote_login *login)
{
    struct remote *r = scope_alloc(s, sizeof *r);
    const char *user = login->user, *password = login->password.hidden;
    const size_t n_scheme = strncasecmp(uri, "https://", 8) == 0  ? 8
                            : strncasecmp(uri, "http://", 7) == 0 ? 7
                                                                  : 0;
    const char *host = uri + n_scheme;
    const size_t n_host = strcspn(host, "/?#");
    size_t n_info = n_host;
    while (n_info > 0 && host[n_info - 1] != '@')
        n_info--;
    if (n_scheme == 0 || n_host == n_info || uri[strcspn(uri, "?# \t\r\n")] != '\0')
        return fail_null(s, ERROR_INPUT, "\"%.200s\" is no http(s) address", http_redact(s, uri));
    if (n_info > 0) {
        const char *colon = memchr(host, ':', n_info - 1);
        const size_t n_user = colon == NULL ? n_info - 1 : (size_t)(colon - host);
        const struct str name = {host, n_user};
        const struct str word = {host + n_user + 1, colon == NULL ? 0 : n_info - 2 - n_user};
        if (!url_decode(s, name, false, &user) || !url_decode(s, word, false, &password))
            return NULL;
    }
    struct buf base = buf_open(s, strlen(uri) + 1);
    buf_add(&base, uri, n_scheme);
    buf_text(&base, host + n_info);
    while (base.n > 0 && base.text[base.n - 1] == '/')
        base.text[--base.n] = '\0';
    r->base = base.text;
    r->authorization = authorization_make(s, user, password, login->token.hidden);
    r->exchanger = exchanger_open(s);
    return r;
}

const char *
remote_name(const struct remote *r)
{
    return r->base;
}

static bool
may_pass(int status)
{
    return status == 408 || status == 425 || status == 429 || status >= 500;
}

// Puts an answer that is none in the server's own words.
static bool
refusal(struct scope *s, const struct exchange_answer *a)
{
    struct scope own = {0};
    const struct json *root = json_parse(&own, a->body.at, a->body.n);
    const struct json *message = root == NULL ? NULL : json_find(root, "message");
    const char *words = message != NULL && json_kind(message) == JSON_TEXT ? json_as_text(message)
                                                                           : "without a reason";
    fail(s,
         a->status == 404                       ? ERROR_MISSING
         : a->status == 401 || a->status == 403 ? ERROR_DENIED
         : may_pass(a->status)                  ? ERROR_UNAVAILABLE
                                                : ERROR_INPUT,
         "it answers %d: %.300s", a->status, words);
    scope_close(&own);
    return false;
}

// Asks until there is an answer; `again`, which may be NULL, prepares for another try.
static bool
ask(struct scope *s, struct remote *r, struct exchange_request *request,
    bool (*again)(struct scope *s, void *context), struct exchange_answer *out)
{
    const char *headers[] = {"Content-Type: application/json", "Accept-Encoding: identity",
                             r->authorization, NULL};
    const struct http_limits limits = {.n_tries = 5, .pause_ms = 500, .wait_seconds = 60};
    struct retry retry = {.shown = request->url, .limits = http_limits_all(&limits)};
    request->headers = headers;
    request->limit_bytes = ANSWER_BYTES;
    request->idle_seconds = 120;
    for (;;) {
        *out = (struct exchange_answer){0};
        if (exchange(s, r->exchanger, request, out)) {
            if (out->is_refused)
                return false;
            if (out->status >= 200 && out->status < 300)
                return true;
            refusal(s, out);
        }
        // 501 is what the server never does; a failure that it calls its own may be the request's.
        const struct transfer_end end = {
            .may_pass = s->kind == ERROR_UNAVAILABLE && !out->is_lasting && out->status != 501,
            .retry_after_ms = 1000 * (int64_t)atoi(exchange_header(s, out, "Retry-After")),
        };
        if (!retry_wait(s, &retry, &end)) {
            if (out->status == 500 || out->status == 501)
                s->kind = ERROR_INPUT; // another try would meet the same
            return false;
        }
        if (again != NULL && !again(s, request->context))
            return false;
    }
}

static bool
ask_json(struct scope *s, struct remote *r, struct exchange_request *request, const char *path,
         struct remote_answer *out)
{
    struct exchange_answer answer;
    request->url = scope_print(s, "%s" API "%s", r->base, path);
    if (!ask(s, r, request, NULL, &answer))
        return false;
    const struct str body = answer.body.n == 0 ? (struct str){"{}", 2} : answer.body;
    *out = (struct remote_answer){scope_copy_n(s, body.at, body.n), json_parse(s, body.at, body.n)};
    if (out->root == NULL)
        return explain(s, "\"%s\" answers no JSON", request->url);
    return json_kind(out->root) == JSON_OBJECT ||
           fail(s, ERROR_INPUT, "\"%s\" answers no JSON object", request->url);
}

bool
remote_get(struct scope *s, struct remote *r, const char *path, struct remote_answer *out)
{
    struct exchange_request request = {.method = "GET"};
    return ask_json(s, r, &request, path, out);
}

bool
remote_post(struct scope *s, struct remote *r, const char *path, const char *body,
            struct remote_answer *out)
{
    struct exchange_request request = {
        .method = "POST", .has_body = true, .bytes = {body, strlen(body)}};
    return ask_json(s, r, &request, path, out);
}

struct bringing {
    struct scope *s;
    int fd;
    int64_t size_bytes;
};

static bool
bytes_take(void *context, const char *bytes, size_t n)
{
    struct bringing *b = context;
    b->size_bytes += (int64_t)n;
    return file_put(b->s, b->fd, bytes, n);
}

static bool
bring_again(struct scope *s, void *context)
{
    struct bringing *b = context;
    b->size_bytes = 0;
    return (lseek(b->fd, 0, SEEK_SET) == 0 && ftruncate(b->fd, 0) == 0) ||
           fail(s, ERROR_UNAVAILABLE, "could not empty a file: %s", strerror(errno));
}

bool
remote_bring(struct scope *s, struct remote *r, const char *path, int fd, int64_t *size_bytes)
{
    struct bringing b = {.s = s, .fd = fd};
    struct exchange_answer answer;
    struct exchange_request request = {
        .method = "GET",
        .url = scope_print(s, "%s%s", r->base, path),
        .take = bytes_take,
        .context = &b,
    };
    const bool ok = ask(s, r, &request, bring_again, &answer);
    *size_bytes = b.size_bytes;
    return ok;
}

const char *
remote_text(const struct json *value, const char *path)
{
    const struct json *x = json_find(value, path);
    return x != NULL && json_kind(x) == JSON_TEXT ? json_as_text(x) : "";
}

int64_t
remote_int(const struct json *value, const char *path, int64_t otherwise)
{
    const struct json *x = json_find(value, path);
    if (x == NULL || (json_kind(x) != JSON_NUMBER && json_kind(x) != JSON_TEXT))
        return otherwise;
    if (json_kind(x) == JSON_TEXT)
        return strtoll(json_as_text(x), NULL, 10);
    const double number = json_as_number(x);
    return fabs(number) < 9e18 ? (int64_t)number : otherwise;
}

double
remote_number(const struct json *value, const char *path)
{
    const struct json *x = json_find(value, path);
    if (x != NULL && json_kind(x) == JSON_NUMBER)
        return json_as_number(x);
    return x != NULL && json_kind(x) == JSON_TEXT ? strtod(json_as_text(x), NULL) : NAN;
}

void
remote_query(struct buf *path, const char *name, const char *value)
{
    buf_char(path, strchr(path->text, '?') == NULL ? '?' : '&');
    buf_text(path, name);
    buf_char(path, '=');
    url_encode(path, value);
}
