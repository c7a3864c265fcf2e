// http/route.h: from a request to its handler, through the one door where roles are checked.
//
// Routes are one table: method, path, role, handler. A path's {name} stands for one part of 1 to
// 128 characters A-Z a-z 0-9 "." "_" "-". A program's table is all it answers, and what a route does
// not name behind its "?" is refused, so that a filter spelled wrong is not taken for none.
#ifndef HTTP_ROUTE_H
#define HTTP_ROUTE_H

#include "http/auth.h"
#include "http/counters.h"
#include "http/reply.h"
#include "http/request.h"

struct route { // a table ends with {0}
    const char *method, *path;
    enum role role;
    bool (*handle)(struct scope *s, const struct request *in, struct reply *out);
    const char *query; // names of query values, "site model"; "" for none, "*" for any
};

struct service {      // what a program's threads share
    const char *name; // "predict"
    const struct route *routes;
    struct auth *auth;
    struct counters *counters; // NULL counts nothing
    void *app;                 // handed to handlers
};

// Answers a request: finds the route, who calls and whether they may, runs the handler, and turns
// a failure into its answer. Returns the route, NULL when none was found.
//
//   errors  none; they are in the reply
const struct route *route_answer(struct scope *s, const struct service *service, struct request *in,
                                 struct reply *out);

#endif
