// store/store_put.c: putting an object in steps, so that its bytes are read while they are copied,
// hashed and made durable.
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "store/hasher.h"
#include "store/store_kind.h"

struct store_put {
    struct store *store;
    struct store_source source;
    struct inlet from, watched; // the caller's descriptor; the same, by piece_take
    int from_fd;
    int64_t taken_bytes; // the thread's
    struct scope own;    // likewise, until it has been joined
    pthread_t thread;
    bool is_running;      // and not joined
    bool is_put;          // what came of it
    pthread_mutex_t lock; // for what follows
    pthread_cond_t moved;
    int fd;             // of the copy, for its reader; -1 before it has begun
    int64_t size_bytes; // of the copy
    bool is_ready, is_over;
    struct store_kept kept; // when it is ready
    char key[STORE_KEY_BYTES + 1];
};

// The reader's place in the file is not the writer's, so the file is opened once more; it may have
// no name any longer.
bool
store_copy_begin(struct scope *s, struct store_put *put, int to)
{
    const int fd = open(scope_print(s, "/proc/self/fd/%d", to), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail(s, ERROR_UNAVAILABLE, "could not open the copy: %s", strerror(errno));
    pthread_mutex_lock(&put->lock);
    put->fd = fd;
    pthread_cond_signal(&put->moved);
    pthread_mutex_unlock(&put->lock);
    return true;
}

// Reads on for the copy. Who asks for the next piece has written the ones before.
static bool
piece_take(struct scope *s, void *context, char *to, size_t room_bytes, size_t *n)
{
    struct store_put *put = context;
    pthread_mutex_lock(&put->lock);
    put->size_bytes = put->taken_bytes;
    pthread_cond_signal(&put->moved);
    pthread_mutex_unlock(&put->lock);
    if (!put->from.take(s, put->from.context, to, room_bytes, n))
        return false;
    put->taken_bytes += (int64_t)*n;
    return true;
}

void
store_ready(const struct store_source *source, const struct store_kept *kept)
{
    struct store_put *put = source->put;
    if (put == NULL)
        return;
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
    assert(!put->is_put || put->is_ready);
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
    if (put->fd >= 0)
        close(put->fd);
    scope_close(&put->own);
    pthread_cond_destroy(&put->moved);
    pthread_mutex_destroy(&put->lock);
}

static bool
is_begun(const struct store_put *put, __attribute__((unused)) int64_t offset)
{
    return put->fd >= 0;
}

static bool
is_beyond(const struct store_put *put, int64_t offset)
{
    return put->size_bytes > offset;
}

static bool
is_hashed(const struct store_put *put, __attribute__((unused)) int64_t offset)
{
    return put->is_ready;
}

// Waits until a claim comes true; false when it cannot any more.
static bool
await(struct store_put *put, bool (*claim)(const struct store_put *put, int64_t offset),
      int64_t offset)
{
    pthread_mutex_lock(&put->lock);
    while (!claim(put, offset) && !put->is_ready && !put->is_over)
        pthread_cond_wait(&put->moved, &put->lock);
    const bool is_true = claim(put, offset);
    pthread_mutex_unlock(&put->lock);
    return is_true;
}

// The failure of a thread that has ended.
static bool
fail_put(struct scope *s, struct store_put *put)
{
    put_join(put);
    return fail_as(s, &put->own);
}

struct store_put *
store_put_begin(struct scope *s, struct store *store, int from, const char *prefix,
                const char *suffix, int *fd)
{
    struct store_put *put = scope_alloc(s, sizeof *put);
    *put = (struct store_put){.store = store, .fd = -1, .from_fd = from};
    put->from = hasher_inlet(&put->from_fd);
    put->watched = (struct inlet){piece_take, put};
    put->source = (struct store_source){
        .prefix = prefix, .suffix = suffix, .fd = -1, .inlet = &put->watched, .put = put};
    pthread_mutex_init(&put->lock, NULL);
    pthread_cond_init(&put->moved, NULL);
    scope_defer(s, put_close, put);
    put->is_running = pthread_create(&put->thread, NULL, put_run, put) == 0;
    if (!put->is_running)
        return fail_null(s, ERROR_UNAVAILABLE, "could not start a thread");
    if (!await(put, is_begun, 0)) {
        fail_put(s, put);
        return NULL;
    }
    *fd = put->fd;
    return put;
}

bool
store_put_await(struct store_put *put, int64_t offset)
{
    return await(put, is_beyond, offset);
}

bool
store_put_hashed(struct scope *s, struct store_put *put, struct store_kept *out)
{
    if (!await(put, is_hashed, 0))
        return fail_put(s, put);
    *out = put->kept;
    out->key = scope_copy(s, put->key);
    return true;
}

bool
store_put_finish(struct scope *s, struct store_put *put)
{
    put_join(put);
    return put->is_put || fail_as(s, &put->own);
}
