// net/sign.h: AWS Signature, version 4, of a request's headers.
//
// Not libcurl's own (CURLOPT_AWS_SIGV4): that of 7.88 sorts headers by whole lines instead of by
// names, which S3 refuses where one name begins another, as those of encryption by KMS do.
#ifndef NET_SIGN_H
#define NET_SIGN_H

#include <stdint.h>

#include "base/buf.h"
#include "base/config.h"

#define SIGN_HEADERS 32 // of a request at most

struct sign_key {
    const char *service, *region, *key_id;
    struct secret secret_key;
};

struct sign_request {
    const char *method, *url;   // the url is encoded, its query sorted by names
    const char *const *headers; // "Name: value", ended by NULL; x-amz-content-sha256 among them
    int64_t at;                 // UTC seconds
};

// Makes the headers to be sent: the given ones, Host, x-amz-date and Authorization, ended by NULL.
//
//   owner   the scope
//   source  AWS, "Authenticating Requests: Using the Authorization Header (Signature Version 4)"
void sign_headers(struct scope *s, const struct sign_key *key, const struct sign_request *request,
                  const char *out[SIGN_HEADERS + 4]);

#endif
