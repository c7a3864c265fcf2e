// store/profile.h: the file in which Amazon's tools keep credentials.
//
// Sections "[name]" (in the "config" file "[profile name]") with "key = value" lines; "#" and ";"
// begin comments. Nothing that stands in it is ever in a message.
#ifndef STORE_PROFILE_H
#define STORE_PROFILE_H

#include "base/buf.h"

struct profile {
    bool is_found;                           // a section of that name
    const char *key_id, *secret_key, *token; // NULL where not given
    const char *other_way;                   // a key such as "role_arn" that we do not follow
};

// Reads one section.
//
//   owner   the scope
//   errors  INPUT naming the line that is neither a section, nor a pair, nor a comment
bool profile_read(struct scope *s, struct str text, const char *name,
                  struct profile *out) MUST_CHECK;

#endif
