// net/http.h: downloads over HTTP and HTTPS: time-outs, a size limit, retries.
//
// An address may carry credentials in its query (EPA's does). Nothing here prints or stores one
// before http_redact has been over it.
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include <stdint.h>

#include "base/scope.h"

struct http_limits {     // {0} takes the defaults
    int64_t size_bytes;  // of the body at most; 4 GiB
    int connect_seconds; // 20
    int idle_seconds;    // without a byte; 600: EPA thinks for minutes before it answers
    int total_seconds;   // 3600
    int n_tries;         // for connections refused or broken, 429 and 5xx; 3
    int pause_ms;        // before the second try, doubled each time; 6000 (EPA asks for 5 s)
};

struct http_answer {
    int status;         // 200, or the 4xx that came; its body is kept too
    int64_t size_bytes; // of the body
    const char *type;   // Content-Type, "" if there is none
};

// The address with the values of `email`, `key`, `token` and the like, and a user and password
// before the host, replaced by "redacted".
//
//   owner   the scope
const char *http_redact(struct scope *s, const char *url);

// Streams what is at an address into a descriptor, which is emptied before each try. Redirects are
// followed, within HTTP and HTTPS. Answers from 400 to 499 except 429 are the caller's to read.
//
//   errors  INPUT for what is no http(s) address, LIMIT for a body that is too large, UNAVAILABLE
//           when no try brought an answer, with the last reason
bool http_download(struct scope *s, const char *url, const struct http_limits *limits, int fd,
                   struct http_answer *out) MUST_CHECK;

#endif
