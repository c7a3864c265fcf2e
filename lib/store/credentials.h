// store/credentials.h: who we are to S3: found where Amazon's own tools look, renewed in time.
//
// In this order: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; a profile in the shared file; the
// container's service; the role of the EC2 machine (IMDSv2). What has an end is renewed five
// minutes before it. A secret is never in a message or a log line.
#ifndef STORE_CREDENTIALS_H
#define STORE_CREDENTIALS_H

#include "base/config.h"
#include "net/exchange.h"

struct credentials;

struct credential {
    const char *key_id;
    struct secret secret_key, token; // token.hidden: NULL for lasting ones
};

// Begins; nothing is looked for yet.
//
//   owner   the scope; threads may share it
struct credentials *credentials_open(struct scope *s, const struct config_aws *config,
                                     struct exchanger *exchanger);

// Finds what is good now. With `is_new` what was found before has been refused, so it is looked for
// again.
//
//   owner   the scope
//   errors  UNAVAILABLE when there are none, naming each place; INPUT for a file that cannot be
//           read as one, or a profile that is not in it
bool credentials_get(struct scope *s, struct credentials *c, bool is_new,
                     struct credential *out) MUST_CHECK;

#endif
