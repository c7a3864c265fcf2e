// registry/name.h: what models, aliases and tags of the registry may be called.
//
//   source  MLflow 3.14, utils/validation.py; lengths are in characters, not in bytes
#ifndef REGISTRY_NAME_H
#define REGISTRY_NAME_H

#include "base/scope.h"

// Checks a model's name: 1 to 256 characters, no "/", ":" or control character, not only blanks,
// and nothing that a path would take for another folder. `field` is for the message.
//
//   errors  INPUT
bool name_check_model(struct scope *s, const char *field, const char *name) MUST_CHECK;

// Checks an alias: 1 to 255 of A-Z a-z 0-9 "_" "-"; "latest" and "v7" mean versions of their own.
//
//   errors  INPUT
bool name_check_alias(struct scope *s, const char *alias) MUST_CHECK;

// Checks a tag: a key of 1 to 250 characters that are letters, digits or one of "_-./: " and a path
// that is its own shortest form; a value of at most 100,000.
//
//   errors  INPUT
bool name_check_tag(struct scope *s, const char *key, const char *value) MUST_CHECK;

#endif
