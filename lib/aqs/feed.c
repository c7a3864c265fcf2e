#include "aqs/feed.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zip.h>

#include "base/belt.h"

#define BUFFER_BYTES ((size_t)1 << 16)
#define AHEAD_BYTES ((int64_t)1 << 18) // a zip that unpacks to more gets a thread for it
#define PIECE_BYTES ((size_t)1 << 17)
#define N_PIECES 8
#define UNPACKED_MOST ((int64_t)16 << 30)
#define RATIO_MOST 200 // EPA's files unpack to 33 times their size; deflate's best is 1032

struct feed {
    int fd;
    struct store_put *put; // writes the file; NULL when nobody does
    zip_file_t *entry;     // NULL for a plain file
    int64_t size_bytes, unpacked_bytes, n_read, limit_bytes;
    char *buffer;
    size_t at, n; // the bytes in hand are buffer[at..n)
    bool is_end;
    struct scope own;  // of what unpacks ahead
    struct belt *belt; // of unpacked pieces; NULL: nobody unpacks ahead
    struct str piece;  // what is left of the one taken last
    pthread_t thread;
    bool is_broken; // unpacking failed; the thread's until it has ended
};

static void
zip_close_quietly(void *zip)
{
    zip_discard(zip);
}

static void
entry_close(void *entry)
{
    zip_fclose(entry);
}

static void *
pieces_unpack(void *thing)
{
    struct feed *feed = thing;
    zip_int64_t n = 1;
    for (char *room; n > 0 && (room = belt_room(feed->belt)) != NULL;) {
        n = zip_fread(feed->entry, room, PIECE_BYTES);
        if (n > 0)
            belt_give(feed->belt, (size_t)n);
    }
    feed->is_broken = n < 0;
    belt_end(feed->belt);
    return NULL;
}

static void
ahead_stop(void *thing)
{
    struct feed *feed = thing;
    if (feed->belt != NULL) {
        belt_leave(feed->belt);
        pthread_join(feed->thread, NULL);
        feed->belt = NULL;
    }
    scope_close(&feed->own);
}

// Lets a second thread unpack what comes; where there is none to be had, all stays as it is.
static void
ahead_start(struct feed *feed)
{
    feed->belt = belt_open(&feed->own, N_PIECES, PIECE_BYTES);
    if (pthread_create(&feed->thread, NULL, pieces_unpack, feed) != 0)
        feed->belt = NULL;
}

static bool
zip_fail(struct scope *s, int code)
{
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    fail(s, ERROR_INPUT, "broken zip: %s", zip_error_strerror(&error));
    zip_error_fini(&error);
    return false;
}

static bool
entry_check(struct scope *s, const struct feed *feed, const zip_stat_t *about)
{
    if (about->encryption_method != ZIP_EM_NONE)
        return fail(s, ERROR_INPUT, "\"%.100s\" in the zip is encrypted", about->name);
    if ((int64_t)about->size > feed->limit_bytes)
        return fail(s, ERROR_LIMIT, "\"%.100s\" in the zip unpacks to %lld bytes, more than %lld",
                    about->name, (long long)about->size, (long long)feed->limit_bytes);
    return true;
}

static bool
zip_enter(struct scope *s, struct feed *feed)
{
    int code = 0;
    zip_stat_t about;
    const int copy = dup(feed->fd);
    zip_t *zip = copy < 0 ? NULL : zip_fdopen(copy, 0, &code);
    if (zip == NULL) {
        if (copy >= 0)
            close(copy);
        return zip_fail(s, code);
    }
    scope_defer(s, zip_close_quietly, zip);
    const zip_int64_t n = zip_get_num_entries(zip, 0);
    if (n != 1)
        return fail(s, ERROR_INPUT, "the zip holds %lld files, not one", (long long)n);
    if (zip_stat_index(zip, 0, 0, &about) != 0)
        return fail(s, ERROR_INPUT, "broken zip: %s", zip_strerror(zip));
    if (!entry_check(s, feed, &about))
        return false;
    feed->unpacked_bytes = (int64_t)about.size;
    feed->entry = zip_fopen_index(zip, 0, 0);
    if (feed->entry == NULL)
        return fail(s, ERROR_INPUT, "broken zip: %s", zip_strerror(zip));
    scope_defer(s, entry_close, feed->entry);
    return true;
}

struct feed *
feed_open(struct scope *s, int fd)
{
    struct stat about;
    char magic[4] = "";
    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode) || lseek(fd, 0, SEEK_SET) != 0)
        return fail_null(s, ERROR_INPUT, "not a regular file");
    if (about.st_size == 0)
        return fail_null(s, ERROR_INPUT, "the file is empty");
    struct feed *feed = scope_alloc(s, sizeof *feed);
    *feed = (struct feed){.fd = fd, .size_bytes = about.st_size, .limit_bytes = UNPACKED_MOST};
    feed->buffer = scope_alloc(s, BUFFER_BYTES);
    if (pread(fd, magic, sizeof magic, 0) == 4 && memcmp(magic, "PK", 2) == 0 && magic[2] < 9) {
        if (feed->size_bytes < UNPACKED_MOST / RATIO_MOST)
            feed->limit_bytes = feed->size_bytes * RATIO_MOST;
        if (!zip_enter(s, feed))
            return NULL;
        scope_defer(s, ahead_stop, feed);
    }
    return feed;
}

