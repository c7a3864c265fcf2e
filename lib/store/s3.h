// store/s3.h: S3 by single requests: addresses, signatures, tries again, what its refusals mean.
#ifndef STORE_S3_H
#define STORE_S3_H

#include <stdatomic.h>

#include "base/config.h"
#include "net/exchange.h"
#include "store/credentials.h"
#include "store/store.h"

#define S3_HEADERS 8 // of a request's own, and their end

struct s3 {
    const struct config_s3 *config;
    const char *bucket, *artifact_bucket; // the same one, unless the settings name two
    const char *prefix;                   // "" or "x/y/"
    const char *spool;                    // folder for unnamed temporary files
    struct exchanger *exchanger;
    struct credentials *credentials;
    int n_tries, idle_seconds;
    atomic_bool *is_unconditional; // it refused "If-None-Match: *" as unknown
};

struct s3_request {
    const char *method;
    const char *bucket;
    const char *key;                 // of the object, with the prefix; NULL: of the bucket
    const char *query;               // "a=1&b=2", encoded, sorted; NULL: none
    const char *headers[S3_HEADERS]; // "x-amz-meta-sha256: …"
    const char *sha256;              // of the body; NULL: there is none
    struct str bytes;                // the body, or
    int fd;                          // with fd_bytes > 0, this part of a file
    int64_t fd_offset, fd_bytes;
    const char *also;             // codes that are answers too: "NoSuchKey PreconditionFailed"
    bool (*begin)(void *context); // before each try, to forget what `take` was given
    bool (*take)(void *context, const char *bytes, size_t n);
    void *context;
};

struct s3_answer {
    struct exchange_answer raw;
    const char *code; // "" when it went well, else one of `also`
};

// Opens nothing yet.
//
//   owner   the scope; threads may share it
struct s3 *s3_open(struct scope *s, const struct config *config) MUST_CHECK;

// The same, for one that gives up soon: one short try.
struct s3 *s3_hasty(struct scope *s, const struct s3 *s3);

// The bucket that a key lies in, and the key with the prefix before it.
const char *s3_bucket(const struct s3 *s3, const char *key);
const char *s3_key(struct scope *s, const struct s3 *s3, const char *key);

// A key as it stands in an address.
const char *s3_key_encode(struct scope *s, const char *key);

// Asks until there is an answer, renewing credentials that have ended.
//
//   owner   the scope
//   errors  DENIED when S3 refuses who we are or what we may do; UNAVAILABLE for everything else,
//           with its code and words
bool s3_ask(struct scope *s, const struct s3 *s3, const struct s3_request *request,
            struct s3_answer *out) MUST_CHECK;

struct s3_body { // what is put: known bytes, or a file where fd_bytes > 0
    struct str bytes;
    int fd;
    int64_t fd_bytes;
    const char *sha256;
    bool replaces; // what the key holds
};

// Puts an object, in parts if it is large; `*is_taken` tells that another has its key already.
bool s3_upload(struct scope *s, const struct s3 *s3, const char *key, const struct s3_body *body,
               bool *is_taken) MUST_CHECK;

// Lists a bucket as store_list does.
bool s3_list(struct scope *s, const struct s3 *s3, const char *bucket, const char *prefix,
             const char *after, struct store_page *out) MUST_CHECK;

// Adds the headers that a new object gets: its hash, and how it is to be encrypted.
void s3_object_headers(struct scope *s, const struct s3 *s3, const char *sha256,
                       const char *headers[S3_HEADERS]);

// Ends, or counts, uploads in parts that were begun before a moment and never ended.
bool s3_uploads_end(struct scope *s, const struct s3 *s3, const char *bucket, int64_t before,
                    bool is_dry_run, size_t *n) MUST_CHECK;

#endif
