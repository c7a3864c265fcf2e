// aqs/reject.h: lines that could not be read or believed, kept in data.reject.
//
// Of one object the first REJECTS_MOST are kept, and all are counted. Reading the object again
// brings them up to date: what is good now leaves, what is still bad stays with today's reason.
#ifndef AQS_REJECT_H
#define AQS_REJECT_H

#include "db/db.h"

#define REJECTS_MOST 1000
#define REJECT_BYTES 1000 // kept of a line; the whole stands in the raw object

struct rejects;

// Begins to gather an object's rejects.
//
//   owner   the scope
struct rejects *rejects_open(struct scope *s);

// Notes one. A line that comes again, for another of its values, adds its reason to the first.
void rejects_note(struct rejects *rejects, int64_t line, const char *reason, struct str content);

// How many there were, and the first in words: "line 3: value -99 is below -10"; NULL for none.
//
//   owner   the scope
int64_t rejects_count(const struct rejects *rejects);
const char *rejects_first(struct scope *s, const struct rejects *rejects);

// Brings the object's rows in data.reject up to date.
bool rejects_keep(struct scope *s, struct db *db, int64_t object_id,
                  const struct rejects *rejects) MUST_CHECK;

#endif
