// net/download.h: a large file that arrives, whatever happens on the way.
//
// What has come stands in a partial file, beside a note of what version it is of (its ETag or
// Last-Modified). A connection that breaks, or a process that is killed, costs nothing: the next
// try asks for the rest by Range, and with If-Range only of the same version. A server that has
// another version now, or knows no ranges, makes it begin anew. Of a version that one has already
// nothing is sent at all.
#ifndef NET_DOWNLOAD_H
#define NET_DOWNLOAD_H

#include "net/http.h"

struct download {
    const char *url;
    const char *folder; // of partial files; made if need be
    const char *etag;   // of the version that one has, or its Last-Modified; NULL or "": none
    struct http_limits limits;                                             // {0} takes the defaults
    void (*moved)(void *context, int64_t done_bytes, int64_t total_bytes); // NULL; total 0: unknown
    void *context;
};

struct download_answer { // of a failure, what is known of it
    int status;          // 200; 304: nothing is new; or the 4xx that came
    int fd;              // of 200: the whole, from its beginning; closes with the scope
    const char *type;    // Content-Type
    const char *etag;    // its ETag, or else its Last-Modified, or else ""
    int64_t size_bytes;
    int64_t kept_bytes; // of these, what an earlier run had brought
    int64_t come_bytes; // and what came now, with what had to be thrown away
    int64_t retry_after_ms;
    bool is_local; // it failed on this machine: a disk is full
};

// Brings what is at an address. The partial file stays after success too, until download_forget:
// whoever dies before the bytes are safe elsewhere finds them again.
//
//   errors  as http_download; CONFLICT while another process brings the same
bool download_get(struct scope *s, const struct download *d,
                  struct download_answer *out) MUST_CHECK;

// Deletes the partial file of an address: it has been taken in, or was found to be damaged.
bool download_forget(struct scope *s, const char *folder, const char *url) MUST_CHECK;

#endif
