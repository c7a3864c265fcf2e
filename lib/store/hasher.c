#define _GNU_SOURCE // sync_file_range

#include "store/hasher.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

#define PIECE_BYTES ((size_t)1 << 17)
#define BEGIN_BYTES (8 << 20) // the disk begins after so many
#define N_PIECES 4            // enough for neither side to wait for the other's hiccups

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

// Fills a piece; 0 bytes at the end.
static bool
piece_read(struct scope *s, int fd, char *piece, size_t *n)
{
    for (;;) {
        const ssize_t got = read(fd, piece, PIECE_BYTES);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail(s, ERROR_UNAVAILABLE, "could not read: %s", strerror(errno));
        *n = (size_t)got;
        return true;
    }
}

bool
hasher_copy(struct scope *s, int from, int to, char sha256[HASH_TEXT], int64_t *size_bytes)
{
    int64_t begun_bytes = 0;
    size_t n = 0;
    struct hasher *hasher = hasher_open(s, PIECE_BYTES);

    if (hasher == NULL)
        return false;
    for (*size_bytes = 0;;) {
        char *piece = hasher_piece(hasher);
        if (!piece_read(s, from, piece, &n))
            return false;
        if (n == 0)
            break;
        if (!file_put(s, to, piece, n))
            return false;
        hasher_give(hasher, n);
        *size_bytes += (int64_t)n;
        if (*size_bytes - begun_bytes >= BEGIN_BYTES) {
            sync_file_range(to, begun_bytes, *size_bytes - begun_bytes, SYNC_FILE_RANGE_WRITE);
            begun_bytes = *size_bytes;
        }
    }
    hasher_finish(hasher, sha256);
    return true;
}

bool
hasher_read(struct scope *s, int fd, char sha256[HASH_TEXT])
{
    struct hash *hash = hash_open(s);
    char *piece = scope_alloc(s, PIECE_BYTES);
    size_t n = 0;
    do {
        if (!piece_read(s, fd, piece, &n))
            return false;
        hash_add(hash, piece, n);
    } while (n > 0);
    hash_finish(hash, sha256);
    return true;
}
