// source/run.h: reads a source: what is new, or days of the past.
//
// The kind plans units. Each is claimed (so that two processes never do the same one), fetched, and
// taken in with its row in data.source_unit in one transaction: whoever dies leaves it done or not
// done. A unit that fails does not stop the others; what is wrong on this side (the database, the
// lake or a disk) does, as does a service that does not answer for three units in a row.
#ifndef SOURCE_RUN_H
#define SOURCE_RUN_H

#include "source/source.h"
#include "source/tally.h"
#include "store/store.h"

struct source_run {
    struct store *store;
    struct source_work work;
    struct source_span span;
    bool is_afresh;  // of a backfill: forget where one of the same days stopped
    bool is_dry_run; // plans, asks nobody and changes nothing
    bool is_quiet;   // no progress bar
};

// Does what is due. The tally tells how far it came whether it succeeds or not.
//
//   errors  CONFLICT for a source that is paused; UNAVAILABLE when the service or something of ours
//           did not answer, else the first failed unit's kind, when any unit failed
bool source_read(struct scope *s, const struct source_run *run,
                 struct source_tally *out) MUST_CHECK;

#endif
