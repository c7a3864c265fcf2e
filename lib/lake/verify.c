#include "lake/verify.h"

#include "cli/progress.h"
#include "lake/crew.h"
#include "lake/roll.h"

#define BATCH 256

enum state { STATE_GOOD, STATE_DAMAGED, STATE_GONE, STATE_UNRECORDED, STATE_ADOPTED };

struct batch {
    struct store *store;
    const struct verify_request *request;
    struct roll_item *items;
    enum state states[BATCH];
};

// An object of which nobody knows a hash is recorded with the one it has, or told.
static bool
unknown_settle(struct scope *s, const struct batch *b, const struct roll_item *item,
               enum state *state)
{
    struct store_about about;
    if (item->sha256 != NULL && !b->request->adopts)
        return true;
    if (!store_stat(s, b->store, item->key, &about))
        return false;
    if (*about.sha256 != '\0')
        return true;
    *state = b->request->adopts ? STATE_ADOPTED : STATE_UNRECORDED;
    return !b->request->adopts || store_adopt(s, b->store, item->key);
}

static bool
item_check(struct scope *s, void *context, size_t i)
{
    struct batch *b = context;
    const struct roll_item *item = &b->items[i];
    enum state *state = &b->states[i];
    *state = STATE_GOOD;
    if (!item->is_there)
        return true;
    const bool is_hash_known = item->sha256 != NULL;
    if (is_hash_known && !store_verify(s, b->store, item->key, item->sha256))
        *state = STATE_DAMAGED;
    else if (unknown_settle(s, b, item, state) && *state == STATE_GOOD && !is_hash_known &&
             !store_verify(s, b->store, item->key, NULL))
        *state = STATE_DAMAGED;
    if (s->kind == ERROR_MISSING) // deleted while we looked
        *state = STATE_GONE;
    if (s->kind != ERROR_CONFLICT && s->kind != ERROR_MISSING)
        return s->kind == ERROR_NONE;
    *state = s->kind == ERROR_CONFLICT ? STATE_DAMAGED : *state;
    scope_forgive(s);
    return true;
}

static void
tell(const struct verify_request *r, const char *key, const char *fault)
{
    if (r->found != NULL)
        r->found(r->context, key, fault);
}

static void
item_count(const struct verify_request *r, const struct roll_item *item, enum state state,
           struct verify_summary *out)
{
    if (!item->is_there && item->is_expired) {
        out->n_expired++;
        return;
    }
    if (!item->is_there || state == STATE_GONE) {
        out->n_missing += item->is_referred ? 1 : 0;
        if (item->is_referred)
            tell(r, item->key, "missing");
        return;
    }
    out->n_objects++;
    out->size_bytes += item->size_bytes;
    out->n_unreferenced += item->is_referred ? 0 : 1;
    out->n_damaged += state == STATE_DAMAGED ? 1 : 0;
    out->n_unrecorded += state == STATE_UNRECORDED ? 1 : 0;
    out->n_adopted += state == STATE_ADOPTED ? 1 : 0;
    if (state == STATE_DAMAGED || state == STATE_UNRECORDED || state == STATE_ADOPTED)
        tell(r, item->key,
             state == STATE_DAMAGED   ? "damaged"
             : state == STATE_ADOPTED ? "adopted"
                                      : "of unknown hash");
    else if (!item->is_referred)
        tell(r, item->key, "unreferenced");
}

static bool
batch_run(struct scope *s, struct roll *roll, struct batch *b, struct verify_summary *out,
          bool *is_over)
{
    size_t n;
    b->items = scope_array(s, BATCH, sizeof *b->items);
    if (!roll_take(s, roll, BATCH, b->items, &n) ||
        !crew_run(s, b->request->n_threads, n, item_check, b))
        return false;
    for (size_t i = 0; i < n; i++)
        item_count(b->request, &b->items[i], b->states[i], out);
    *is_over = n < BATCH;
    return true;
}

bool
verify_run(struct scope *s, struct store *store, struct db *db,
           const struct verify_request *request, struct verify_summary *out)
{
    struct batch *b = scope_alloc(s, sizeof *b);
    struct progress *bar = progress_open(s, "verify", 0, "bytes", request->is_quiet);
    struct roll *roll = roll_open(s, store, db, request->prefix);
    b->store = store;
    b->request = request;
    *out = (struct verify_summary){0};
    for (bool is_over = roll == NULL; !is_over;) {
        struct scope one = {0};
        const bool ok = batch_run(&one, roll, b, out, &is_over);
        if (!ok)
            fail_as(s, &one);
        scope_close(&one);
        if (!ok)
            return false;
        progress_move(bar, out->size_bytes, NULL);
    }
    progress_finish(bar);
    if (roll != NULL)
        out->n_foreign = roll_foreign(roll);
    return roll != NULL;
}

bool
verify_is_good(const struct verify_summary *summary)
{
    return summary->n_damaged + summary->n_missing + summary->n_unrecorded == 0;
}
