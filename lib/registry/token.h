// registry/token.h: who may call: principals, their roles, and the tokens they show.
//
// A token is "aw_" and 64 hexadecimal digits of the kernel's randomness. Only its SHA-256 is kept,
// so a token is shown once, when it is made. Making and revoking are audited in the same
// transaction and announced, so that programs forget what they had cached.
#ifndef REGISTRY_TOKEN_H
#define REGISTRY_TOKEN_H

#include <stdint.h>

#include "base/hash.h"
#include "db/db.h"

#define TOKEN_TEXT 68     // "aw_", 64 digits and their end
#define PRINCIPAL_TEXT 64 // 63 characters and their end

enum role { // a set of roles is their sum
    ROLE_PUBLIC = 0,
    ROLE_VIEWER = 1,
    ROLE_PREDICTOR = 2,
    ROLE_SCIENTIST = 4,
    ROLE_ENGINEER = 8,
    ROLE_OPERATOR = 16,
    ROLE_READER = ROLE_SCIENTIST | ROLE_ENGINEER, // of processed data: either of them
};

// The name of a role; "scientist or engineer" for a set.
const char *role_name(enum role role);

// What granted roles, "predictor,viewer", allow, with what they imply: an operator may all, a
// scientist also predicts and views, an engineer and a predictor also view.
unsigned roles_read(const char *names);

// Refuses what cannot name a principal.
//
//   errors  INPUT
bool principal_check(struct scope *s, const char *name) MUST_CHECK;

// Ends the transaction of a change of who may what: audits it, has the programs forget what they
// had cached, and commits. `detail` is JSON text.
bool access_changed(struct scope *s, struct db *db, const char *actor, const char *action,
                    const char *object, const char *detail) MUST_CHECK;

struct token_request {
    const char *principal; // made when it is not there yet
    const char *role;      // granted to the principal
    const char *label;     // "" or what it is for
    int64_t expires_at;    // 0 for never
    const char *actor;     // for the audit
};

// Makes a token and writes it to `out`; nothing else ever shows it again.
//
//   errors  INPUT for a role, a principal's name or a label that cannot be
bool token_create(struct scope *s, struct db *db, const struct token_request *request,
                  char out[TOKEN_TEXT], int64_t *token_id) MUST_CHECK;

// Revokes a token by its number.
//
//   errors  MISSING when there is no such token that is still good
bool token_revoke(struct scope *s, struct db *db, int64_t token_id, const char *actor) MUST_CHECK;

// All tokens, newest first: token_id, principal, roles, label, created_at, expires_at, state.
struct rows *token_list(struct scope *s, struct db *db) MUST_CHECK;

struct token_owner {
    char principal[PRINCIPAL_TEXT];
    unsigned roles;     // with what they imply
    int64_t expires_at; // INT64_MAX for never
};

// Who owns the token with this hash; `*is_found` is false for one unknown, revoked or expired.
bool token_find(struct scope *s, struct db *db, const char sha256[HASH_TEXT], bool *is_found,
                struct token_owner *out) MUST_CHECK;

#endif
