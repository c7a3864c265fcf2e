#include "net/retry.h"

#include <errno.h>
#include <time.h>

#include "base/chance.h"
#include "base/log.h"

#define PAUSE_MOST_MS 120000
#define TRIES_MOST 1000 // of a download that comes in small pieces

static void
pause_for(int64_t ms)
{
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        continue;
}

static int64_t
pause_ms(const struct retry *r)
{
    uint64_t seed;
    int64_t ms = r->limits.pause_ms;
    for (int i = 1; i < r->n_in_vain && ms < PAUSE_MOST_MS; i++)
        ms *= 2;
    if (ms > PAUSE_MOST_MS)
        ms = PAUSE_MOST_MS;
    chance_secret(&seed, sizeof seed);
    struct chance chance = chance_open(seed);
    return ms + (int64_t)(chance_unit(&chance) * (double)ms / 2);
}

bool
retry_wait(struct scope *s, struct retry *r, const struct transfer_end *end)
{
    r->n_failed++;
    r->n_in_vain = end->size_bytes > 0 && end->head.status < 300 ? 0 : r->n_in_vain + 1;
    const bool is_over = r->n_in_vain >= r->limits.n_tries || r->limits.n_tries == 1 ||
                         r->n_failed >= TRIES_MOST;
    const int64_t asked_ms = end->retry_after_ms, own_ms = pause_ms(r);
    const int64_t ms = asked_ms > own_ms ? asked_ms : own_ms;
    if (end->may_pass && !is_over && asked_ms > 1000 * (int64_t)r->limits.wait_seconds)
        return explain(s, "could not fetch \"%s\", which asks to wait for %lld s", r->shown,
                       (long long)(asked_ms / 1000));
    if (!end->may_pass || is_over)
        return explain(s, "could not fetch \"%s\"", r->shown);
    log_warn("download.failed", "url=%s try=%d pause_ms=%lld reason=\"%s\"", r->shown, r->n_failed,
             (long long)ms, s->message);
    scope_forgive(s);
    pause_for(ms);
    return true;
}
