#include "base/belt.h"

#include <assert.h>
#include <pthread.h>

struct belt {
    size_t n_pieces, piece_bytes;
    char **pieces;
    size_t *n_bytes;
    pthread_mutex_t lock; // for what follows
    pthread_cond_t moved;
    size_t n_given, n_done; // pieces since the start
    bool is_holding;        // the taker has piece n_done in its hands
    bool is_ended, is_left;
};

static void
belt_close(void *thing)
{
    struct belt *belt = thing;
    pthread_cond_destroy(&belt->moved);
    pthread_mutex_destroy(&belt->lock);
}

struct belt *
belt_open(struct scope *s, size_t n_pieces, size_t piece_bytes)
{
    struct belt *belt = scope_alloc(s, sizeof *belt);
    belt->n_pieces = n_pieces;
    belt->piece_bytes = piece_bytes;
    belt->pieces = scope_array(s, n_pieces, sizeof *belt->pieces);
    belt->n_bytes = scope_array(s, n_pieces, sizeof *belt->n_bytes);
    for (size_t i = 0; i < n_pieces; i++)
        belt->pieces[i] = scope_alloc(s, piece_bytes);
    pthread_mutex_init(&belt->lock, NULL);
    pthread_cond_init(&belt->moved, NULL);
    scope_defer(s, belt_close, belt);
    return belt;
}

char *
belt_room(struct belt *belt)
{
    pthread_mutex_lock(&belt->lock);
    while (belt->n_given - belt->n_done == belt->n_pieces && !belt->is_left)
        pthread_cond_wait(&belt->moved, &belt->lock);
    char *piece = belt->is_left ? NULL : belt->pieces[belt->n_given % belt->n_pieces];
    pthread_mutex_unlock(&belt->lock);
    return piece;
}

void
belt_give(struct belt *belt, size_t n)
{
    assert(n <= belt->piece_bytes);
    pthread_mutex_lock(&belt->lock);
    belt->n_bytes[belt->n_given % belt->n_pieces] = n;
    belt->n_given++;
    pthread_cond_signal(&belt->moved);
    pthread_mutex_unlock(&belt->lock);
}

void
belt_end(struct belt *belt)
{
    pthread_mutex_lock(&belt->lock);
    belt->is_ended = true;
    pthread_cond_signal(&belt->moved);
    pthread_mutex_unlock(&belt->lock);
}

bool
belt_take(struct belt *belt, struct str *piece)
{
    pthread_mutex_lock(&belt->lock);
    if (belt->is_holding) {
        belt->n_done++;
        belt->is_holding = false;
        pthread_cond_signal(&belt->moved);
    }
    while (belt->n_done == belt->n_given && !belt->is_ended)
        pthread_cond_wait(&belt->moved, &belt->lock);
    belt->is_holding = belt->n_done < belt->n_given;
    const size_t i = belt->n_done % belt->n_pieces;
    const bool is_there = belt->is_holding;
    if (is_there)
        *piece = (struct str){belt->pieces[i], belt->n_bytes[i]};
    pthread_mutex_unlock(&belt->lock);
    return is_there;
}

void
belt_leave(struct belt *belt)
{
    pthread_mutex_lock(&belt->lock);
    belt->is_left = true;
    pthread_cond_signal(&belt->moved);
    pthread_mutex_unlock(&belt->lock);
}
