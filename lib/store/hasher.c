#include "store/hasher.h"

#include <pthread.h>

#define N_PIECES 4 // enough for neither side to wait for the other's hiccups

struct hasher {
    struct hash *hash;
    char *pieces[N_PIECES];
    size_t n_bytes[N_PIECES];
    pthread_t thread;
    pthread_mutex_t lock; // for what follows
    pthread_cond_t moved;
    size_t n_given, n_hashed; // pieces since the start
    bool is_over;
};

static void *
hash_on(void *thing)
{
    struct hasher *h = thing;
    pthread_mutex_lock(&h->lock);
    for (;;) {
        while (h->n_hashed == h->n_given && !h->is_over)
            pthread_cond_wait(&h->moved, &h->lock);
        if (h->n_hashed == h->n_given)
            break;
        const size_t i = h->n_hashed % N_PIECES;
        pthread_mutex_unlock(&h->lock);
        hash_add(h->hash, h->pieces[i], h->n_bytes[i]);
        pthread_mutex_lock(&h->lock);
        h->n_hashed++;
        pthread_cond_signal(&h->moved);
    }
    pthread_mutex_unlock(&h->lock);
    return NULL;
}

// Ends the thread, if it still runs.
static void
thread_end(struct hasher *h)
{
    pthread_mutex_lock(&h->lock);
    const bool was_over = h->is_over;
    h->is_over = true;
    pthread_cond_signal(&h->moved);
    pthread_mutex_unlock(&h->lock);
    if (!was_over)
        pthread_join(h->thread, NULL);
}

static void
hasher_close(void *thing)
{
    struct hasher *h = thing;
    thread_end(h);
    pthread_cond_destroy(&h->moved);
    pthread_mutex_destroy(&h->lock);
}

struct hasher *
hasher_open(struct scope *s, size_t piece_bytes)
{
    struct hasher *h = scope_alloc(s, sizeof *h);
    h->hash = hash_open(s);
    for (size_t i = 0; i < N_PIECES; i++)
        h->pieces[i] = scope_alloc(s, piece_bytes);
    pthread_mutex_init(&h->lock, NULL);
    pthread_cond_init(&h->moved, NULL);
    if (pthread_create(&h->thread, NULL, hash_on, h) != 0)
        return fail_null(s, ERROR_UNAVAILABLE, "could not start a thread");
    scope_defer(s, hasher_close, h);
    return h;
}

char *
hasher_piece(struct hasher *h)
{
    pthread_mutex_lock(&h->lock);
    while (h->n_given - h->n_hashed == N_PIECES)
        pthread_cond_wait(&h->moved, &h->lock);
    char *piece = h->pieces[h->n_given % N_PIECES];
    pthread_mutex_unlock(&h->lock);
    return piece;
}

void
hasher_give(struct hasher *h, size_t n)
{
    pthread_mutex_lock(&h->lock);
    h->n_bytes[h->n_given % N_PIECES] = n;
    h->n_given++;
    pthread_cond_signal(&h->moved);
    pthread_mutex_unlock(&h->lock);
}

char *
hasher_finish(struct hasher *h, char out[HASH_TEXT])
{
    thread_end(h);
    return hash_finish(h->hash, out);
}
