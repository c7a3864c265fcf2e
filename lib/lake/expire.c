#include "lake/expire.h"

#include <string.h>

#include "cli/progress.h"
#include "lake/lake.sql.h"
#include "lake/roll.h"
#include "registry/audit.h"
#include "text/json.h"

#define DAY_S 86400
#define BATCH 256

struct sweep {
    struct store *store;
    struct db *db;
    const struct expire_request *request;
    size_t n_policies;
    struct expire_policy *policies;
    struct expire_summary *out;
};

bool
expire_policies(struct scope *s, struct db *db, size_t *n, struct expire_policy **out)
{
    const struct rows *r = db_query(s, db, &sql_lake_policies, 0, NULL);
    if (r == NULL)
        return false;
    *n = rows_count(r);
    *out = scope_array(s, *n + 1, sizeof **out);
    for (size_t i = 0; i < *n; i++)
        (*out)[i] = (struct expire_policy){
            .prefix = rows_text(r, i, "prefix"),
            .is_for_ever = rows_is_null(r, i, "keep_days"),
            .keep_days = rows_int(r, i, "keep_days"),
            .takes_used = rows_bool(r, i, "takes_used"),
        };
    return true;
}

const struct expire_policy *
expire_policy_of(size_t n, const struct expire_policy policies[], const char *key)
{
    static const struct expire_policy none = {.prefix = "", .is_for_ever = true};
    for (size_t i = 0; i < n; i++)
        if (strncmp(key, policies[i].prefix, strlen(policies[i].prefix)) == 0)
            return &policies[i];
    return &none;
}

static bool
policy_write(struct scope *s, struct db *db, const struct expire_policy *p, const char *actor)
{
    struct buf detail = buf_open(s, 128);
    struct json_writer w = {.out = &detail};
    json_object_begin(&w);
    json_put_key(&w, "keep_days");
    if (p->is_for_ever)
        json_put_raw(&w, "null");
    else
        json_put_int(&w, p->keep_days);
    json_pair_bool(&w, "takes_used", p->takes_used);
    json_object_end(&w);
    return DB_RUN(s, db, &sql_lake_policy_set, p->prefix,
                  p->is_for_ever ? NULL : db_int(s, p->keep_days),
                  p->takes_used ? "true" : "false") &&
           audit_add(s, db, actor, "lake.policy_changed", p->prefix, detail.text);
}

bool
expire_policy_set(struct scope *s, struct db *db, const struct expire_policy *policy,
                  const char *actor)
{
    const size_t n = strlen(policy->prefix);
    if (n > 0 && policy->prefix[n - 1] != '/')
        return fail(s, ERROR_INPUT, "prefix \"%.60s\" does not end with \"/\"", policy->prefix);
    if (!policy->is_for_ever && (policy->keep_days < 1 || policy->keep_days > 36500))
        return fail(s, ERROR_INPUT, "%lld days are not from 1 to 36500",
                    (long long)policy->keep_days);
    return db_begin(s, db) && policy_write(s, db, policy, actor) && db_commit(s, db);
}

// What a key is due to, with the request's own days.
static bool
is_due(const struct sweep *w, const struct roll_item *item, const struct expire_policy *p)
{
    const int64_t days = w->request->older_days > 0 ? w->request->older_days : p->keep_days;
    return item->is_there && (w->request->older_days > 0 || !p->is_for_ever) &&
           w->request->as_of - item->put_at >= days * DAY_S;
}

static bool
item_judge(const struct sweep *w, const struct roll_item *item)
{
    const struct expire_policy *p = expire_policy_of(w->n_policies, w->policies, item->key);
    w->out->n_objects += item->is_there ? 1 : 0;
    if (!is_due(w, item, p))
        return false;
    if (item->hold == ROLL_HELD)
        w->out->n_held++;
    else if (item->hold == ROLL_USED && !p->takes_used)
        w->out->n_used++;
    else
        return true;
    return false;
}

static bool
item_note(struct scope *s, const struct sweep *w, const struct roll_item *item)
{
    struct buf detail = buf_open(s, 128);
    struct json_writer j = {.out = &detail};
    json_object_begin(&j);
    json_pair_text(&j, "sha256", item->sha256);
    json_pair_text(&j, "reference", item->what);
    json_object_end(&j);
    return DB_RUN(s, w->db, &sql_lake_expired, item->key, item->sha256 == NULL ? "" : item->sha256,
                  db_int(s, item->size_bytes), item->what, db_time(s, w->request->as_of)) &&
           audit_add(s, w->db, "airwatch-lake", "object.expired", item->key, detail.text);
}

static bool
items_note(struct scope *s, const struct sweep *w, size_t n, const struct roll_item items[])
{
    if (!db_begin(s, w->db))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!item_note(s, w, &items[i]))
            return false;
    return db_commit(s, w->db);
}

