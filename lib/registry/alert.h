// registry/alert.h: what a person should look at: at most one open alert for each cause.
#ifndef REGISTRY_ALERT_H
#define REGISTRY_ALERT_H

#include "db/db.h"

struct alert {
    const char *cause;    // "quality:pm-next-day"
    const char *severity; // "info", "warning" or "critical"
    const char *message;  // in words
};

// Opens an alert, or puts the newer words into the open one of the same cause.
bool alert_open(struct scope *s, struct db *db, const struct alert *alert,
                int64_t as_of) MUST_CHECK;

// Closes the open alert of a cause, if there is one that opened by then.
bool alert_close(struct scope *s, struct db *db, const char *cause, int64_t as_of) MUST_CHECK;

#endif