struct feed *
feed_open_growing(struct scope *s, int fd, struct store_put *put, int64_t size_bytes)
{
    struct feed *feed = scope_alloc(s, sizeof *feed);
    *feed =
        (struct feed){.fd = fd, .put = put, .size_bytes = size_bytes, .limit_bytes = UNPACKED_MOST};
    feed->buffer = scope_alloc(s, BUFFER_BYTES);
    return feed;
}

bool
feed_is_zip(const struct feed *feed)
{
    return feed->entry != NULL;
}

// What has been unpacked, awaited; 0 at the end, -1 where the zip is damaged.
static ssize_t
ahead_read(struct feed *feed, char *to, size_t room_bytes)
{
    if (feed->piece.n == 0 && !belt_take(feed->belt, &feed->piece)) {
        ahead_stop(feed);
        return feed->is_broken ? -1 : 0;
    }
    const size_t n = feed->piece.n < room_bytes ? feed->piece.n : room_bytes;
    memcpy(to, feed->piece.at, n);
    feed->piece = (struct str){feed->piece.at + n, feed->piece.n - n};
    return (ssize_t)n;
}

static ssize_t
unpacked_read(struct feed *feed, char *to, size_t room_bytes)
{
    if (feed->belt != NULL)
        return ahead_read(feed, to, room_bytes);
    const ssize_t n = (ssize_t)zip_fread(feed->entry, to, room_bytes);
    if (n > 0 && feed->n_read >= AHEAD_BYTES)
        ahead_start(feed);
    return n;
}

static ssize_t
plain_read(const struct feed *feed, char *to, size_t room_bytes)
{
    ssize_t n;
    do
        n = read(feed->fd, to, room_bytes);
    while ((n < 0 && errno == EINTR) ||
           (n == 0 && feed->put != NULL && store_put_await(feed->put, feed->n_read)));
    return n;
}

// Reads on from the file or the zip.
static bool
source_read(struct scope *s, struct feed *feed, char *to, size_t room_bytes, size_t *n_out)
{
    const ssize_t n = feed->entry == NULL ? plain_read(feed, to, room_bytes)
                                          : unpacked_read(feed, to, room_bytes);
    if (n < 0 && feed->entry != NULL)
        return fail(s, ERROR_INPUT, "broken zip: %s", zip_file_strerror(feed->entry));
    if (n < 0)
        return fail(s, ERROR_UNAVAILABLE, "could not read: %s", strerror(errno));
    feed->n_read += n;
    feed->is_end = n == 0;
    if (feed->n_read > feed->limit_bytes)
        return fail(s, ERROR_LIMIT, "more than %lld bytes", (long long)feed->limit_bytes);
    *n_out = (size_t)n;
    return true;
}

// Moves what is in hand to the front and reads on behind it.
static bool
feed_fill(struct scope *s, struct feed *feed)
{
    size_t n;
    memmove(feed->buffer, feed->buffer + feed->at, feed->n - feed->at);
    feed->n -= feed->at;
    feed->at = 0;
    if (!source_read(s, feed, feed->buffer + feed->n, BUFFER_BYTES - feed->n, &n))
        return false;
    feed->n += n;
    return true;
}

bool
feed_peek(struct scope *s, struct feed *feed, size_t n, struct str *out)
{
    while (feed->n - feed->at < n && !feed->is_end)
        if (!feed_fill(s, feed))
            return false;
    const size_t in_hand = feed->n - feed->at;
    *out = (struct str){feed->buffer + feed->at, in_hand < n ? in_hand : n};
    return true;
}

bool
feed_read(struct scope *s, struct feed *feed, char *to, size_t room_bytes, size_t *n)
{
    const size_t in_hand = feed->n - feed->at;
    if (in_hand == 0)
        return source_read(s, feed, to, room_bytes, n);
    *n = in_hand < room_bytes ? in_hand : room_bytes;
    memcpy(to, feed->buffer + feed->at, *n);
    feed->at += *n;
    return true;
}

int64_t
feed_position(const struct feed *feed)
{
    if (feed->entry == NULL || feed->unpacked_bytes == 0)
        return feed->n_read;
    const double share = (double)feed->n_read / (double)feed->unpacked_bytes;
    return (int64_t)(share * (double)feed->size_bytes);
}

int64_t
feed_size(const struct feed *feed)
{
    return feed->size_bytes;
}
