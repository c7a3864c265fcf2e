// net/transfer.h: one GET, tried once, its body handed on as it comes: what is below the downloads.
#ifndef NET_TRANSFER_H
#define NET_TRANSFER_H

#include "net/http.h"

struct transfer_head { // of the answer whose body follows; texts are "" where it has none
    int status;
    int64_t size_bytes; // Content-Length, -1 where it does not say
    const char *type, *etag, *modified, *range;
};

struct transfer {
    const char *url;
    const char *const *headers; // "Name: value", ended by NULL; or NULL
    struct http_limits limits;  // all set
    bool may_pack;              // the server may send it compressed
    // Once, before the first byte of the body, and for an empty one too.
    bool (*begin)(struct scope *s, void *context, const struct transfer_head *head);
    bool (*take)(struct scope *s, void *context, const char *bytes, size_t n);
    void *context;
};

struct transfer_end {          // known of a failure, too
    struct transfer_head head; // texts live as long as the scope
    int64_t size_bytes;        // of the body
    int64_t retry_after_ms;    // 0 where it did not say
    bool may_pass;             // another try may bring it
    bool is_local;             // `begin` or `take` failed, with kind UNAVAILABLE
};

// Asks. Of answers that are to be tried again (408, 425, 429, 5xx) the body is not handed on.
//
//   errors  what http_download says, and what `begin` and `take` fail with
bool transfer_run(struct scope *s, const struct transfer *t, struct transfer_end *out) MUST_CHECK;

#endif
