// lake/sync.h: one lake's objects into another.
#ifndef LAKE_SYNC_H
#define LAKE_SYNC_H

#include "db/db.h"
#include "store/store.h"

struct sync_request {
    struct store *from, *to;
    struct db *db; // knows hashes that an older program did not record
    const char *prefix;
    size_t n_threads;
    bool mends; // reads what both have, and replaces what is damaged in `to`
    bool is_dry_run, is_quiet;
    void (*failed)(void *context, const char *key, const char *why); // NULL: nobody is told
    void *context;
};

struct sync_summary {
    size_t n_copied, n_same, n_mended, n_failed;
    int64_t copied_bytes;
    size_t n_foreign; // names that are no keys
};

// Copies what is in `from` and not in `to`, each object checked against its hash on the way;
// nothing that is whole is replaced or deleted. Done again, it goes on where it stopped; what goes
// from `from` meanwhile is passed over.
//
//   errors  UNAVAILABLE or DENIED when a lake is away or closed; an object that is damaged, or that
//           the other lake has with other bytes, is no failure but counted and told
bool sync_run(struct scope *s, const struct sync_request *request,
              struct sync_summary *out) MUST_CHECK;

// Opens the lake that "dir:PATH" or "s3://BUCKET[/PREFIX]" names, with the settings' endpoint and
// credentials.
//
//   owner   the scope
//   errors  USAGE for another text, MISSING for a folder that is to be there and is not
struct store *sync_open(struct scope *s, const struct config *config, const char *name,
                        bool is_source) MUST_CHECK;

#endif
