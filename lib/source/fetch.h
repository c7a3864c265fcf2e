// source/fetch.h: files of other machines, brought into files without a name below the home.
#ifndef SOURCE_FETCH_H
#define SOURCE_FETCH_H

#include "base/config.h"

// Makes a file without a name in the home's folder for temporary ones; it closes with the scope.
bool fetch_file(struct scope *s, const struct config *config, int *fd) MUST_CHECK;

// Brings what is at an address into such a file. A refusal in JSON is brought too: EPA says there
// why.
//
//   errors  MISSING for 404, INPUT for other refusals, UNAVAILABLE; *is_local (unless NULL) tells
//           that this machine's disk is full
bool fetch_url(struct scope *s, const struct config *config, const char *url, int *fd,
               bool *is_local) MUST_CHECK;

#endif
