// http/route.h: from a request to its handler, through the one door where roles are checked.
//
// A program answers areas: protocols that are spoken below some prefixes. An area's routes are one
// table: method, path behind the prefix, role, handler. A path's {name} stands for one part of 1 to
// 128 characters A-Z a-z 0-9 "." "_" "-", and {name*} at its end for the rest with its slashes. The
// tables are all that a program answers, and what a route does not name behind its "?" is refused,
// so that a filter spelled wrong is not taken for none.
#ifndef HTTP_ROUTE_H
#define HTTP_ROUTE_H

#include "http/auth.h"
#include "http/counters.h"
#include "http/reply.h"
#include "http/request.h"

struct route {                 // a table ends with {0}
    const char *method, *path; // "*" is any method
    enum role role;
    bool (*handle)(struct scope *s, const struct request *in, struct reply *out);
    const char *query; // names of query values, "site model"; "" for none, "*" for any
};

// An area without a door or words of its own leaves those members out. One that is_raw matches the
// path as the caller wrote it, so that no dot or slash is lost to nginx, which resolves them:
// {name} takes no escape, and what {name*} stands for is decoded once. In one that is_streamed_in
// handlers read bodies themselves, from the request's inlet.
struct area {
    const char *const *prefixes; // NULL-ended: "/api/2.0/mlflow", "/ajax-api/2.0/mlflow"; "" is any
    const struct route *routes;
    bool is_raw, is_streamed_in;
    bool is_open;                                            // to ANONYMOUS_ROLE
    bool (*door)(struct scope *s, const struct request *in); // before anybody is asked who they are
    void (*failure)(const struct scope *s, const struct request *in, struct reply *out);
};

struct service {                     // what a program's threads share
    const char *name;                // "predict"
    const struct area *const *areas; // NULL-ended; the first with a fitting prefix answers
    struct auth *auth;
    struct counters *counters; // NULL counts nothing
    void *app;                 // handed to handlers
};

// Answers a request: finds its area and route (which it sets in the request), who calls and whether
// they may, runs the handler, and turns a failure into its answer.
//
//   errors  none; they are in the reply
void route_answer(struct scope *s, const struct service *service, struct request *in,
                  struct reply *out);

// Turns the scope's failure into an answer, in the words of the request's area.
void route_failure(const struct scope *s, const struct request *in, struct reply *out);

// How many routes a service has, and which of them (from 0) a request met; the count when none.
size_t route_count(const struct service *service);
size_t route_number(const struct service *service, const struct request *in);

#endif
