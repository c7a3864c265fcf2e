// source/fetch.h: files of other machines, brought below the home.
#ifndef SOURCE_FETCH_H
#define SOURCE_FETCH_H

#include "net/download.h"
#include "source/kind.h"

// Makes a file without a name in the home's folder for temporary ones; it closes with the scope.
bool fetch_file(struct scope *s, const struct config *config, int *fd) MUST_CHECK;

// Brings what is at an address into such a file. A 400 in JSON is brought too: EPA says there why.
//
//   errors  MISSING for 404, INPUT for other refusals, UNAVAILABLE
bool fetch_url(struct scope *s, const struct config *config, const char *url, int *fd) MUST_CHECK;

// Brings the version that is at the address out->name now, going on where an earlier try broke off;
// nothing if it is `etag`. Fills in the catch's fd and etag, or that it is unchanged. Answers from
// 400 on are the caller's.
//
//   errors  as download_get
bool fetch_version(struct scope *s, const struct source_work *work, const char *etag,
                   struct source_catch *out, struct download_answer *got) MUST_CHECK;

// Lets go of what fetch_version keeps of an address until its bytes are taken in.
bool fetch_forget(struct scope *s, const struct source_work *work, const char *url) MUST_CHECK;

// Notes as a check whether something is at an address, which a little of it shows.
//
//   errors  as http_look
bool fetch_look(struct scope *s, const char *url, struct source_checks *out) MUST_CHECK;

// Fails with what the server answered: MISSING for 404, else INPUT.
bool fetch_refused(struct scope *s, const char *url, int status);

#endif
