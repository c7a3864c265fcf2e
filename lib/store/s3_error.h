// store/s3_error.h: what S3 says when it does not do what it was asked.
#ifndef STORE_S3_ERROR_H
#define STORE_S3_ERROR_H

#include "net/exchange.h"

struct s3_error {
    int status;
    const char *code, *message, *region; // "" where it does not say
    int64_t server_time;                 // 0 where it does not say
};

// Reads an answer that is no success, or one that began well and ended as an <Error>. A body that
// is no XML, or a HEAD's, which has none, leaves the code to the status.
//
//   owner   the scope
struct s3_error s3_error_read(struct scope *s, const struct exchange_answer *answer);

// True where the same request may go well a little later.
bool s3_error_passes(const struct s3_error *e);

// True where newer credentials may help.
bool s3_error_is_old(const struct s3_error *e);

// Fails with what the error means to the operator. Returns false.
bool s3_error_fail(struct scope *s, const struct s3_error *e, const char *bucket,
                   const char *region);

// Reads "2026-01-31T12:00:00.000Z" and HTTP's "Sat, 31 Jan 2026 12:00:00 GMT"; false for others.
bool s3_time_read(const char *text, int64_t *out);

#endif
