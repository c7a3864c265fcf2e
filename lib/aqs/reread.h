// aqs/reread.h: raw objects read again: a line in full, and what was rejected tried anew.
#ifndef AQS_REREAD_H
#define AQS_REREAD_H

#include "aqs/ingest.h"

// Reads the record that begins on a line of an object, as it stands there.
//
//   owner   the scope
//   errors  MISSING when the object has no such line, or is not in the lake
bool reread_line(struct scope *s, struct store *store, const char *key, const char *sha256,
                 int64_t line, struct str *out) MUST_CHECK;

struct reread {                 // which object
    const struct rows *objects; // of reject_objects
    size_t i;                   // its row
};

// Reads an object that was ingested before again, with the rules and parameters of today: rejected
// lines that are good now become observations with the precedence that the object has always had,
// and leave data.reject; the others stay, with today's reason. One transaction; again it changes
// nothing.
bool reread_object(struct scope *s, struct db *db, struct store *store, struct reread which,
                   struct ingest_request request, struct ingest_summary *out) MUST_CHECK;

#endif
