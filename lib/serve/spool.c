#include "serve/spool.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "base/chance.h"
#include "base/file.h"
#include "base/log.h"
#include "base/time.h"
#include "serve/refused.h"
#include "serve/segment.h"
#include "serve/spool_state.h"

#define PASS_MS 250               // between two passes of the thread
#define AWAY_MS 1000              // the same while the database is away
#define ROOM_BYTES (1024 * 1024)  // a disk with less left is full
#define GENTLE_BYTES (512 * 1024) // in one pass while less than a quarter of the limit waits

const char *
spool_path(struct scope *s, const struct spool *spool, const char *name)
{
    return scope_print(s, "%s/%s", spool->options.folder, name);
}

// Makes sure that a new file's name outlives a power cut too.
static bool
folder_sync(struct scope *s, const char *folder)
{
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool ok = fd >= 0 && fsync(fd) == 0;
    const int reason = errno;
    if (fd >= 0)
        close(fd);
    return ok || fail(s, ERROR_UNAVAILABLE, "could not sync \"%s\": %s", folder, strerror(reason));
}

// Begins a segment under a name that is never used again, sorted by time.
static bool
segment_begin(struct scope *s, struct spool *spool)
{
    char id[UUID_TEXT], when[TIME_TEXT];
    const char *name =
        scope_print(s, "%s-%.8s.log", time_format(time_now(), when), chance_uuid(id));
    const char *path = spool_path(s, spool, name);
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0640);
    if (fd < 0)
        return fail(s, ERROR_UNAVAILABLE, "could not open \"%s\": %s", path, strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        close(fd);
        return fail(s, ERROR_UNAVAILABLE, "could not lock \"%s\": %s", path, strerror(errno));
    }
    if (spool->options.is_synced && !folder_sync(s, spool->options.folder)) {
        close(fd);
        return false;
    }
    if (spool->fd >= 0)
        close(spool->fd);
    assert(strlen(name) < sizeof spool->name);
    memcpy(spool->name, name, strlen(name) + 1);
    spool->other_bytes += spool->size - spool->taken;
    spool->fd = fd;
    spool->is_over = false;
    spool->size = spool->taken = 0;
    return true;
}

// Writes one record whole or not at all. The lock is held.
static bool
record_write(struct scope *s, struct spool *spool, struct str lines)
{
    unsigned char head[SEGMENT_HEAD];
    segment_head(lines, head);
    struct iovec parts[2] = {{head, sizeof head}, {(void *)(uintptr_t)lines.at, lines.n}};
    const ssize_t n = writev(spool->fd, parts, 2);

    if (n == (ssize_t)(sizeof head + lines.n)) {
        spool->size += n;
        spool->written += n;
        return true;
    }
    const int reason = n < 0 ? errno : ENOSPC;
    const bool is_torn = n > 0 && ftruncate(spool->fd, spool->size) != 0;
    spool->is_over = is_torn || spool->size > 0; // so that it is taken and its room given back
    return fail(s, ERROR_UNAVAILABLE, "could not log the prediction: %s", strerror(reason));
}

// Waits until all that was written up to `upto` is on the disk itself. One thread syncs for all
// that wait. The lock is held, and given away meanwhile.
static bool
sync_await(struct scope *s, struct spool *spool, int64_t upto)
{
    while (spool->synced < upto) {
        if (spool->is_syncing) {
            pthread_cond_wait(&spool->changed, &spool->lock);
            continue;
        }
        const int64_t size = spool->written;
        spool->is_syncing = true;
        pthread_mutex_unlock(&spool->lock);
        const bool is_synced = fdatasync(spool->fd) == 0; // not replaced while is_syncing
        pthread_mutex_lock(&spool->lock);
        spool->is_syncing = false;
        pthread_cond_broadcast(&spool->changed);
        if (!is_synced)
            return fail(s, ERROR_UNAVAILABLE, "could not sync the prediction log");
        spool->synced = size;
    }
    return true;
}

