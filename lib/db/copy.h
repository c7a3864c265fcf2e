// db/copy.h: the bytes of a COPY on their way to the server, for db.c only.
//
// A second thread sends them, so that whoever makes rows goes on while the server stores those
// before. A copy of one piece or less is sent without it.
#ifndef DB_COPY_H
#define DB_COPY_H

#include "db/wire.h"

struct copy;

// Begins, on a connection that awaits the bytes. Nobody else uses it until copy_finish.
//
//   owner   the scope
struct copy *copy_begin(struct scope *s, struct wire *wire);

// Takes bytes. False once the server could not be reached; copy_finish tells why.
bool copy_add(struct copy *copy, const char *bytes, size_t n);

// Waits until everything has been sent. It may be called twice.
//
//   errors  UNAVAILABLE where it could not be
bool copy_finish(struct scope *s, struct copy *copy);

#endif
