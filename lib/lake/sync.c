#include "lake/sync.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "cli/progress.h"
#include "lake/crew.h"
#include "lake/roll.h"

#define BATCH 256

struct item {
    struct roll_item from;
    bool is_there; // in the other lake
    int64_t there_bytes;
    const char *fault; // NULL: none
    bool is_same, is_mended, is_gone;
};

struct batch {
    struct scope *s; // of faults
    const struct sync_request *request;
    struct item items[BATCH];
    size_t n;
    struct progress *bar;
    int64_t done_bytes;
    pthread_mutex_t lock; // for the two above and the scope
};

static bool
object_copy(struct scope *s, const struct sync_request *r, const struct roll_item *from)
{
    int fd;
    struct store_kept kept;
    if (!store_open_object(s, r->from, from->key, from->sha256, &fd))
        return false;
    return r->is_dry_run || store_put_fd(s, r->to, from->key, fd, &kept);
}

// Replaces what is damaged in the other lake, where `sha256` or its record says so.
static bool
object_mend(struct scope *s, const struct sync_request *r, struct item *item, const char *sha256)
{
    int fd;
    struct store_kept kept;
    const char *key = item->from.key;
    if (store_verify(s, r->to, key, sha256))
        return true;
    if (s->kind != ERROR_CONFLICT)
        return false;
    scope_forgive(s);
    item->is_mended = store_open_object(s, r->from, key, item->from.sha256, &fd);
    return item->is_mended &&
           (r->is_dry_run || store_mend(s, r->to, key, fd, sha256, &kept, &item->is_mended));
}

// Both have the key: by its hash, where that is known without reading.
static bool
object_compare(struct scope *s, const struct sync_request *r, struct item *item)
{
    struct store_about from, to;
    if (!store_stat(s, r->from, item->from.key, &from))
        return false;
    if (!store_stat(s, r->to, item->from.key, &to)) { // it went when it had been listed
        item->is_same = s->kind != ERROR_MISSING;
        if (item->is_same)
            return false;
        scope_forgive(s);
        return object_copy(s, r, &item->from);
    }
    const char *due = *from.sha256 != '\0' ? from.sha256 : item->from.sha256;
    if (due == NULL)
        return fail(s, ERROR_CONFLICT,
                    "no hash of object \"%s\" is known; see airwatch lake verify --adopt",
                    item->from.key);
    if (r->mends && !object_mend(s, r, item, *to.sha256 == '\0' ? due : item->from.sha256))
        return false;
    if (item->is_mended)
        return true;
    if (from.size_bytes == to.size_bytes && strcmp(due, to.sha256) == 0)
        return true;
    return *to.sha256 == '\0'
               ? store_verify(s, r->to, item->from.key, due)
               : fail(s, ERROR_CONFLICT, "object \"%s\" has other bytes in the other lake",
                      item->from.key);
}

static void
item_end(struct batch *b, struct item *item, const char *fault)
{
    pthread_mutex_lock(&b->lock);
    item->fault = fault == NULL ? NULL : scope_copy(b->s, fault);
    b->done_bytes += item->from.size_bytes;
    progress_move(b->bar, b->done_bytes, NULL);
    pthread_mutex_unlock(&b->lock);
}

static bool
item_work(struct scope *s, void *context, size_t i)
{
    struct batch *b = context;
    struct item *item = &b->items[i];
    item->is_same = item->is_there;
    const bool ok = item->is_there ? object_compare(s, b->request, item)
                                   : object_copy(s, b->request, &item->from);
    item->is_gone = s->kind == ERROR_MISSING; // from where it is copied, since it was listed
    if (!ok && !item->is_gone && s->kind != ERROR_CONFLICT)
        return false;
    item_end(b, item, ok || item->is_gone ? NULL : s->message);
    scope_forgive(s);
    return true;
}

// Steps the other lake up to a key.
static bool
other_step(struct scope *s, struct roll *to, struct roll_item *at, const char *key)
{
    while (at->key == NULL || strcmp(at->key, key) < 0) {
        if (!roll_next(s, to, at))
            return false;
        if (at->key == NULL)
            return true;
    }
    return true;
}

struct walk {
    struct roll *from, *to;
    struct roll_item at; // in the other lake
    bool is_to_over;
};

