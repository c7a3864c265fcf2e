// learn/dataset.h: dataset versions: what a training reads, as an object that anyone can read.
//
// A dataset is the recipe's panel as CSV: "date,site,<target>,latitude,longitude", a line for each
// value, by date, then by the site's code in byte order. Values are the mean over a site's
// instruments, in the fewest digits that read back as the same number; an unknown position is
// empty. The same observations up to the same day give the same bytes, whatever the order in which
// they came.
#ifndef LEARN_DATASET_H
#define LEARN_DATASET_H

#include "feature/recipe.h"
#include "frame/panel.h"
#include "store/store.h"

struct dataset {
    int64_t dataset_id;     // 0 where nothing was recorded
    char sha256[HASH_TEXT]; // of the bytes
    const char *key;        // "processed_data/<model>/<as_of>/<sha256's first 16>.csv"
    struct day as_of;       // the last day it may know
    int64_t n_rows, size_bytes;
    size_t n_sites;
    struct day first, last;         // of the values
    struct panel panel;             // what the bytes say
    double read_s, write_s, keep_s; // from the database; into bytes; into the store and the record
};

// Makes the version of a recipe's data as of a day: object first, then its row. Making it again
// finds both. Without a store nothing is written and only told.
//
//   owner   the scope
//   errors  INPUT when there is no observation
bool dataset_make(struct scope *s, struct db *db, struct store *store, const struct recipe *recipe,
                  struct day as_of, struct dataset *out) MUST_CHECK;

#endif
