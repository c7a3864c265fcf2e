// source/claim.h: whose a unit is: of the processes that read a source, one at most does it.
//
// A claim is an advisory lock, so a process that dies gives it back.
#ifndef SOURCE_CLAIM_H
#define SOURCE_CLAIM_H

#include "db/db.h"
#include "source/kind.h"

// Claims all of the units or none; `*is_mine` tells.
bool claim_take(struct scope *s, struct db *db, const char *source, size_t n,
                const struct source_unit units[], bool *is_mine) MUST_CHECK;

// Gives them back.
bool claim_drop(struct scope *s, struct db *db, const char *source, size_t n,
                const struct source_unit units[]) MUST_CHECK;

#endif
