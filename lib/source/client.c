#include "source/client.h"

#include <string.h>

#include "aqs/address.h"
#include "base/log.h"
#include "net/http.h"
#include "source/fetch.h"
#include "source/pace.h"

#define TRIES 5
#define BACKOFF_MOST_MS 120000

struct call {
    const struct config *config;
    struct db *db;
    const char *address; // with the account
    int raw, clean;      // the answer as it came, and the copy
    struct pace pace;
};

// One request, in its turn already. A failure of kind UNAVAILABLE may pass; the service may ask to
// be left alone for longer than `*leave_ms`.
static bool
request_once(struct scope *s, const struct call *call, struct client_answer *out, int64_t *leave_ms)
{
    const struct http_limits limits = {.n_tries = 1,
                                       .idle_seconds = (int)call->config->aqs_idle_s.value};
    struct http_answer got = {0};
    if (!http_download(s, call->address, &limits, call->raw, &got)) {
        out->is_local = got.is_local;
        *leave_ms = got.retry_after_ms > *leave_ms ? got.retry_after_ms : *leave_ms;
        return false;
    }
    const char *const secrets[] = {call->config->aqs_email, call->config->aqs_key.hidden, NULL};
    if (answer_read(s, call->raw, call->clean, secrets, &out->answer)) {
        if (out->answer.is_failed)
            return fail(s, ERROR_INPUT, "EPA refused the request: %s", out->answer.error);
        return got.status < 300 || fail(s, ERROR_INPUT, "the server answered %d", got.status);
    }
    out->is_local = s->kind == ERROR_UNAVAILABLE;
    if (s->kind != ERROR_INPUT)
        return false;
    const char *what = scope_copy(s, s->message);
    scope_forgive(s);
    if (got.status >= 300)
        return fail(s, ERROR_INPUT, "the server answered %d", got.status);
    return fail(s, ERROR_UNAVAILABLE, "%s", what);
}

static int64_t
backoff_ms(const struct call *call, int i_try)
{
    const int64_t ms = call->pace.pause_ms << i_try;
    return ms > BACKOFF_MOST_MS ? BACKOFF_MOST_MS : ms;
}

// One request in its turn; what it needed goes with `one`.
static bool
turn_take(struct scope *one, const struct call *call, int i_try, struct client_answer *out)
{
    struct scope end = {0};
    out->is_local = true; // until the service is asked
    if (!pace_begin(one, call->db, &call->pace))
        return false;
    out->is_local = false;
    int64_t leave_ms = backoff_ms(call, i_try);
    const bool ok = request_once(one, call, out, &leave_ms);
    const bool is_service = !ok && one->kind == ERROR_UNAVAILABLE && !out->is_local;
    const bool ended = pace_end(&end, call->db, &call->pace, is_service ? leave_ms : 0);
    if (!ended) {
        out->is_local = true;
        fail_as(one, &end);
    }
    scope_close(&end);
    return ok && ended;
}

static bool
tries_run(struct scope *s, const struct call *call, struct client_answer *out)
{
    for (int i = 0;; i++) {
        struct scope one = {0};
        const bool ok = turn_take(&one, call, i, out);
        if (ok) {
            out->answer.status = scope_copy(s, out->answer.status);
            out->answer.error = scope_copy(s, out->answer.error);
        } else {
            fail_as(s, &one);
        }
        scope_close(&one);
        if (ok)
            return true;
        if (s->kind != ERROR_UNAVAILABLE || out->is_local || i + 1 == TRIES)
            return false;
        log_warn("aqs.failed", "try=%d of=%d reason=%s", i + 1, TRIES, s->message);
        scope_forgive(s);
    }
}

bool
client_get(struct scope *s, const struct config *config, struct db *db, const char *query,
           struct client_answer *out)
{
    struct call call = {
        .config = config,
        .db = db,
        .pace = {.service = config->aqs_url,
                 .pause_ms = config->aqs_pause_ms.value,
                 .n_a_minute = config->aqs_a_minute.value},
    };
    *out = (struct client_answer){.is_local = true};
    if (!aqs_address(s, config, query, &call.address) || !fetch_file(s, config, &call.raw) ||
        !fetch_file(s, config, &call.clean))
        return false;
    out->name = http_redact(s, call.address);
    out->fd = call.clean;
    return tries_run(s, &call, out) || explain(s, "could not have \"%s\"", query);
}
