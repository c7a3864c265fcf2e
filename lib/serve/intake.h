// serve/intake.h: a segment's records, from the file into serve.prediction exactly once.
#ifndef SERVE_INTAKE_H
#define SERVE_INTAKE_H

#include "db/db.h"
#include "serve/segment.h"

struct intake {
    const char *name; // of the segment, its key in serve.spool
    const char *path;
    int fd;               // open for reading
    int64_t upto;         // bytes that are whole
    int64_t enough_bytes; // about so many in one transaction
};

// Takes in one part: rows and offset move in one transaction. Rows that are there already, told by
// their ids, are not taken again. A record that the database refuses is passed over and kept in
// "<path>.refused" (serve/refused.h).
//
//   errors  UNAVAILABLE when the database or the file is away; nothing has moved then
bool intake_part(struct scope *s, struct db *db, const struct intake *in, int64_t *n_rows,
                 struct segment_part *part) MUST_CHECK;

// Takes in the rows of some lines, inside the caller's transaction.
bool intake_rows(struct scope *s, struct db *db, const struct buf *lines,
                 int64_t *n_rows) MUST_CHECK;

// Forgets a segment that is deleted.
bool intake_forget(struct scope *s, struct db *db, const char *name) MUST_CHECK;

#endif
