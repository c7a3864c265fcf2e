// aqs/fact.h: what EPA's lists of sites and monitors tell of stations, into data.site.
#ifndef AQS_FACT_H
#define AQS_FACT_H

#include "aqs/stage.h"

struct facts;

// Begins; call it inside a transaction.
//
//   owner   the scope
struct facts *facts_open(struct scope *s, struct db *db, int64_t object_id) MUST_CHECK;

// Judges one line, and takes it when it is good: codes that can be, a position on the earth,
// an elevation on it, a whole-hour offset, days that exist. A rejected one gets its `reason`.
//
//   errors  what the database fails with, in `*verdict`'s stead
bool facts_add(struct scope *s, struct facts *facts, const struct line *line, enum verdict *verdict,
               char reason[RECORD_REASON_BYTES]) MUST_CHECK;

// Moves what was taken into data.site: the later of two lines of one site counts, what a line does
// not tell stays, and what a later object said stays when an earlier one is read again.
bool facts_settle(struct scope *s, struct facts *facts, struct stage_tally *out) MUST_CHECK;

#endif
