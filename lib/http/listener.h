// http/listener.h: a thread that hears of changes and has them taken in.
//
// It LISTENs on REGISTRY_CHANNEL, and looks every LISTENER_POLL_MS all the same, should a word be
// lost. Words that come in a burst (a replay sends one a day) are gathered: `changed` runs once
// they have been quiet for LISTENER_QUIET_MS, or after LISTENER_PATIENCE_MS at the latest.
// Without a database it tries again, once a second.
#ifndef HTTP_LISTENER_H
#define HTTP_LISTENER_H

#include "db/db.h"

#define LISTENER_POLL_MS 5000
#define LISTENER_QUIET_MS 200
#define LISTENER_PATIENCE_MS 2000

struct listener;

struct listener_options {
    const char *database_url, *who;
    void (*heard)(void *context);                  // at once, for each word; may be NULL
    void (*changed)(void *context, struct db *db); // gathered; also at the start and each poll
    void *context;
};

// Starts the thread; it ends when the scope closes.
//
//   errors  UNAVAILABLE when no thread can be made
bool listener_start(struct scope *s, const struct listener_options *options) MUST_CHECK;

#endif
