// serve/refused.h: logged predictions that the database refused: set aside, told, tried again.
//
// They were answered, and what is wrong with them may be the database's fault: a rule that a later
// release mends, a partition that cannot be made. So they lie in "<segment>.refused" beside the
// spool's segments, as lines of COPY's text format; an alert ("spool:refused", critical) is open as
// long as there are any, which /metrics shows; and each start of the program tries them again.
#ifndef SERVE_REFUSED_H
#define SERVE_REFUSED_H

#include "db/db.h"

// Appends lines to a file, on the disk when it returns, and opens the alert. Call it inside the
// transaction that passes them over; lines kept twice are taken once.
bool refused_keep(struct scope *s, struct db *db, const char *path, struct str lines,
                  const char *reason) MUST_CHECK;

// Tries all lines of a folder's files again, each by itself. Those taken are cut from their files,
// empty files are deleted, and the alert is closed when none is left.
//
//   errors  UNAVAILABLE when the database or a file is away; what was not taken stays
bool refused_retry(struct scope *s, struct db *db, const char *folder, int64_t *n_rows) MUST_CHECK;

#endif
