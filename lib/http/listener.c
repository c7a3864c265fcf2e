#include "http/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/time.h"
#include "registry/version.h"

#define RETRY_MS 1000
#define STOP_MS 100 // how long a stop may go unseen inside db_wait

struct listener {
    struct listener_options options;
    pthread_t thread;
    atomic_bool is_stopping;
    int wake[2]; // a pipe: closing its end wakes the thread between two tries
};

// Waits for a word, until the time is over or the thread is to stop.
static bool
word_await(struct scope *s, struct listener *l, struct db *db, int wait_ms, bool *came)
{
    *came = false;
    for (int waited_ms = 0; waited_ms < wait_ms && !*came; waited_ms += STOP_MS) {
        const int left_ms = wait_ms - waited_ms;
        if (atomic_load(&l->is_stopping))
            return true;
        if (!db_wait(s, db, left_ms < STOP_MS ? left_ms : STOP_MS, came))
            return false;
    }
    if (*came && l->options.heard != NULL)
        l->options.heard(l->options.context);
    return true;
}

// Lets a burst of words end.
static bool
quiet_await(struct scope *s, struct listener *l, struct db *db)
{
    const double start_s = time_monotonic_s();
    for (bool came = true; came;) {
        if ((time_monotonic_s() - start_s) * 1000 > LISTENER_PATIENCE_MS)
            return true;
        if (!word_await(s, l, db, LISTENER_QUIET_MS, &came))
            return false;
    }
    return true;
}

static bool
listen_while_connected(struct scope *s, struct listener *l)
{
    struct db *db = db_open(s, l->options.database_url, l->options.who);
    if (db == NULL || !db_listen(s, db, REGISTRY_CHANNEL))
        return false;
    const struct scope_mark start = scope_mark(s);
    while (!atomic_load(&l->is_stopping)) {
        bool came;
        l->options.changed(l->options.context, db);
        if (!word_await(s, l, db, LISTENER_POLL_MS, &came) || (came && !quiet_await(s, l, db)))
            return false;
        scope_release(s, start);
    }
    return true;
}

static void *
listen_always(void *thing)
{
    struct listener *l = thing;
    bool is_away = false;
    while (!atomic_load(&l->is_stopping)) {
        struct scope s = {0};
        if (!listen_while_connected(&s, l) && !is_away)
            log_warn("listener.lost_database", "program=%s reason=\"%s\"", l->options.who,
                     s.message);
        is_away = s.kind != ERROR_NONE;
        scope_close(&s);
        struct pollfd wake = {.fd = l->wake[0], .events = POLLIN};
        if (!atomic_load(&l->is_stopping))
            poll(&wake, 1, RETRY_MS);
    }
    return NULL;
}

static void
listener_stop(void *thing)
{
    struct listener *l = thing;
    atomic_store(&l->is_stopping, true);
    close(l->wake[1]);
    pthread_join(l->thread, NULL);
    close(l->wake[0]);
}

bool
listener_start(struct scope *s, const struct listener_options *options)
{
    struct listener *l = scope_alloc(s, sizeof *l);
    l->options = *options;
    if (pipe(l->wake) != 0)
        return fail(s, ERROR_UNAVAILABLE, "could not make a pipe: %s", strerror(errno));
    fcntl(l->wake[0], F_SETFD, FD_CLOEXEC);
    fcntl(l->wake[1], F_SETFD, FD_CLOEXEC);
    const int reason = pthread_create(&l->thread, NULL, listen_always, l);
    if (reason != 0) {
        close(l->wake[0]);
        close(l->wake[1]);
        return fail(s, ERROR_UNAVAILABLE, "could not start a thread: %s", strerror(reason));
    }
    scope_defer(s, listener_stop, l);
    return true;
}
