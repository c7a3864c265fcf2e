// net/retry.h: when to try again, and how long to wait before.
//
// The pause doubles from try to try and is drawn between once and one and a half times that, so
// that many clients of a server that comes back do not come back together. A longer Retry-After
// is kept to; one that is too long ends the work.
#ifndef NET_RETRY_H
#define NET_RETRY_H

#include "net/transfer.h"

struct retry {
    const char *shown; // the address, without credentials
    struct http_limits limits;
    int n_failed, n_in_vain; // tries; those in a row that brought nothing
};

// Of a try that failed: waits and returns true where another is to be made, and forgets the
// failure; else leaves it, in words that name the address.
bool retry_wait(struct scope *s, struct retry *r, const struct transfer_end *end) MUST_CHECK;

#endif