// With DURABLE=power a segment is left only when nobody waits for its sync.
static bool
is_left(const struct spool *spool)
{
    return !spool->options.is_synced || spool->synced == spool->written;
}

// Begins a new segment where the one being written has had its time.
static bool
segment_ready(struct scope *s, struct spool *spool)
{
    if (spool->is_over && !is_left(spool) && !sync_await(s, spool, spool->written))
        return false;
    const bool is_due = spool->size >= spool->options.segment_bytes && is_left(spool);
    return (!spool->is_over && !is_due) || segment_begin(s, spool);
}

static bool
append_locked(struct scope *s, struct spool *spool, struct str lines)
{
    const int64_t waiting = spool->size - spool->taken + spool->other_bytes;
    if (waiting + (int64_t)lines.n > spool->options.limit_bytes)
        return fail(s, ERROR_UNAVAILABLE,
                    "the prediction log is full: %lld bytes wait for the database",
                    (long long)waiting);
    if (!segment_ready(s, spool) || !record_write(s, spool, lines))
        return false;
    return !spool->options.is_synced || sync_await(s, spool, spool->written);
}

// Tells of the first failure of a row of them. A segment that is over is left at once, as its room
// may be what the next one needs.
static void
failure_note(struct spool *spool, const struct scope *failed)
{
    struct scope one = {0};
    if (!spool->is_failing)
        log_error("spool.failed", "reason=\"%s\"", failed->message);
    spool->is_failing = true;
    if (spool->is_over && is_left(spool) && !segment_begin(&one, spool))
        log_debug("spool.failed", "reason=\"%s\"", one.message);
    scope_close(&one);
}

bool
spool_append(struct scope *s, struct spool *spool, struct str lines)
{
    assert(lines.n > 0 && lines.n <= SEGMENT_RECORD_BYTES);
    pthread_mutex_lock(&spool->lock);
    const bool ok = append_locked(s, spool, lines);
    if (!ok)
        failure_note(spool, s);
    else
        spool->is_failing = false;
    pthread_mutex_unlock(&spool->lock);
    return ok;
}

bool
spool_has_room(struct spool *spool)
{
    struct statvfs disk;
    return spool_waiting_bytes(spool) < spool->options.limit_bytes &&
           statvfs(spool->options.folder, &disk) == 0 &&
           (uint64_t)disk.f_bavail * disk.f_frsize >= ROOM_BYTES;
}

int64_t
spool_waiting_bytes(struct spool *spool)
{
    pthread_mutex_lock(&spool->lock);
    const int64_t bytes = spool->size - spool->taken + spool->other_bytes;
    pthread_mutex_unlock(&spool->lock);
    return bytes;
}

bool
spool_take(struct scope *s, struct spool *spool, int64_t *n_rows)
{
    struct scope one = {0};
    *n_rows = 0;
    pthread_mutex_lock(&spool->taking);
    const bool ok = spool_pass(&one, spool, INT64_MAX, n_rows);
    pthread_mutex_unlock(&spool->taking);
    if (!ok)
        fail_as(s, &one);
    scope_close(&one);
    return ok;
}

// Waits for the next pass; false when the spool is to stop.
static bool
pass_await(struct spool *spool, int wait_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (long)(wait_ms % 1000) * 1000000;
    until.tv_sec += wait_ms / 1000 + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&spool->lock);
    while (!spool->is_stopping &&
           pthread_cond_timedwait(&spool->changed, &spool->lock, &until) != ETIMEDOUT)
        continue;
    const bool is_going_on = !spool->is_stopping;
    pthread_mutex_unlock(&spool->lock);
    return is_going_on;
}

static bool
is_failing(struct spool *spool)
{
    pthread_mutex_lock(&spool->lock);
    const bool is = spool->is_failing;
    pthread_mutex_unlock(&spool->lock);
    return is;
}

