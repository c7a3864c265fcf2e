// lake/verify.h: every object against its hash and against what the database refers to.
#ifndef LAKE_VERIFY_H
#define LAKE_VERIFY_H

#include "db/db.h"
#include "store/store.h"

struct verify_request {
    const char *prefix;
    size_t n_threads;
    bool adopts; // records the hash of objects that have none
    bool is_quiet;
    void (*found)(void *context, const char *key, const char *fault); // NULL: nobody is told
    void *context;
};

struct verify_summary {
    size_t n_objects;
    int64_t size_bytes;
    size_t n_damaged;      // read otherwise than their hash says
    size_t n_unreadable;   // that could not be read, though the store answers
    size_t n_missing;      // referred to and not there
    size_t n_unrecorded;   // of which no hash is known
    size_t n_adopted;      // were, and are no more
    size_t n_unreferenced; // whole, and unknown to the database
    size_t n_expired;      // referred to, and deleted by the policy
    size_t n_foreign;      // names that are no keys
};

// Reads all objects under a prefix.
//
//   errors  UNAVAILABLE when the store or the database is away; what is wrong with an object is no
//           failure but counted and told
bool verify_run(struct scope *s, struct store *store, struct db *db,
                const struct verify_request *request, struct verify_summary *out) MUST_CHECK;

// True where no object is damaged, unreadable, missing or of unknown hash.
bool verify_is_good(const struct verify_summary *summary);

#endif
