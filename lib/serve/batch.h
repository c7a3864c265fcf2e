// serve/batch.h: predictions of the next day for every station, into the database and the lake.
#ifndef SERVE_BATCH_H
#define SERVE_BATCH_H

#include "base/time.h"
#include "db/db.h"
#include "store/store.h"

struct batch_request {
    const char *model;
    int64_t as_of;
    bool is_dry_run;
};

struct batch_summary {
    const char *version, *key; // the object written; "" on a dry run
    struct day day;            // predicted
    size_t n_predictions;
    size_t n_silent; // stations without a value in the last 30 days, left out
};

// Predicts with the version in production. A forecast once published is not rewritten: running
// it again for the same as-of time changes nothing.
//
//   errors  MISSING when the model has no version in production
bool batch_predict(struct scope *s, struct db *db, struct store *store,
                   const struct batch_request *request, struct batch_summary *out) MUST_CHECK;

#endif
