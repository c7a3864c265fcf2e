#include "store/store_seen.h"

#include <pthread.h>
#include <string.h>

#include "base/time.h"

#define SEEN_MOST 512

struct sight {
    dev_t device;
    ino_t number;
    off_t size_bytes;
    struct timespec written, changed;
    char sha256[HASH_TEXT];
    double at_s; // 0: nothing noted here
};

struct seen {
    pthread_mutex_t lock; // for all of them
    struct sight sights[SEEN_MOST];
};

static void
seen_close(void *thing)
{
    struct seen *seen = thing;
    pthread_mutex_destroy(&seen->lock);
}

struct seen *
seen_open(struct scope *s)
{
    struct seen *seen = scope_alloc(s, sizeof *seen);
    pthread_mutex_init(&seen->lock, NULL);
    scope_defer(s, seen_close, seen);
    return seen;
}

static bool
is_same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

void
seen_add(struct seen *seen, const struct stat *file, const char *sha256)
{
    struct sight *sight = &seen->sights[(size_t)file->st_ino % SEEN_MOST];
    pthread_mutex_lock(&seen->lock);
    *sight = (struct sight){
        .device = file->st_dev,
        .number = file->st_ino,
        .size_bytes = file->st_size,
        .written = file->st_mtim,
        .changed = file->st_ctim,
        .at_s = time_monotonic_s(),
    };
    memcpy(sight->sha256, sha256, HASH_TEXT);
    pthread_mutex_unlock(&seen->lock);
}

bool
seen_has(struct seen *seen, const struct stat *file, const char *sha256)
{
    const struct sight *sight = &seen->sights[(size_t)file->st_ino % SEEN_MOST];
    pthread_mutex_lock(&seen->lock);
    const bool is_seen =
        sight->at_s > 0 && time_monotonic_s() - sight->at_s < SEEN_S &&
        sight->device == file->st_dev && sight->number == file->st_ino &&
        sight->size_bytes == file->st_size && is_same_time(sight->written, file->st_mtim) &&
        is_same_time(sight->changed, file->st_ctim) && strcmp(sight->sha256, sha256) == 0;
    pthread_mutex_unlock(&seen->lock);
    return is_seen;
}
