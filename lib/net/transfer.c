#include "net/transfer.h"

#include <curl/curl.h>

#define REDIRECTS_MOST 5L
#define PIECE_BYTES (256L * 1024)

struct state {
    struct scope *s;
    const struct transfer *t;
    struct transfer_end *end;
    CURL *curl;
    int64_t header_bytes;
    bool has_begun;
    char reason[CURL_ERROR_SIZE];
};

static bool
is_passing(int status)
{
    return status == 408 || status == 425 || status == 429 || status >= 500;
}

// A header of the last answer, after redirects.
static const char *
header_find(struct state *state, const char *name)
{
    struct curl_header *found;
    if (curl_easy_header(state->curl, name, 0, CURLH_HEADER, -1, &found) != CURLHE_OK)
        return "";
    return scope_copy(state->s, found->value);
}

static void
head_read(struct state *state)
{
    struct transfer_head *head = &state->end->head;
    long status = 0;
    curl_off_t size = -1, wait_s = 0;
    curl_easy_getinfo(state->curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(state->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &size);
    curl_easy_getinfo(state->curl, CURLINFO_RETRY_AFTER, &wait_s);
    *head = (struct transfer_head){
        .status = (int)status,
        .size_bytes = (int64_t)size,
        .type = header_find(state, "Content-Type"),
        .etag = header_find(state, "ETag"),
        .modified = header_find(state, "Last-Modified"),
        .range = header_find(state, "Content-Range"),
    };
    if (is_passing(head->status) && wait_s > 0)
        state->end->retry_after_ms = 1000 * (wait_s < 1000000 ? (int64_t)wait_s : 1000000);
}

static bool
too_large(const struct state *state)
{
    return fail(state->s, ERROR_LIMIT, "it has more than %lld bytes",
                (long long)state->t->limits.size_bytes);
}

// Hands the head on, before the first byte.
static bool
body_begin(struct state *state)
{
    if (state->has_begun)
        return true;
    state->has_begun = true;
    head_read(state);
    return is_passing(state->end->head.status) ||
           state->t->begin(state->s, state->t->context, &state->end->head);
}

static size_t
body_take(char *bytes, size_t one, size_t n, void *context)
{
    struct state *state = context;
    const size_t n_bytes = one * n;
    if (!body_begin(state))
        return 0;
    state->end->size_bytes += (int64_t)n_bytes;
    if (state->end->size_bytes > state->t->limits.size_bytes)
        return too_large(state);
    if (is_passing(state->end->head.status))
        return n_bytes;
    return state->t->take(state->s, state->t->context, bytes, n_bytes) ? n_bytes : 0;
}

// Counts the headers of all answers, redirects among them. curl keeps them itself.
static size_t
header_count(char *bytes, size_t one, size_t n, void *context)
{
    struct state *state = context;
    (void)bytes;
    state->header_bytes += (int64_t)(one * n);
    if (state->header_bytes <= state->t->limits.header_bytes)
        return one * n;
    fail(state->s, ERROR_LIMIT, "its headers have more than %d bytes",
         state->t->limits.header_bytes);
    return 0;
}

static void
curl_close(void *curl)
{
    curl_easy_cleanup(curl);
}

static void
list_close(void *list)
{
    curl_slist_free_all(list);
}

static bool
headers_set(struct state *state)
{
    struct curl_slist *list = NULL;
    for (const char *const *h = state->t->headers; h != NULL && *h != NULL; h++) {
        struct curl_slist *more = curl_slist_append(list, *h);
        if (more == NULL) {
            curl_slist_free_all(list);
            return fail(state->s, ERROR_UNAVAILABLE, "could not prepare a request");
        }
        list = more;
    }
    if (list != NULL)
        scope_defer(state->s, list_close, list);
    curl_easy_setopt(state->curl, CURLOPT_HTTPHEADER, list);
    return true;
}

static void
options_set(struct state *state)
{
    CURL *curl = state->curl;
    const struct http_limits *l = &state->t->limits;
    curl_easy_setopt(curl, CURLOPT_URL, state->t->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, REDIRECTS_MOST);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "airwatch");
    if (state->t->may_pack)
        curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)l->connect_seconds);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, (long)l->slow_bytes_s);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)l->idle_seconds);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)l->total_seconds);
    curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)l->size_bytes);
    curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, PIECE_BYTES);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, body_take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, state);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, header_count);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, state);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, state->reason);
}

// curl's own words where they say more and cannot have an address or a proxy's password in them.
static const char *
reason_words(const struct state *state, CURLcode code)
{
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_PARTIAL_FILE:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_RECV_ERROR:
    case CURLE_SSL_CONNECT_ERROR:
        return state->reason[0] != '\0' ? state->reason : curl_easy_strerror(code);
    default:
        return curl_easy_strerror(code);
    }
}

// Turns curl's code into a failure of ours.
static bool
code_fail(struct state *state, CURLcode code)
{
    long n_redirects = 0;
    curl_easy_getinfo(state->curl, CURLINFO_REDIRECT_COUNT, &n_redirects);
    switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
        return fail(state->s, ERROR_INPUT,
                    n_redirects > 0 ? "it redirects to what is not an http or https address"
                                    : "not an http or https address");
    case CURLE_TOO_MANY_REDIRECTS:
        return fail(state->s, ERROR_INPUT, "it redirects more than %ld times", REDIRECTS_MOST);
    case CURLE_FILESIZE_EXCEEDED: // by its Content-Length
        return too_large(state);
    case CURLE_OUT_OF_MEMORY: // what curl calls a line of more than 100 kB
        return fail(state->s, ERROR_LIMIT, "a header is too long");
    case CURLE_BAD_CONTENT_ENCODING:
        return fail(state->s, ERROR_INPUT, "it cannot be unpacked");
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
        break; // another try would see the same certificate
    default:
        state->end->may_pass = true;
    }
    return fail(state->s, ERROR_UNAVAILABLE, "%s", reason_words(state, code));
}

static bool
state_run(struct state *state)
{
    struct scope *s = state->s;
    const CURLcode code = curl_easy_perform(state->curl);
    const bool is_refused = s->kind != ERROR_NONE; // by us
    if (!is_refused && code == CURLE_OK && !body_begin(state)) {
        state->end->is_local = s->kind == ERROR_UNAVAILABLE;
        return false;
    }
    if (is_refused) {
        state->end->is_local = s->kind == ERROR_UNAVAILABLE;
        return false;
    }
    if (is_passing(state->end->head.status)) {
        state->end->may_pass = true;
        return fail(s, ERROR_UNAVAILABLE, "the server answered %d", state->end->head.status);
    }
    return code == CURLE_OK || code_fail(state, code);
}

bool
transfer_run(struct scope *s, const struct transfer *t, struct transfer_end *out)
{
    struct state state = {.s = s, .t = t, .end = out, .curl = curl_easy_init()};
    *out = (struct transfer_end){
        .head = {.size_bytes = -1, .type = "", .etag = "", .modified = "", .range = ""}};
    if (state.curl == NULL)
        return fail(s, ERROR_UNAVAILABLE, "could not prepare a connection");
    scope_defer(s, curl_close, state.curl);
    options_set(&state);
    return headers_set(&state) && state_run(&state);
}
