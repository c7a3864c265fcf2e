#define _GNU_SOURCE // sync_file_range

#include "store/hasher.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/belt.h"
#include "base/file.h"

#define PIECE_BYTES ((size_t)1 << 17)
#define BEGIN_BYTES (8 << 20) // the disk begins after so many
#define N_PIECES 4            // enough for neither side to wait for the other's hiccups

struct hasher {
    struct hash *hash;
    struct belt *belt;
    pthread_t thread;
    bool is_running;
};

static void *
pieces_hash(void *thing)
{
    struct hasher *h = thing;
    struct str piece;
    while (belt_take(h->belt, &piece))
        hash_add(h->hash, piece.at, piece.n);
    return NULL;
}

static void
hasher_close(void *thing)
{
    struct hasher *h = thing;
    if (!h->is_running)
        return;
    h->is_running = false;
    belt_end(h->belt);
    pthread_join(h->thread, NULL);
}

struct hasher *
hasher_open(struct scope *s, size_t piece_bytes)
{
    struct hasher *h = scope_alloc(s, sizeof *h);
    h->hash = hash_open(s);
    h->belt = belt_open(s, N_PIECES, piece_bytes);
    h->is_running = pthread_create(&h->thread, NULL, pieces_hash, h) == 0;
    if (!h->is_running)
        return fail_null(s, ERROR_UNAVAILABLE, "could not start a thread");
    scope_defer(s, hasher_close, h);
    return h;
}

char *
hasher_piece(struct hasher *h)
{
    return belt_room(h->belt);
}

void
hasher_give(struct hasher *h, size_t n)
{
    belt_give(h->belt, n);
}

char *
hasher_finish(struct hasher *h, char out[HASH_TEXT])
{
    hasher_close(h);
    return hash_finish(h->hash, out);
}

// Fills a piece; 0 bytes at the end.
static bool
piece_read(struct scope *s, int fd, char *piece, size_t room_bytes, size_t *n)
{
    for (;;) {
        const ssize_t got = read(fd, piece, room_bytes);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail(s, ERROR_UNAVAILABLE, "could not read: %s", strerror(errno));
        *n = (size_t)got;
        return true;
    }
}

static bool
fd_take(struct scope *s, void *context, char *to, size_t room_bytes, size_t *n)
{
    const int *fd = context;
    return piece_read(s, *fd, to, room_bytes, n);
}

struct inlet
hasher_inlet(int *fd)
{
    return (struct inlet){fd_take, fd};
}

bool
hasher_copy(struct scope *s, const struct inlet *from, int to, char sha256[HASH_TEXT],
            int64_t *size_bytes)
{
    int64_t begun_bytes = 0;
    size_t n = 0;
    struct hasher *hasher = hasher_open(s, PIECE_BYTES);

    if (hasher == NULL)
        return false;
    for (*size_bytes = 0;;) {
        char *piece = hasher_piece(hasher);
        if (!from->take(s, from->context, piece, PIECE_BYTES, &n))
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
        if (!piece_read(s, fd, piece, PIECE_BYTES, &n))
            return false;
        hash_add(hash, piece, n);
    } while (n > 0);
    hash_finish(hash, sha256);
    return true;
}
