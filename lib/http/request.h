// http/request.h: what a caller asked for.
//
// Texts belong to the request's scope. The path is decoded by nginx, with its dots and slashes
// resolved; a query value is decoded and checked when it is asked for.
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include <stdint.h>

#include "base/buf.h"
#include "base/inlet.h"
#include "db/db.h"

#define REQUEST_BODY_BYTES ((size_t)16 * 1024 * 1024) // nginx says the same
#define REQUEST_ID_TEXT 65                            // 64 characters and their end
#define REQUEST_PARTS 4                               // {names} in one route at most

struct area;
struct route;

struct request {
    const char *method, *path;
    const char *target;             // path and query as the caller wrote them, "" when not known
    const char *query;              // behind the "?", "" without one
    const char *authorization;      // "" without one
    const char *content_type;       // "" without one
    const char *host, *origin;      // likewise
    const char *user_agent;         // likewise
    const char *if_none_match;      // likewise
    const char *range, *if_range;   // likewise
    const char *address;            // of the peer that nginx saw
    bool is_forwarded;              // another proxy stands before nginx
    bool is_secure;                 // to which the caller spoke TLS
    struct str body;                // terminated; empty in an area that is_streamed_in
    struct inlet inlet;             // from which handlers read it there; no `take` without one
    int64_t body_bytes;             // how many it gives; -1 when that shows only at its end
    char id[REQUEST_ID_TEXT];       // the caller's X-Request-Id if it is sane, else made
    int64_t at;                     // UTC seconds
    struct db *db;                  // this thread's; connects when first used
    void *app;                      // what the program serves from
    char principal[64];             // who calls, "" when nobody said
    unsigned roles;                 // what they may, with what that implies
    const struct area *area;        // that the path lies in, NULL for none
    const struct route *route;      // that answers, NULL for none
    char parts[REQUEST_PARTS][129]; // what stood for the route's {names}, in order
    const char *rest;               // and for its {name*}, decoded; NULL when it has none
};

// A query value by name, decoded; NULL when it is absent.
//
//   errors  INPUT when it is not UTF-8 text of at most 256 bytes without control characters, or
//           has a "%" without two hexadecimal digits
bool request_query(struct scope *s, const struct request *in, const char *name,
                   const char **value) MUST_CHECK;

// The same of at most `limit_bytes`.
bool request_query_long(struct scope *s, const struct request *in, const char *name,
                        size_t limit_bytes, const char **value) MUST_CHECK;

// Refuses query values whose names are not among the allowed ones ("site model"), or come twice.
//
//   errors  INPUT: unknown query value "sit" (known: site, model)
bool request_query_check(struct scope *s, const struct request *in, const char *allowed) MUST_CHECK;

// Reads the body from its inlet.
//
//   errors  LIMIT when it is larger than REQUEST_BODY_BYTES; INPUT when it ends too soon
bool request_body_read(struct scope *s, struct request *in) MUST_CHECK;

// Takes the caller's id when it is 1 to 64 of A-Z a-z 0-9 "." "_" "-", else makes one.
void request_id_set(struct request *in, const char *wanted);

#endif
