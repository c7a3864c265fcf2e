#include "db/copy.h"

#include <pthread.h>
#include <string.h>

#include "base/belt.h"

#define PIECE_BYTES ((size_t)128 * 1024)
#define N_PIECES 16 // 2 MB: what a server takes in some 50 ms

struct copy {
    struct scope *s;
    struct wire *wire;
    struct scope failure; // of the thread, until it has been joined
    char *piece;          // being filled
    size_t n;
    struct belt *belt; // NULL until there is more than a piece
    pthread_t thread;
    bool is_running; // the thread is
    bool is_lost;    // a piece could not be sent: the thread's until it has been joined
};

static bool
piece_send(struct copy *copy, struct str piece)
{
    return piece.n == 0 || wire_put(&copy->failure, copy->wire, piece.at, piece.n);
}

static void *
pieces_send(void *thing)
{
    struct copy *copy = thing;
    struct str piece;
    while (!copy->is_lost && belt_take(copy->belt, &piece))
        copy->is_lost = !piece_send(copy, piece);
    belt_leave(copy->belt);
    return NULL;
}

static void
copy_close(void *thing)
{
    struct copy *copy = thing;
    struct scope own = {0};
    copy_finish(&own, copy);
    scope_close(&own);
    scope_close(&copy->failure);
}

struct copy *
copy_begin(struct scope *s, struct wire *wire)
{
    struct copy *copy = scope_alloc(s, sizeof *copy);
    *copy = (struct copy){.s = s, .wire = wire};
    copy->piece = scope_alloc(s, PIECE_BYTES);
    scope_defer(s, copy_close, copy);
    return copy;
}

// Starts the thread. Where none can be had, each piece is sent when it is full.
static void
thread_start(struct copy *copy)
{
    copy->belt = belt_open(copy->s, N_PIECES, PIECE_BYTES);
    copy->is_running = pthread_create(&copy->thread, NULL, pieces_send, copy) == 0;
}

// Hands over the piece that is full.
static bool
piece_give(struct copy *copy)
{
    const struct str piece = {copy->piece, copy->n};
    if (copy->belt == NULL)
        thread_start(copy);
    copy->n = 0;
    if (!copy->is_running) {
        copy->is_lost = copy->is_lost || !piece_send(copy, piece);
        return !copy->is_lost;
    }
    char *room = belt_room(copy->belt);
    if (room == NULL)
        return false;
    memcpy(room, piece.at, piece.n);
    belt_give(copy->belt, piece.n);
    return true;
}

bool
copy_add(struct copy *copy, const char *bytes, size_t n)
{
    while (n > 0) {
        const size_t room = PIECE_BYTES - copy->n, part = n < room ? n : room;
        memcpy(copy->piece + copy->n, bytes, part);
        copy->n += part;
        bytes += part;
        n -= part;
        if (copy->n == PIECE_BYTES && !piece_give(copy))
            return false;
    }
    return true;
}

bool
copy_finish(struct scope *s, struct copy *copy)
{
    const struct str rest = {copy->piece, copy->n};
    copy->n = 0;
    if (copy->is_running) {
        copy->is_running = false;
        belt_end(copy->belt);
        pthread_join(copy->thread, NULL);
    }
    if (!copy->is_lost)
        copy->is_lost = !piece_send(copy, rest);
    if (!copy->is_lost)
        return true;
    fail_as(s, &copy->failure);
    return explain(s, "could not send rows to the database");
}
