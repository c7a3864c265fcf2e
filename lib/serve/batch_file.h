// serve/batch_file.h: a published batch of predictions as CSV, written and read back.
//
// "prediction_id,model,version,made_at,parameter,day,site,value,lower,upper,persistence,climatology",
// a line for each station by its code; numbers in the fewest digits that read back as the same,
// what is unknown left empty.
#ifndef SERVE_BATCH_FILE_H
#define SERVE_BATCH_FILE_H

#include "base/buf.h"
#include "base/chance.h"
#include "base/time.h"

struct batch_row {
    char id[UUID_TEXT];
    const char *site;
    double value, lower, upper;
    double persistence, climatology; // NaN where unknown
};

struct batch {
    const char *model, *version;
    int64_t made_at;
    int parameter;
    struct day day;
    size_t n_rows;
    struct batch_row *rows;
};

// The id of a prediction: the same for the same model, station, day and as-of time, so that a
// batch written twice is one batch.
//
//   source  RFC 9562, version 8: 122 bits of the SHA-256
void batch_id(const struct batch *b, const char *site, char out[UUID_TEXT]);

void batch_write(const struct batch *b, struct buf *out);

// Reads what batch_write wrote.
//
//   owner   the scope
//   errors  INPUT naming the line
bool batch_read(struct scope *s, struct str bytes, struct batch *out) MUST_CHECK;

#endif
