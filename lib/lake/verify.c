#include "lake/verify.h"

#include "cli/progress.h"
#include "lake/crew.h"
#include "lake/lake.sql.h"
#include "lake/roll.h"

#define BATCH 256

enum state {
    STATE_GOOD,
    STATE_DAMAGED,
    STATE_UNREADABLE,
    STATE_GONE,
    STATE_UNRECORDED,
    STATE_ADOPTED,
};

struct batch {
    struct store *store;
    struct db *db;
    const struct verify_request *request;
    struct roll_item *items;
    enum state states[BATCH];
};

// True where nothing but the object's own bytes tells its hash.
static bool
is_unrecorded(struct scope *s, const struct batch *b, const struct roll_item *item)
{
    struct store_about about;
    if (item->sha256 != NULL && !b->request->adopts)
        return false;
    return store_stat(s, b->store, item->key, &about) && *about.sha256 == '\0';
}

// Looks at an object; what is wrong with it is the scope's failure.
static enum state
object_look(struct scope *s, const struct batch *b, const struct roll_item *item)
{
    const bool lacks_record = is_unrecorded(s, b, item);
    if (s->kind != ERROR_NONE)
        return STATE_GOOD;
    if ((item->sha256 != NULL || !lacks_record) &&
        !store_verify(s, b->store, item->key, item->sha256))
        return STATE_GOOD;
    if (!lacks_record)
        return STATE_GOOD;
    if (!b->request->adopts)
        return STATE_UNRECORDED;
    return store_adopt(s, b->store, item->key) ? STATE_ADOPTED : STATE_GOOD;
}

// Whether a failure is one object's, and not the store's: that still answers.
static bool
is_of_object(const struct batch *b, enum error_kind kind)
{
    struct scope own = {0};
    struct store_page page;
    const bool ok = (kind == ERROR_DENIED || kind == ERROR_UNAVAILABLE) &&
                    store_list(&own, b->store, "health/", "", &page);
    scope_close(&own);
    return ok;
}

static bool
item_check(struct scope *s, void *context, size_t i)
{
    struct batch *b = context;
    const struct roll_item *item = &b->items[i];
    b->states[i] = item->is_there ? object_look(s, b, item) : STATE_GOOD;
    if (s->kind == ERROR_CONFLICT)
        b->states[i] = STATE_DAMAGED;
    else if (s->kind == ERROR_MISSING)
        b->states[i] = STATE_GONE; // while we looked
    else if (s->kind != ERROR_NONE && is_of_object(b, s->kind))
        b->states[i] = STATE_UNREADABLE;
    else
        return s->kind == ERROR_NONE;
    scope_forgive(s);
    return true;
}

static void
tell(const struct verify_request *r, const char *key, const char *fault)
{
    if (r->found != NULL)
        r->found(r->context, key, fault);
}

static const char *
fault_name(enum state state, bool is_referred)
{
    switch (state) {
    case STATE_DAMAGED:
        return "damaged";
    case STATE_UNREADABLE:
        return "unreadable";
    case STATE_ADOPTED:
        return "adopted";
    case STATE_UNRECORDED:
        return "of unknown hash";
    default:
        return is_referred ? NULL : "unreferenced";
    }
}

static void
item_count(const struct verify_request *r, const struct roll_item *item, enum state state,
           struct verify_summary *out)
{
    if (!item->is_there && item->is_expired && item->hold != ROLL_HELD) {
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
    out->n_unreadable += state == STATE_UNREADABLE ? 1 : 0;
    out->n_unrecorded += state == STATE_UNRECORDED ? 1 : 0;
    out->n_adopted += state == STATE_ADOPTED ? 1 : 0;
    const char *fault = fault_name(state, item->is_referred);
    if (fault != NULL)
        tell(r, item->key, fault);
}

// The policy may have deleted what is missing since the roll was made.
static bool
item_ask_again(struct scope *s, const struct batch *b, struct roll_item *item, enum state state)
{
    if ((item->is_there && state != STATE_GONE) || !item->is_referred || item->is_expired)
        return true;
    const struct rows *r = DB_QUERY(s, b->db, &sql_lake_is_expired, item->key);
    item->is_expired = r != NULL && rows_bool(r, 0, "is_expired");
    item->is_there = item->is_there && !item->is_expired;
    return r != NULL;
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
    for (size_t i = 0; i < n; i++) {
        if (!item_ask_again(s, b, &b->items[i], b->states[i]))
            return false;
        item_count(b->request, &b->items[i], b->states[i], out);
    }
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
    b->db = db;
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
    return summary->n_damaged + summary->n_unreadable + summary->n_missing +
               summary->n_unrecorded ==
           0;
}
