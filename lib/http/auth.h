// http/auth.h: from a token, or a name and a password, to who calls, remembered for a while.
//
// The memory is shared by a program's threads. What it holds is asked of the database again after
// AUTH_FRESH_S seconds or when auth_forget was called (a token was made or revoked). While the
// database is away, those it knew go on until their token expires. A password is held against what
// is kept of it once, which takes a while on purpose; after that only whether it is still that
// which is kept. One check runs at a time, and few may wait, so that guessing cannot take the
// machine.
#ifndef HTTP_AUTH_H
#define HTTP_AUTH_H

#include "http/request.h"
#include "registry/token.h"

#define AUTH_FRESH_S 10

struct auth;

// Begins an empty memory.
//
//   owner   the scope; threads may share it
struct auth *auth_open(struct scope *s);

// Finds out who calls, from the Authorization header: "Bearer TOKEN", "Basic" with the token as
// password and any name, or "Basic" with a user's name and password; fills in principal and roles.
// A request without the header stays nobody's.
//
//   errors  UNKNOWN for a header, a token or a password that is no good; UNAVAILABLE when the
//           database is away and the caller is not remembered, or too many passwords wait
bool auth_identify(struct scope *s, struct auth *auth, struct request *in) MUST_CHECK;

// Takes who shows nothing for "anonymous" with these roles; 0 for nobody.
void auth_anonymous_set(struct auth *auth, unsigned roles);
void auth_anonymous(const struct auth *auth, struct request *in);

// Demands a role (ROLE_PUBLIC: anyone).
//
//   errors  UNKNOWN from nobody, DENIED from somebody without the role
bool auth_demand(struct scope *s, const struct request *in, enum role role) MUST_CHECK;

// Has everything asked again.
void auth_forget(struct auth *auth);

#endif
