// store/store_put.c: putting an object in two steps, so that its bytes are read while they are
// made durable.
#include <pthread.h>
#include <string.h>

#include "store/store_kind.h"

struct store_put {
    struct store *store;
    struct store_source source;
    struct scope own; // the thread's until it has been joined
    pthread_t thread;
    bool is_running;      // and not joined
    bool is_put;          // what came of it
    pthread_mutex_t lock; // for what follows
    pthread_cond_t moved;
    bool is_ready, is_over;
    struct store_kept kept; // when it is ready
    char key[STORE_KEY_BYTES + 1];
};

void
store_ready(const struct store_source *source, const struct store_kept *kept)
{
    if (source->ready != NULL)
        source->ready(source->context, kept);
}

static void
ready_note(void *context, const struct store_kept *kept)
{
    struct store_put *put = context;
    pthread_mutex_lock(&put->lock);
    put->kept = *kept;
    memcpy(put->key, kept->key, strlen(kept->key) + 1);
    put->is_ready = true;
    pthread_cond_signal(&put->moved);
    pthread_mutex_unlock(&put->lock);
}

static void *
put_run(void *thing)
{
    struct store_put *put = thing;
    struct store_kept kept;
    put->is_put = store_put_source(&put->own, put->store, &put->source, &kept);
    if (put->is_put && !put->is_ready)
        ready_note(put, &kept);
    pthread_mutex_lock(&put->lock);
    put->is_over = true;
    pthread_cond_signal(&put->moved);
    pthread_mutex_unlock(&put->lock);
    return NULL;
}

static void
put_join(struct store_put *put)
{
    if (put->is_running)
        pthread_join(put->thread, NULL);
    put->is_running = false;
}

static void
put_close(void *thing)
{
    struct store_put *put = thing;
    put_join(put);
    scope_close(&put->own);
    pthread_cond_destroy(&put->moved);
    pthread_mutex_destroy(&put->lock);
}

// Waits for the bytes, or for the failure to get them.
static bool
ready_await(struct store_put *put)
{
    pthread_mutex_lock(&put->lock);
    while (!put->is_ready && !put->is_over)
        pthread_cond_wait(&put->moved, &put->lock);
    const bool is_ready = put->is_ready;
    pthread_mutex_unlock(&put->lock);
    return is_ready;
}

struct store_put *
store_put_begin(struct scope *s, struct store *store, int fd, const char *prefix,
                const char *suffix, struct store_kept *out)
{
    struct store_put *put = scope_alloc(s, sizeof *put);
    put->store = store;
    put->source = (struct store_source){
        .prefix = prefix, .suffix = suffix, .fd = fd, .ready = ready_note, .context = put};
    pthread_mutex_init(&put->lock, NULL);
    pthread_cond_init(&put->moved, NULL);
    scope_defer(s, put_close, put);
    put->is_running = pthread_create(&put->thread, NULL, put_run, put) == 0;
    if (!put->is_running)
        return fail_null(s, ERROR_UNAVAILABLE, "could not start a thread");
    if (!ready_await(put)) {
        put_join(put);
        fail_as(s, &put->own);
        return NULL;
    }
    *out = put->kept;
    out->key = scope_copy(s, put->key);
    return put;
}

bool
store_put_finish(struct scope *s, struct store_put *put)
{
    put_join(put);
    return put->is_put || fail_as(s, &put->own);
}