// What was set aside before this start may be fit now.
static bool
aside_retry(struct spool *spool)
{
    struct scope s = {0};
    int64_t n_rows;
    pthread_mutex_lock(&spool->taking);
    const bool ok = refused_retry(&s, spool->db, spool->options.folder, &n_rows);
    pthread_mutex_unlock(&spool->taking);
    scope_close(&s);
    return ok;
}

static void *
take_always(void *thing)
{
    struct spool *spool = thing;
    bool is_away = false, is_retried = false;
    while (pass_await(spool, is_away ? AWAY_MS : PASS_MS)) {
        struct scope s = {0};
        int64_t n_rows = 0;
        const int64_t waiting = spool_waiting_bytes(spool);
        const bool is_gentle = waiting < spool->options.limit_bytes / 4;

        if (spool->options.counters != NULL)
            counter_set(counter_find(spool->options.counters, COUNTER_spool_bytes, ""),
                        (double)waiting);
        is_retried = is_retried || aside_retry(spool);
        if (waiting == 0 && !is_failing(spool)) // else there may be a file to delete
            continue;
        pthread_mutex_lock(&spool->taking);
        const bool ok = spool_pass(&s, spool, is_gentle ? GENTLE_BYTES : INT64_MAX, &n_rows);
        pthread_mutex_unlock(&spool->taking);
        if (!ok && !is_away)
            log_warn("spool.waiting", "bytes=%lld reason=\"%s\"", (long long)waiting, s.message);
        is_away = !ok;
        scope_close(&s);
    }
    return NULL;
}

static void
spool_close(void *thing)
{
    struct spool *spool = thing;
    struct scope s = {0};
    int64_t n_rows;

    pthread_mutex_lock(&spool->lock);
    spool->is_stopping = true;
    pthread_cond_broadcast(&spool->changed);
    pthread_mutex_unlock(&spool->lock);
    if (!spool->options.is_taken_by_hand) {
        pthread_join(spool->thread, NULL);
        close(spool->fd); // no longer locked: taken and deleted as one left behind
        spool->fd = -1;
        spool->other_bytes += spool->size - spool->taken;
        spool->name[0] = '\0';
        if (!spool_take(&s, spool, &n_rows))
            log_warn("spool.left", "reason=\"%s\"", s.message);
        scope_close(&s);
    }
    if (spool->fd >= 0)
        close(spool->fd);
    scope_close(&spool->own);
    pthread_cond_destroy(&spool->changed);
    pthread_mutex_destroy(&spool->lock);
    pthread_mutex_destroy(&spool->taking);
}

static void
left_behind_count(struct spool *spool)
{
    struct scope s = {0};
    struct stat st;
    size_t n;
    const char **names;
    if (spool_segments(&s, spool, &n, &names))
        for (size_t i = 0; i < n; i++)
            if (stat(spool_path(&s, spool, names[i]), &st) == 0)
                spool->other_bytes += (int64_t)st.st_size;
    scope_close(&s);
}

struct spool *
spool_open(struct scope *s, const struct spool_options *options)
{
    struct spool *spool = scope_alloc(s, sizeof *spool);
    pthread_condattr_t monotonic;

    *spool = (struct spool){.options = *options, .fd = -1};
    if (options->segment_bytes == 0)
        spool->options.segment_bytes = SPOOL_SEGMENT_BYTES;
    if (options->limit_bytes == 0)
        spool->options.limit_bytes = SPOOL_LIMIT_BYTES;
    if (!file_make_folders(s, options->folder))
        return NULL;
    left_behind_count(spool);
    if (!segment_begin(s, spool))
        return NULL;
    spool->db = db_open_lazily(&spool->own, options->database_url, "spool");
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&spool->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&spool->lock, NULL);
    pthread_mutex_init(&spool->taking, NULL);
    if (!options->is_taken_by_hand && pthread_create(&spool->thread, NULL, take_always, spool) != 0)
        return fail_null(s, ERROR_UNAVAILABLE, "could not start the spool's thread");
    scope_defer(s, spool_close, spool);
    return spool;
}
