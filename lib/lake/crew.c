#include "lake/crew.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

struct crew {
    crew_work work;
    void *context;
    size_t n;
    atomic_size_t next;
    atomic_bool is_over;
    pthread_mutex_t lock;
    struct scope *s; // takes the first failure
};

static void *
member_run(void *thing)
{
    struct crew *crew = thing;
    for (size_t i;
         !atomic_load(&crew->is_over) && (i = atomic_fetch_add(&crew->next, 1)) < crew->n;) {
        struct scope one = {0};
        if (!crew->work(&one, crew->context, i)) {
            pthread_mutex_lock(&crew->lock);
            fail_as(crew->s, &one);
            pthread_mutex_unlock(&crew->lock);
            atomic_store(&crew->is_over, true);
        }
        scope_close(&one);
    }
    return NULL;
}

bool
crew_run(struct scope *s, size_t n_threads, size_t n, crew_work work, void *context)
{
    pthread_t threads[CREW_MOST];
    size_t n_begun = 0;
    struct crew crew = {.work = work, .context = context, .n = n, .s = s};
    assert(n_threads >= 1 && n_threads <= CREW_MOST);
    pthread_mutex_init(&crew.lock, NULL);
    while (n_begun + 1 < n_threads && n_begun + 1 < n &&
           pthread_create(&threads[n_begun], NULL, member_run, &crew) == 0)
        n_begun++;
    member_run(&crew); // with this thread
    for (size_t i = 0; i < n_begun; i++)
        pthread_join(threads[i], NULL);
    pthread_mutex_destroy(&crew.lock);
    return s->kind == ERROR_NONE;
}
