// aqs/reading.h: one object's lines, by its format, into the tables that they belong to.
#ifndef AQS_READING_H
#define AQS_READING_H

#include "aqs/ingest.h"
#include "aqs/reject.h"
#include "aqs/stage.h"

#define READING_REASONS 32 // why values are missing, told apart
#define READING_REASON_BYTES 80

struct reading { // of one object
    struct db *db;
    const struct ingest_request *request;
    const char *name; // the request's, as UTF-8
    struct rules rules;
    int64_t object_id;
    int64_t n_rows, skipped[SKIP_MOST];
    size_t n_reasons;
    struct {
        char text[READING_REASON_BYTES]; // a qualifier
        int64_t n;                       // values that are missing for it
    } reasons[READING_REASONS];          // the last one is for all that find no room
    struct day first, last;
    struct rejects *rejects;
    struct stage_tally tally;
    bool has_hours;          // then days were derived:
    struct stage_tally days; // what became of them
};

// Reads the object's bytes, once or twice: a first reading copies straight into the tables, which
// is right as long as no row of it is there yet and none comes twice; the first that does undoes
// the copy, and the slow way is taken. Call it inside a transaction.
bool reading_run(struct scope *s, struct reading *reading, int fd, bool is_known) MUST_CHECK;

// Tells whether lines of this kind can be copied straight into the tables, and does that alone.
//
//   errors  CONFLICT when a row of the same key is there, or came twice
bool reading_can_copy(enum table_kind kind);
bool reading_copy(struct scope *s, struct reading *reading, struct feed *feed) MUST_CHECK;

#endif
