// registry/user.h: principals with passwords, as MLflow's client makes and changes them.
//
// A user is a principal like those that tokens are made for, with its roles; a new one is a
// scientist, and what MLflow calls an administrator is an operator. One that is deleted loses
// password, roles, grants and tokens, and keeps its name in the audit. Every change is audited in
// its transaction and announced.
#ifndef REGISTRY_USER_H
#define REGISTRY_USER_H

#include "registry/token.h"

#define USER_PASSWORD_LEAST 12 // characters
#define USER_PASSWORD_BYTES 200

// Makes a user.
//
//   errors  INPUT for a name or a password that cannot be; CONFLICT when there is one
bool user_create(struct scope *s, struct db *db, const char *name, const char *password,
                 const char *actor) MUST_CHECK;

// A user, or all of them by name when that is NULL: user_id, username, is_admin.
//
//   errors  MISSING when there is none of that name
struct rows *user_find(struct scope *s, struct db *db, const char *name) MUST_CHECK;

// Sets a password, or whether a user is an operator; ends a user.
//
//   errors  MISSING when there is none of that name; INPUT for a password that cannot be, or when
//           no operator would be left
bool user_password_set(struct scope *s, struct db *db, const char *name, const char *password,
                       const char *actor) MUST_CHECK;
bool user_admin_set(struct scope *s, struct db *db, const char *name, bool is_admin,
                    const char *actor) MUST_CHECK;
bool user_delete(struct scope *s, struct db *db, const char *name, const char *actor) MUST_CHECK;

// What is kept of a user's password, for base/password.h, and who it is; "" for a user without one
// or unknown.
//
//   owner   the scope
bool user_kept(struct scope *s, struct db *db, const char *name, const char **kept,
               struct token_owner *out) MUST_CHECK;

#endif
