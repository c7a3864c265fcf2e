#include "lake/roll.h"

#include <string.h>

#include "lake/lake.sql.h"

#define REFERENCES "5000" // on a page

struct objects { // a page of what is there
    struct scope own;
    struct store_page page;
    size_t at;
    const char *next; // NULL: none after this page
    bool is_begun;
};

struct references { // a page of what is referred to
    struct scope own;
    const struct rows *rows;
    size_t at;
    bool is_over;
};

struct roll {
    struct store *store;
    struct db *db;
    const char *prefix;
    struct objects there;
    struct references due;
    size_t n_foreign;
};

static void
roll_close(void *thing)
{
    struct roll *roll = thing;
    scope_close(&roll->there.own);
    scope_close(&roll->due.own);
}

struct roll *
roll_open(struct scope *s, struct store *store, struct db *db, const char *prefix)
{
    struct roll *roll = scope_alloc(s, sizeof *roll);
    *roll = (struct roll){.store = store, .db = db, .prefix = scope_copy(s, prefix)};
    scope_defer(s, roll_close, roll);
    if (db != NULL && !db_run(s, db, &sql_lake_references, 0, NULL))
        return NULL;
    return roll;
}

// Has an object at hand, unless there are none left.
static bool
there_fill(struct scope *s, struct roll *roll)
{
    struct objects *o = &roll->there;
    while (roll->store != NULL && o->at == o->page.n && (!o->is_begun || o->next != NULL)) {
        struct scope fresh = {0};
        struct store_page page;
        const char *after = o->is_begun ? o->next : "";
        const bool ok = store_list(&fresh, roll->store, roll->prefix, after, &page);
        if (!ok) {
            fail_as(s, &fresh);
            scope_close(&fresh);
            return false;
        }
        scope_close(&o->own);
        *o = (struct objects){.own = fresh, .page = page, .next = page.next, .is_begun = true};
        roll->n_foreign += page.n_foreign;
    }
    return true;
}

static bool
due_fill(struct scope *s, struct roll *roll)
{
    struct references *d = &roll->due;
    if (roll->db == NULL || d->is_over || (d->rows != NULL && d->at < rows_count(d->rows)))
        return true;
    struct scope fresh = {0};
    const char *after = d->rows == NULL ? "" : rows_text(d->rows, d->at - 1, "key");
    const struct rows *rows =
        DB_QUERY(&fresh, roll->db, &sql_lake_reference_page, roll->prefix, after, REFERENCES);
    if (rows == NULL) {
        fail_as(s, &fresh);
        scope_close(&fresh);
        return false;
    }
    scope_close(&d->own);
    *d = (struct references){.own = fresh, .rows = rows, .is_over = rows_count(rows) == 0};
    return true;
}

static void
there_put(struct roll *roll, struct roll_item *out)
{
    const struct store_entry *e = &roll->there.page.entries[roll->there.at++];
    out->key = e->key;
    out->is_there = true;
    out->size_bytes = e->size_bytes;
    out->put_at = e->put_at;
}

static void
due_put(struct roll *roll, struct roll_item *out)
{
    const struct rows *r = roll->due.rows;
    const size_t i = roll->due.at++;
    const char *sha256 = rows_text(r, i, "sha256");
    out->key = rows_text(r, i, "key");
    out->is_referred = true;
    out->sha256 = *sha256 == '\0' ? NULL : sha256;
    out->due_bytes = rows_int(r, i, "size_bytes");
    out->what = rows_text(r, i, "what");
    out->hold = (enum roll_hold)rows_int(r, i, "hold");
    out->is_expired = rows_bool(r, i, "is_expired");
}

bool
roll_next(struct scope *s, struct roll *roll, struct roll_item *out)
{
    *out = (struct roll_item){.due_bytes = -1, .what = "", .hold = ROLL_FREE};
    if (!there_fill(s, roll) || !due_fill(s, roll))
        return false;
    const struct objects *o = &roll->there;
    const struct references *d = &roll->due;
    const char *there = o->at < o->page.n ? o->page.entries[o->at].key : NULL;
    const char *due = d->rows != NULL && !d->is_over ? rows_text(d->rows, d->at, "key") : NULL;
    if (there == NULL && due == NULL)
        return true;
    const int order = there == NULL ? 1 : due == NULL ? -1 : strcmp(there, due);
    if (order >= 0)
        due_put(roll, out);
    if (order <= 0)
        there_put(roll, out);
    return true;
}

size_t
roll_foreign(const struct roll *roll)
{
    return roll->n_foreign;
}

bool
roll_take(struct scope *s, struct roll *roll, size_t n, struct roll_item items[], size_t *n_items)
{
    for (*n_items = 0; *n_items < n; ++*n_items) {
        struct roll_item *item = &items[*n_items];
        if (!roll_next(s, roll, item))
            return false;
        if (item->key == NULL)
            break;
        item->key = scope_copy(s, item->key);
        item->what = scope_copy(s, item->what);
        item->sha256 = item->sha256 == NULL ? NULL : scope_copy(s, item->sha256);
    }
    return true;
}
