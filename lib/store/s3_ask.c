#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/chance.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/log.h"
#include "store/s3.h"
#include "store/s3_error.h"
#include "text/url.h"

#define N_TRIES 5
#define IDLE_S 30
#define PAUSE_MS 200 // before the second try; doubled each time, and up to half as much by chance
#define PAUSE_MOST_MS 5000
#define MAIN_HEADERS 4 // that every request has

// "team/lake" and "/team/lake/" alike become "team/lake/".
static const char *
prefix_clean(struct scope *s, const char *given)
{
    const char *at = given + strspn(given, "/");
    size_t n = strlen(at);
    while (n > 0 && at[n - 1] == '/')
        n--;
    return n == 0 ? "" : scope_print(s, "%.*s/", (int)n, at);
}

struct s3 *
s3_open(struct scope *s, const struct config *config)
{
    struct s3 *s3 = scope_alloc(s, sizeof *s3);
    const char *artifacts = config->s3.artifact_bucket;
    *s3 = (struct s3){
        .config = &config->s3,
        .bucket = config->s3.bucket,
        .artifact_bucket = artifacts != NULL ? artifacts : config->s3.bucket,
        .prefix = prefix_clean(s, config->s3.prefix),
        .spool = config_path(s, config, "tmp"),
        .exchanger = exchanger_open(s),
        .n_tries = N_TRIES,
        .idle_seconds = IDLE_S,
        .is_unconditional = scope_alloc(s, sizeof(atomic_bool)),
    };
    s3->credentials = credentials_open(s, &config->aws, s3->exchanger);
    return file_make_folders(s, s3->spool) ? s3 : NULL;
}

struct s3 *
s3_hasty(struct scope *s, const struct s3 *s3)
{
    struct s3 *hasty = scope_alloc(s, sizeof *hasty);
    *hasty = *s3;
    hasty->n_tries = 1;
    hasty->idle_seconds = 5;
    return hasty;
}

const char *
s3_bucket(const struct s3 *s3, const char *key)
{
    return strncmp(key, "artifacts/", strlen("artifacts/")) == 0 ? s3->artifact_bucket : s3->bucket;
}

const char *
s3_key(struct scope *s, const struct s3 *s3, const char *key)
{
    return scope_print(s, "%s%s", s3->prefix, key);
}

const char *
s3_key_encode(struct scope *s, const char *key)
{
    struct buf out = buf_open(s, 2 * strlen(key) + 1);
    for (const char *at = key;;) {
        const size_t n = strcspn(at, "/");
        url_encode(&out, scope_copy_n(s, at, n));
        at += n;
        if (*at == '\0')
            return out.text;
        buf_char(&out, *at++);
    }
}

// "https://bucket.host/key" or "https://host/bucket/key".
static const char *
url_make(struct scope *s, const struct s3 *s3, const struct s3_request *r)
{
    const struct config_s3 *c = s3->config;
    const bool is_china = strncmp(c->region, "cn-", 3) == 0;
    const char *endpoint = c->endpoint != NULL ? c->endpoint
                                               : scope_print(s, "https://s3.%s.amazonaws.com%s",
                                                             c->region, is_china ? ".cn" : "");
    const bool is_name = strchr(r->bucket, '.') == NULL; // else Amazon's certificate is of others
    const bool is_virtual =
        c->addressing[0] == 'v' || (c->addressing[0] == 'a' && c->endpoint == NULL && is_name);
    const char *mark = strstr(endpoint, "://");
    const char *host = mark == NULL ? endpoint : mark + 3;
    size_t n = strlen(host);
    while (n > 0 && host[n - 1] == '/')
        n--;

    struct buf url = buf_open(s, 512);
    buf_add(&url, endpoint, (size_t)(host - endpoint));
    if (is_virtual)
        buf_print(&url, "%s.", r->bucket);
    buf_add(&url, host, n);
    if (!is_virtual)
        buf_print(&url, "/%s", r->bucket);
    if (r->key != NULL || is_virtual)
        buf_char(&url, '/');
    if (r->key != NULL)
        buf_text(&url, s3_key_encode(s, r->key));
    if (r->query != NULL)
        buf_print(&url, "?%s", r->query);
    return url.text;
}

