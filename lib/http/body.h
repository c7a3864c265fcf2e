// http/body.h: the body of a request, as it comes in; and how many may come and go at once.
#ifndef HTTP_BODY_H
#define HTTP_BODY_H

#include <stdatomic.h>
#include <stdint.h>

#include <fcgiapp.h>

#include "base/inlet.h"

// Bodies that hold a thread for as long as the other side takes. Only half of the threads do that
// at any time, so that slow ones do not keep the rest of the world out.
struct streams {
    atomic_int n;
    int most;
};

// Counts one in, if there is room, and out again.
//
//   errors  UNAVAILABLE when there are as many as may be
bool streams_enter(struct scope *s, struct streams *streams) MUST_CHECK;
void streams_leave(struct streams *streams);

struct body { // of one request, not read yet
    FCGX_Stream *from;
    struct streams *streams;
    int64_t left_bytes; // -1: it ends where it ends
    bool is_here;       // nginx has all of it
    bool is_entered;    // among the streams
};

// Begins with a request's body, which is read from the inlet that this gives. Its first byte is
// waited for only where there is room among the streams, unless nginx has all of it.
//
//   errors  the inlet's: UNAVAILABLE without room; INPUT when the body is cut short
struct inlet body_open(struct body *body, FCGX_Request *request, struct streams *streams);

// Ends with it, read or not.
void body_close(struct body *body);

#endif
