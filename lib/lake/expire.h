// lake/expire.h: what may go from the lake, and when.
#ifndef LAKE_EXPIRE_H
#define LAKE_EXPIRE_H

#include "db/db.h"
#include "store/store.h"

#define EXPIRE_SWEEP_S 86400 // unfinished uploads live so long

struct expire_policy { // of the objects below a prefix
    const char *prefix;
    bool is_for_ever;
    int64_t keep_days;
    bool takes_used;
};

struct expire_request {
    const char *prefix; // "" for all
    int64_t older_days; // in place of the policies' days; 0: theirs
    int64_t as_of;
    bool is_dry_run, is_quiet;
    void (*found)(void *context, const char *key, int64_t size_bytes, const char *what);
    void *context;
};

struct expire_summary {
    size_t n_objects; // looked at
    size_t n_expired;
    int64_t expired_bytes;
    size_t n_held;       // old enough, and needed by a live model or a dataset version
    size_t n_used;       // old enough, and referred to by rows
    size_t n_unfinished; // uploads that nobody ended
};

// Deletes what the policies let go, and notes it first. The jobs that put objects stay locked out
// for as long as it takes.
//
//   errors  CONFLICT when one of them runs
bool expire_run(struct scope *s, struct store *store, struct db *db,
                const struct expire_request *request, struct expire_summary *out) MUST_CHECK;

// The policies, longest prefixes first.
//
//   owner   the scope
bool expire_policies(struct scope *s, struct db *db, size_t *n,
                     struct expire_policy **out) MUST_CHECK;

// The policy of a key: the one with the longest prefix.
const struct expire_policy *expire_policy_of(size_t n, const struct expire_policy policies[],
                                             const char *key);

// Changes or adds a policy.
//
//   errors  INPUT for a prefix that does not end with "/", or days below 1
bool expire_policy_set(struct scope *s, struct db *db, const struct expire_policy *policy,
                       const char *actor) MUST_CHECK;

#endif
