// serve/batch.h: predictions of the next day for every station, into the lake and the database.
//
// The object in the lake is the publication; the rows in the database are read from its bytes.
// Whoever dies between the two leaves an object that the next run reads and completes, even when
// the version in production has changed meanwhile: what was published first stays.
#ifndef SERVE_BATCH_H
#define SERVE_BATCH_H

#include "base/time.h"
#include "db/db.h"
#include "store/store.h"
#include "text/json.h"

// The version in production as loaded last; spares a caller who predicts many days the loading.
struct batch_cache;

// Makes an empty one.
//
//   owner   the scope
struct batch_cache *batch_cache_open(struct scope *s);

struct batch_request {
    const char *model;
    int64_t as_of; // its day is the last one known
    bool is_dry_run;
    struct batch_cache *cache; // NULL: load for this call
};

struct batch_summary {
    const char *version, *key; // the object; "" on a dry run
    struct day day;            // predicted
    size_t n_predictions;
    size_t n_silent; // stations heard before without a value in the last 30 days: left out; 0
                     // when the forecast was not made now
    bool is_new;     // false when all of it had been published before
};

// Predicts with the version in production, or completes or finds what was published for this
// as-of time before.
//
//   errors  MISSING when the model has no version in production; CONFLICT when that version has
//           learnt from days after as_of; INPUT when no station has a value in the last 30 days
bool batch_predict(struct scope *s, struct db *db, struct store *store,
                   const struct batch_request *request, struct batch_summary *out) MUST_CHECK;

// Adds to an open object what is the same whether a forecast was made, completed or found.
void batch_report(const struct batch_summary *summary, struct json_writer *w);

#endif
