// http/download.h: an object of the lake as an answer: whole, a range of it, packed, or the rows of
// some sites and days; all in constant memory, while the caller reads.
#ifndef HTTP_DOWNLOAD_H
#define HTTP_DOWNLOAD_H

#include "base/time.h"
#include "http/reply.h"
#include "http/request.h"

struct download {
    int fd;              // of the object, at its beginning; or
    const char *address; // at which nginx, and nobody else, finds its file; else NULL
    int64_t size_bytes;  // of the object
    const char *sha256;  // of it: the answer's ETag where all of it is sent
    const char *name;    // that the caller may keep it under
    const char *content_type;
    bool is_packed; // sent as gzip
};

struct download_filter { // of CSV whose first columns are date and site, sorted by date
    struct day from, to;
    size_t n_sites; // 0 for all
    const char *const *sites;
};

// Answers with the whole object, or 304 for one that the caller has, or one range of the bytes.
//
//   source  RFC 9110, 13.1.2 and 14
bool download_answer(struct scope *s, const struct request *in, const struct download *d,
                     struct reply *out) MUST_CHECK;

// Answers with the header and the lines that the filter lets through.
bool download_answer_lines(struct scope *s, const struct download *d,
                           const struct download_filter *filter, struct reply *out) MUST_CHECK;

#endif
