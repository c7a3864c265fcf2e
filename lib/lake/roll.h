// lake/roll.h: the lake's objects beside what the database refers to, in the order of their keys.
//
// Two sorted lists are walked together, page by page, so that memory does not grow with the lake.
#ifndef LAKE_ROLL_H
#define LAKE_ROLL_H

#include "db/db.h"
#include "store/store.h"

enum roll_hold { // how firmly the database holds on to an object
    ROLL_FREE,   // it does not know it
    ROLL_SPENT,  // it knows it and needs it no more
    ROLL_USED,   // rows came from it, or went with it
    ROLL_HELD,   // a live model or a dataset version needs it
};

struct roll_item {
    const char *key;
    bool is_there, is_referred;
    int64_t size_bytes, put_at; // of the object that is there
    const char *sha256;         // that the database knows; NULL: none
    int64_t due_bytes;          // likewise; -1: unknown
    const char *what;           // refers to it: "raw object", "" for nothing
    enum roll_hold hold;
    bool is_expired; // the policy has deleted it
};

struct roll;

// Begins to walk the objects whose keys begin with `prefix`. Without a store only what is referred
// to is walked, without a database only what is there.
//
//   owner   the scope
struct roll *roll_open(struct scope *s, struct store *store, struct db *db,
                       const char *prefix) MUST_CHECK;

// Steps to the next key; NULL in `out->key` at the end. What it says lives until the next step.
bool roll_next(struct scope *s, struct roll *roll, struct roll_item *out) MUST_CHECK;

// Objects passed over because their names are no keys.
size_t roll_foreign(const struct roll *roll);

// Reads up to n items, copied into the scope; fewer only at the end.
bool roll_take(struct scope *s, struct roll *roll, size_t n, struct roll_item items[],
               size_t *n_items) MUST_CHECK;

#endif
