// db/wire.h: the talk with PostgreSQL that never waits for ever; for db.c alone.
//
// A server can be there and say nothing: stopped, swapped out, behind a dead network. libpq's own
// calls would wait with it. Here all is sent and read without blocking, and what waits has an end:
// a wire with patience gives up on an answer after so many seconds; one without it, whose
// statements may take hours, asks the server in between whether it still takes connections. These
// may take half as long. A wire that gave up is closed, as nobody knows what is still to come on
// it.
#ifndef DB_WIRE_H
#define DB_WIRE_H

#include <libpq-fe.h>

#include "base/scope.h"

#define WIRE_NAMES 8

struct wire {
    const char *names[WIRE_NAMES], *values[WIRE_NAMES]; // to connect, as in PQconnectdbParams
    int patience_s;      // with one answer; 0 for as long as the server lives
    int watch_s;         // of silence, until that is asked
    PGconn *connection;  // NULL while there is none
    size_t n_waiting;    // bytes of a copy that may not have been sent
    double away_until_s; // monotonic: having given up, it leaves the server alone for a moment
};

// Connects.
//
//   errors  UNAVAILABLE with the server's words, or when it does not answer
bool wire_open(struct scope *s, struct wire *w) MUST_CHECK;

// Says farewell if that can be said at once.
void wire_close(struct wire *w);

// Sends what libpq has been given (is_given is what its PQsend… returned) and reads the answer: the
// last result, or the one that begins a copy.
//
//   owner   the caller: PQclear
//   errors  UNAVAILABLE when no answer came, with the connection closed; else NULL without a
//           failure, and libpq has the words
PGresult *wire_answer(struct scope *s, struct wire *w, int is_given);

// Hands over a piece of a copy; waits when too much is unsent.
bool wire_put(struct scope *s, struct wire *w, const void *bytes, size_t n) MUST_CHECK;

// Reads the next row of a copy out; its length is 0 at the end, of which wire_answer then tells.
//
//   owner   the caller: PQfreemem
bool wire_get(struct scope *s, struct wire *w, char **row, size_t *n) MUST_CHECK;

// The server's words without their line ends.
const char *wire_words(struct scope *s, const char *message);

#endif
