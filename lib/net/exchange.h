// net/exchange.h: one request and its answer, over connections that are kept; signed if need be.
//
// For services that are asked often: nothing is retried or followed here, and whatever status comes
// is an answer. Downloads of whole files are net/http.h's.
#ifndef NET_EXCHANGE_H
#define NET_EXCHANGE_H

#include <stdint.h>

#include "base/buf.h"
#include "net/sign.h"

struct exchanger; // keeps connections

struct exchange_request {             // {0} but method and url: a GET's
    const char *method, *url;         // the url is encoded, its query sorted by names
    const char *const *headers;       // "Name: value", ended by NULL; all are signed
    const struct sign_key *signature; // NULL: none
    const char *ca_file;              // NULL: the system's
    bool has_body;
    struct str bytes; // of the body
    int fd;           // with fd_bytes > 0: the body is this file's
    int64_t fd_offset, fd_bytes;
    size_t limit_bytes; // of the answer's body in memory; 1 MiB
    bool (*take)(void *context, const char *bytes, size_t n); // else: gets the body of a 2xx
    void *context;
    int connect_ms;   // 5000
    int idle_seconds; // without a byte; 30
    bool is_direct;   // by no proxy
};

struct exchange_answer {
    int status;
    struct str body;     // in memory: without `take`, or when the status is not 2xx
    const char *headers; // lines
    bool is_refused;     // `take` returned false
    bool is_lasting;     // a failure that another try would meet as well: a certificate's
};

// Begins without a connection.
//
//   owner   the scope; threads may share it
struct exchanger *exchanger_open(struct scope *s);

// Asks and waits for the answer.
//
//   owner   the scope
//   errors  UNAVAILABLE when no whole answer came, with the reason; LIMIT when it is too large;
//           INPUT for what is no http(s) address
bool exchange(struct scope *s, struct exchanger *x, const struct exchange_request *request,
              struct exchange_answer *out) MUST_CHECK;

// The value of an answer's header, "" where there is none.
//
//   owner   the scope
const char *exchange_header(struct scope *s, const struct exchange_answer *answer,
                            const char *name);

#endif