// Whether a version lives that uses the object: one may have been put back into service, or been
// given an alias, since the roll was made; or an artifact been put of the same bytes. From here to
// the end of the transaction none can be.
static bool
is_revived(struct scope *s, const struct sweep *w, const struct roll_item *item, bool *out)
{
    const struct rows *r = NULL;
    if (DB_RUN(s, w->db, &sql_lake_versions_hold, item->key))
        r = DB_QUERY(s, w->db, &sql_lake_is_live, item->key);
    *out = r != NULL && rows_bool(r, 0, "is_live");
    return r != NULL && (!*out || DB_RUN(s, w->db, &sql_lake_kept, item->key));
}

static bool
items_delete(struct scope *s, const struct sweep *w, size_t n, struct roll_item items[])
{
    if (!db_begin(s, w->db) || !db_run(s, w->db, &sql_lake_artifacts_hold, 0, NULL))
        return false;
    for (size_t i = 0; i < n; i++) {
        bool is_live;
        if (!is_revived(s, w, &items[i], &is_live) ||
            (!is_live && !store_delete(s, w->store, items[i].key)))
            return false;
        items[i].hold = is_live ? ROLL_HELD : items[i].hold;
    }
    return db_commit(s, w->db);
}

// Notes all, then deletes them: a note without a deletion is made good by the next run, a deletion
// without a note would be a loss that nobody could tell from another.
static bool
items_expire(struct scope *s, const struct sweep *w, size_t n, struct roll_item items[])
{
    return w->request->is_dry_run || n == 0 ||
           (items_note(s, w, n, items) && items_delete(s, w, n, items));
}

static bool
batch_run(struct scope *s, const struct sweep *w, struct roll *roll, bool *is_over)
{
    struct roll_item *items = scope_array(s, BATCH, sizeof *items);
    size_t n, n_due = 0;
    if (!roll_take(s, roll, BATCH, items, &n))
        return false;
    *is_over = n < BATCH;
    for (size_t i = 0; i < n; i++)
        if (item_judge(w, &items[i]))
            items[n_due++] = items[i];
    if (!items_expire(s, w, n_due, items))
        return false;
    for (size_t i = 0; i < n_due; i++) {
        if (items[i].hold == ROLL_HELD) {
            w->out->n_held++;
            continue;
        }
        w->out->n_expired++;
        w->out->expired_bytes += items[i].size_bytes;
        if (w->request->found != NULL)
            w->request->found(w->request->context, items[i].key, items[i].size_bytes,
                              items[i].what);
    }
    return true;
}

// Keeps out the jobs that put objects: one of them could find an object there, and refer to it
// while it goes.
static bool
writers_lock(struct scope *s, struct db *db)
{
    static const char *const writers[] = {"ingest", "source",  "backfill", "table",   "rejects",
                                          "check",  "dataset", "train",    "predict", "replay"};
    for (size_t i = 0; i < sizeof writers / sizeof *writers; i++)
        if (!db_lock(s, db, writers[i]))
            return explain(s, "could not expire objects while others may be put");
    return true;
}

static bool
roll_walk(struct scope *s, const struct sweep *w)
{
    struct progress *bar = progress_open(s, "expire", 0, "objects", w->request->is_quiet);
    struct roll *roll = roll_open(s, w->store, w->db, w->request->prefix);
    for (bool is_over = roll == NULL; !is_over;) {
        struct scope one = {0};
        const bool ok = batch_run(&one, w, roll, &is_over);
        if (!ok)
            fail_as(s, &one);
        scope_close(&one);
        if (!ok)
            return false;
        progress_move(bar, (int64_t)w->out->n_objects, NULL);
    }
    progress_finish(bar);
    return roll != NULL;
}

// Ends, or counts, uploads in parts that nobody ended: those of ours, and those of the store's.
static bool
uploads_end(struct scope *s, const struct sweep *w)
{
    const char *at = db_time(s, w->request->as_of), *age = db_int(s, EXPIRE_SWEEP_S);
    const struct rows *r = DB_QUERY(s, w->db, &sql_lake_uploads_unfinished, at, age);
    if (r == NULL ||
        (!w->request->is_dry_run && !DB_RUN(s, w->db, &sql_lake_uploads_end, at, age)) ||
        !store_sweep(s, w->store, EXPIRE_SWEEP_S, w->request->is_dry_run, &w->out->n_unfinished))
        return false;
    w->out->n_unfinished += (size_t)rows_int(r, 0, "n");
    return true;
}

bool
expire_run(struct scope *s, struct store *store, struct db *db,
           const struct expire_request *request, struct expire_summary *out)
{
    struct sweep w = {.store = store, .db = db, .request = request, .out = out};
    *out = (struct expire_summary){0};
    return (request->is_dry_run || writers_lock(s, db)) && uploads_end(s, &w) &&
           expire_policies(s, db, &w.n_policies, &w.policies) && roll_walk(s, &w);
}
