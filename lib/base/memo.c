#include "base/memo.h"

#include <pthread.h>
#include <string.h>

#include "base/hash.h"
#include "base/time.h"

#define N_WAYS 4 // places that a key may have; the oldest gives way

struct place {
    char key[HASH_TEXT]; // of the text, "" when empty
    int64_t value;
    double kept_s;        // monotonic
    uint64_t n_forgotten; // as it was then
};

struct memo {
    pthread_mutex_t lock;
    size_t n_sets;
    double fresh_s;
    uint64_t n_forgotten; // times
    struct place *places;
};

static void
memo_close(void *thing)
{
    struct memo *m = thing;
    pthread_mutex_destroy(&m->lock);
}

struct memo *
memo_open(struct scope *s, size_t n, double fresh_s)
{
    struct memo *m = scope_alloc(s, sizeof *m);
    m->n_sets = n / N_WAYS + 1;
    m->fresh_s = fresh_s;
    m->places = scope_array(s, m->n_sets * N_WAYS, sizeof *m->places);
    pthread_mutex_init(&m->lock, NULL);
    scope_defer(s, memo_close, m);
    return m;
}

// The place of a key, or the one to use for it.
static struct place *
place_find(struct memo *m, const char hashed[HASH_TEXT])
{
    struct place *set = &m->places[hash_crc32(0, hashed, HASH_TEXT - 1) % m->n_sets * N_WAYS];
    struct place *oldest = set;
    for (size_t i = 0; i < N_WAYS; i++) {
        if (strcmp(set[i].key, hashed) == 0)
            return &set[i];
        if (set[i].kept_s < oldest->kept_s)
            oldest = &set[i];
    }
    return oldest;
}

bool
memo_find(struct memo *m, const char *key, int64_t *out, uint64_t *asked)
{
    char hashed[HASH_TEXT];
    const double now_s = time_monotonic_s();
    hash_bytes(key, strlen(key), hashed);
    pthread_mutex_lock(&m->lock);
    const struct place *place = place_find(m, hashed);
    const bool is_found = strcmp(place->key, hashed) == 0 && place->n_forgotten == m->n_forgotten &&
                          now_s - place->kept_s < m->fresh_s;
    if (is_found)
        *out = place->value;
    *asked = m->n_forgotten;
    pthread_mutex_unlock(&m->lock);
    return is_found;
}

void
memo_keep(struct memo *m, const char *key, int64_t value, uint64_t asked)
{
    char hashed[HASH_TEXT];
    hash_bytes(key, strlen(key), hashed);
    pthread_mutex_lock(&m->lock);
    if (asked == m->n_forgotten) {
        struct place *place = place_find(m, hashed);
        memcpy(place->key, hashed, HASH_TEXT);
        place->value = value;
        place->kept_s = time_monotonic_s();
        place->n_forgotten = asked;
    }
    pthread_mutex_unlock(&m->lock);
}

void
memo_forget(struct memo *m)
{
    pthread_mutex_lock(&m->lock);
    m->n_forgotten++;
    pthread_mutex_unlock(&m->lock);
}
