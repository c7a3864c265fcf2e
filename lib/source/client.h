// source/client.h: asks the EPA AQS API: in its turn, again where that may help, and whole.
//
// Connections refused or broken, 429, 5xx, web pages and answers that are not whole are tried
// again, each time after a longer pause (or what Retry-After says) which all processes keep.
#ifndef SOURCE_CLIENT_H
#define SOURCE_CLIENT_H

#include "base/config.h"
#include "db/db.h"
#include "source/answer.h"

struct client_answer {
    int fd;           // the answer without the account, from its beginning; closes with the scope
    const char *name; // its address, likewise
    struct answer answer;
    bool is_local; // after a failure: it is this machine's disk or database, not the service
};

// Fetches "dailyData/byState?param=88101&…". That no data matched is an answer like others.
//
//   errors  INPUT with EPA's own words when it refuses the request, or without an account;
//           UNAVAILABLE when no try brought a whole answer, with the last reason
bool client_get(struct scope *s, const struct config *config, struct db *db, const char *query,
                struct client_answer *out) MUST_CHECK;

#endif
