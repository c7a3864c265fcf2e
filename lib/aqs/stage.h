// aqs/stage.h: records into PostgreSQL: station ids, partitions, and COPY in binary form.
//
// Rows gather in a block of fixed size. When it is full, the stations and years that it is the
// first to name are made, and the block is copied, either straight into data.observation, which a
// row that is there already refuses, or into a temporary table from which stage_settle moves them.
#ifndef AQS_STAGE_H
#define AQS_STAGE_H

#include "aqs/record.h"
#include "db/db.h"

struct stage;

enum stage_way {
    STAGE_DIRECT,  // straight into data.observation
    STAGE_SETTLED, // by way of a table where rows of one key are settled
    STAGE_GRADED,  // likewise, of a format that tells each row's grade, and not always its event
};

struct stage_tally {
    int64_t n_new, n_changed, n_same;
    int64_t skipped[SKIP_MOST]; // rows that lost to another one of the same key
};

// Begins; call it inside a transaction.
//
//   owner   the scope
struct stage *stage_open(struct scope *s, struct db *db, int64_t object_id,
                         enum stage_way way) MUST_CHECK;

// Takes one record, which stood in that line.
//
//   errors  CONFLICT when a direct copy met a row of the same key, possibly a few blocks ago; LIMIT
//           for a station beyond the most that are kept
bool stage_add(struct scope *s, struct stage *stage, const struct record *record,
               int64_t line) MUST_CHECK;

// Ends the copy, and moves what was not copied directly: settles rows of the same key, keeps
// replaced values in data.observation_past, updates, inserts and counts.
bool stage_settle(struct scope *s, struct stage *stage, int64_t as_of,
                  struct stage_tally *out) MUST_CHECK;

// The same for daily values that a statement derives from what is in the database: begin makes the
// empty staging table, observation_stage; the statement fills it; move takes it over, where days
// first..last are all it holds, and counts.
bool stage_derived_begin(struct scope *s, struct db *db) MUST_CHECK;
bool stage_derived_move(struct scope *s, struct db *db, int64_t object_id, int64_t as_of,
                        struct day first, struct day last, struct stage_tally *out) MUST_CHECK;

#endif