static bool
batch_fill(struct scope *s, struct walk *w, struct batch *b, bool *is_over)
{
    for (b->n = 0; b->n < BATCH;) {
        struct item item = {0};
        if (!roll_next(s, w->from, &item.from))
            return false;
        *is_over = item.from.key == NULL;
        if (*is_over)
            return true;
        if (!item.from.is_there)
            continue;
        if (!w->is_to_over && !other_step(s, w->to, &w->at, item.from.key))
            return false;
        w->is_to_over = w->at.key == NULL;
        item.is_there = !w->is_to_over && strcmp(w->at.key, item.from.key) == 0;
        item.from.key = scope_copy(s, item.from.key);
        item.from.sha256 = item.from.sha256 == NULL ? NULL : scope_copy(s, item.from.sha256);
        b->items[b->n++] = item;
    }
    return true;
}

static void
batch_count(const struct batch *b, struct sync_summary *out)
{
    for (size_t i = 0; i < b->n; i++) {
        const struct item *item = &b->items[i];
        if (item->fault != NULL) {
            out->n_failed++;
            if (b->request->failed != NULL)
                b->request->failed(b->request->context, item->from.key, item->fault);
        } else if (item->is_mended) {
            out->n_mended++;
        } else if (item->is_same && !item->is_gone) {
            out->n_same++;
        } else if (!item->is_gone) {
            out->n_copied++;
            out->copied_bytes += item->from.size_bytes;
        }
    }
}

static bool
batch_run(struct scope *s, struct walk *w, struct batch *b, struct sync_summary *out, bool *is_over)
{
    b->s = s;
    if (!batch_fill(s, w, b, is_over) || !crew_run(s, b->request->n_threads, b->n, item_work, b))
        return false;
    batch_count(b, out);
    return true;
}

// Adds up what there is to be copied, for the bar.
static bool
bytes_count(struct scope *s, struct store *store, const char *prefix, int64_t *out)
{
    *out = 0;
    for (const char *after = ""; after != NULL;) {
        struct store_page page;
        if (!store_list(s, store, prefix, after, &page))
            return false;
        for (size_t i = 0; i < page.n; i++)
            *out += page.entries[i].size_bytes;
        after = page.next;
    }
    return true;
}

static void
batch_close(void *thing)
{
    struct batch *b = thing;
    pthread_mutex_destroy(&b->lock);
}

bool
sync_run(struct scope *s, const struct sync_request *request, struct sync_summary *out)
{
    int64_t total_bytes = 0;
    struct batch *b = scope_alloc(s, sizeof *b);
    *out = (struct sync_summary){0};
    b->request = request;
    pthread_mutex_init(&b->lock, NULL);
    scope_defer(s, batch_close, b);
    const struct scope_mark mark = scope_mark(s);
    if (!request->is_quiet && !bytes_count(s, request->from, request->prefix, &total_bytes))
        return false;
    scope_release(s, mark);
    b->bar = progress_open(s, "sync", total_bytes, "bytes", request->is_quiet);
    struct walk w = {.from = roll_open(s, request->from, request->db, request->prefix),
                     .to = roll_open(s, request->to, NULL, request->prefix)};
    for (bool is_over = false; !is_over;) {
        struct scope one = {0};
        const bool ok = w.from != NULL && w.to != NULL && batch_run(&one, &w, b, out, &is_over);
        if (one.kind != ERROR_NONE)
            fail_as(s, &one);
        scope_close(&one);
        if (!ok)
            return false;
    }
    progress_finish(b->bar);
    out->n_foreign = roll_foreign(w.from);
    return true;
}

struct store *
sync_open(struct scope *s, const struct config *config, const char *name, bool is_source)
{
    if (strncmp(name, "dir:", 4) == 0 && name[4] != '\0') {
        if (is_source && access(name + 4, R_OK | X_OK) != 0)
            return fail_null(s, ERROR_MISSING, "could not open folder \"%s\": %s", name + 4,
                             strerror(errno));
        return store_open_dir(s, name + 4);
    }
    if (strncmp(name, "s3://", 5) != 0 || strcspn(name + 5, "/") == 0)
        return fail_null(s, ERROR_USAGE, "\"%.60s\" is neither dir:PATH nor s3://BUCKET[/PREFIX]",
                         name);
    struct config *other = scope_alloc(s, sizeof *other);
    const char *bucket = name + 5, *slash = strchr(bucket, '/');
    *other = *config;
    other->use_s3 = "true";
    other->s3.bucket = slash == NULL ? bucket : scope_copy_n(s, bucket, (size_t)(slash - bucket));
    other->s3.artifact_bucket = NULL;
    other->s3.prefix = slash == NULL ? "" : slash + 1;
    return store_open(s, other);
}