static bool
try_once(struct scope *s, const struct s3 *s3, const struct s3_request *r,
         const struct credential *who, struct exchange_answer *out)
{
    static const char none[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const char *headers[S3_HEADERS + MAIN_HEADERS];
    size_t n = 0;
    headers[n++] = scope_print(s, "x-amz-content-sha256: %s", r->sha256 == NULL ? none : r->sha256);
    if (who->token.hidden != NULL)
        headers[n++] = scope_print(s, "x-amz-security-token: %s", who->token.hidden);
    if (r->sha256 != NULL)
        headers[n++] = "Content-Type: application/octet-stream";
    for (const char *const *h = r->headers; *h != NULL; h++)
        headers[n++] = *h;
    headers[n] = NULL;
    const struct sign_key signature = {"s3", s3->config->region, who->key_id, who->secret_key};
    const struct exchange_request request = {
        .method = r->method,
        .url = url_make(s, s3, r),
        .headers = headers,
        .signature = &signature,
        .ca_file = s3->config->ca_file,
        .has_body = r->sha256 != NULL,
        .bytes = r->bytes,
        .fd = r->fd,
        .fd_offset = r->fd_offset,
        .fd_bytes = r->fd_bytes,
        .limit_bytes = (size_t)4 << 20,
        .take = r->take,
        .context = r->context,
        .idle_seconds = s3->idle_seconds,
    };
    if (r->begin != NULL && !r->begin(r->context))
        return fail(s, ERROR_UNAVAILABLE, "could not begin again");
    return exchange(s, s3->exchanger, &request, out);
}

static void
pause_before(int n_tried)
{
    unsigned char chance = 0;
    int ms = PAUSE_MS;
    for (int i = 1; i < n_tried && ms < PAUSE_MOST_MS; i++)
        ms *= 2;
    chance_secret(&chance, 1);
    ms += ms * chance / 512;
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        continue;
}

// True for a code that stands among words.
static bool
is_also(const char *words, const char *code)
{
    const size_t n = strlen(code);
    const char *at = words == NULL || n == 0 ? NULL : strstr(words, code);
    return at != NULL && (at[n] == ' ' || at[n] == '\0');
}

struct tries {
    int n;
    bool wants_credentials; // newer ones
    bool is_passing;        // what failed may go well later
};

// One try: an answer, or a failure that may pass.
static bool
ask_once(struct scope *s, const struct s3 *s3, const struct s3_request *r, struct tries *t,
         struct s3_answer *out)
{
    struct credential who;
    const bool is_again = t->wants_credentials;
    t->is_passing = t->wants_credentials = false;
    if (!credentials_get(s, s3->credentials, is_again, &who))
        return false;
    *out = (struct s3_answer){.code = ""};
    if (!try_once(s, s3, r, &who, &out->raw)) {
        t->is_passing = s->kind == ERROR_UNAVAILABLE && !out->raw.is_lasting;
        return false;
    }
    if (out->raw.is_refused || (out->raw.status >= 200 && out->raw.status < 300))
        return true;
    const struct s3_error e = s3_error_read(s, &out->raw);
    out->code = e.code;
    if (is_also(r->also, e.code))
        return true;
    const bool is_mute = r->method[0] == 'H' && (e.status == 400 || e.status == 403);
    t->wants_credentials = (s3_error_is_old(&e) || is_mute) && !is_again;
    t->is_passing = s3_error_passes(&e) || t->wants_credentials;
    return s3_error_fail(s, &e, r->bucket, s3->config->region);
}

bool
s3_ask(struct scope *s, const struct s3 *s3, const struct s3_request *request,
       struct s3_answer *out)
{
    struct tries t = {.n = 1};
    while (!ask_once(s, s3, request, &t, out)) {
        if (!t.is_passing || (t.n >= s3->n_tries && !t.wants_credentials))
            return t.is_passing && t.n > 1 ? explain(s, "tried %d times", t.n) : false;
        log_warn("s3.failed", "method=%s key=%s try=%d reason=\"%s\"", request->method,
                 request->key == NULL ? "" : request->key, t.n, s->message);
        scope_forgive(s);
        if (!t.wants_credentials)
            pause_before(t.n);
        t.n++;
    }
    return true;
}
