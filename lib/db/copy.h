// db/copy.h: the bytes of a COPY on their way to the server, for db.c only.
//
// A second thread sends them, so that whoever makes rows goes on while the server stores those
// before. A copy of one piece or less is sent without it.
#ifndef DB_COPY_H
#define DB_COPY_H

#include <libpq-fe.h>

#include "base/scope.h"

struct copy;

// Begins, on a connection that awaits the bytes. Nobody else uses it until copy_finish.
//
//   owner   the scope
struct copy *copy_begin(struct scope *s, PGconn *connection);

// Takes bytes. False once the server could not be reached; the connection knows why after
// copy_finish.
bool copy_add(struct copy *copy, const char *bytes, size_t n);

// Waits until everything has been sent; false where it could not be. It may be called twice.
bool copy_finish(struct copy *copy);

#endif
