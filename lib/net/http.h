// net/http.h: downloads over HTTP and HTTPS: time-outs, a size limit, retries.
//
// Connections refused or broken, time-outs, 408, 425, 429 and 5xx are tried again, each time after
// a longer pause, or after what Retry-After says; a certificate that is not trusted, too many
// redirects, an answer that is too large and this machine's own faults are not. Proxies and
// certificates are curl's defaults (HTTPS_PROXY, NO_PROXY, the system's authorities). An address
// may carry credentials in its query (EPA's does): nothing here prints or stores one before
// http_redact has been over it.
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include <stdint.h>

#include "base/scope.h"

struct http_limits {     // {0} takes the defaults
    int64_t size_bytes;  // of the body at most; 4 GiB
    int header_bytes;    // of all headers together; 64 KiB
    int connect_seconds; // 20
    int idle_seconds;  // with less than slow_bytes_s; 600: EPA thinks for minutes before it answers
    int slow_bytes_s;  // 1
    int total_seconds; // of one try; 3600
    int n_tries;       // 3; for downloads that go on, those in a row that bring nothing; 1: one
    int pause_ms;      // before the second try, doubled each time; 6000 (EPA asks for 5 s)
    int wait_seconds;  // that a Retry-After may ask for; 600
};

struct http_answer {        // of a failure, what is known of it
    int status;             // 200, or the 4xx that came; 0 when none came
    int64_t size_bytes;     // of the body
    const char *type;       // Content-Type, "" if there is none
    int64_t retry_after_ms; // that the last answer asked for, 0 if it did not
    bool is_local;          // it failed on this machine: a disk is full
};

// The address with the values of `email`, `key`, `token` and the like, and a user and password
// before the host, replaced by "redacted".
//
//   owner   the scope
const char *http_redact(struct scope *s, const char *url);

// The limits with the defaults for what is 0; all defaults for NULL.
struct http_limits http_limits_all(const struct http_limits *given);

// Streams what is at an address into a descriptor, which is emptied before each try. Redirects are
// followed, five at most, within HTTP and HTTPS. Answers from 400 to 499 that are not tried again
// are the caller's to read, with their body.
//
//   errors  INPUT for what is no http(s) address, LIMIT for a body or headers that are too large,
//           UNAVAILABLE when no try brought an answer, with the last reason
bool http_download(struct scope *s, const char *url, const struct http_limits *limits, int fd,
                   struct http_answer *out) MUST_CHECK;

struct http_head { // of an answer; texts are "" where it has none
    int status;
    int64_t size_bytes; // of the file, -1 where the server does not say
    const char *type, *modified;
};

// Looks whether something is at an address, once and for half a minute at most: one byte of it is
// asked for, as many servers answer no HEAD, and of a server that sends all, no more than begins.
//
//   owner   the scope
//   errors  INPUT for what is no http(s) address; UNAVAILABLE when no answer came, or one that is
//   to
//           be asked again later
bool http_look(struct scope *s, const char *url, struct http_head *out) MUST_CHECK;

#endif
