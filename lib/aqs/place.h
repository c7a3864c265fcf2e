// aqs/place.h: stations by their codes: known ids, and new stations made a block at a time.
#ifndef AQS_PLACE_H
#define AQS_PLACE_H

#include "aqs/record.h"
#include "db/db.h"

struct places;

// Loads all known stations.
//
//   owner   the scope
struct places *places_open(struct scope *s, struct db *db) MUST_CHECK;

// The number of a record's station among these. It is due when it has to be made, or when the
// record is the first to tell where it is.
//
//   errors  LIMIT for a station beyond the most that are kept; `line` is where it stood
bool places_note(struct scope *s, struct places *places, const struct record *record, int64_t line,
                 uint32_t *out) MUST_CHECK;

// How many are due; makes them in one round trip.
size_t places_due(const struct places *places);
bool places_make(struct scope *s, struct places *places) MUST_CHECK;

// The id of a station that is not due.
int32_t places_id(const struct places *places, uint32_t place);

// The bytes of a name fit for a text column: cut, and "" for what is not UTF-8.
const char *places_text(struct scope *s, struct str name);

#endif
