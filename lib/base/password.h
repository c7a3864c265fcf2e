// base/password.h: what is kept of a password, so that it can be checked and not read.
//
// A check costs some 100 ms and 16 MB on purpose: whoever steals what is kept must pay that for
// each guess.
#ifndef BASE_PASSWORD_H
#define BASE_PASSWORD_H

#include "base/scope.h"

// What to keep: "scrypt$14$8$5$SALT$DIGEST" in hexadecimal, with a salt of its own.
//
//   owner   the scope
//   source  RFC 7914; OWASP, Password Storage Cheat Sheet: N = 2^14, r = 8, p = 5
const char *password_keep(struct scope *s, const char *password);

// Tells whether this is the password that was kept; false, too, for what password_keep did not
// write. For "" it takes its time and is false.
bool password_matches(const char *kept, const char *password);

#endif
