// track/logged_read.h: reading logged models by their ids, for the files of track/logged.h.
#ifndef TRACK_LOGGED_READ_H
#define TRACK_LOGGED_READ_H

#include "track/logged.h"

// Reads logged models in the order of their ids; what is not there is left out.
bool logged_read(struct scope *s, struct db *db, size_t n, const char *const ids[],
                 bool may_be_deleted, size_t *n_read, const struct track_logged **out) MUST_CHECK;

#endif
