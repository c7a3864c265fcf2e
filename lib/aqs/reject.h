// aqs/reject.h: lines that could not be read or believed, kept in data.reject.
//
// Of one object the first REJECTS_MOST are kept, and all are counted. Reading the object again
// brings them up to date: what is good now leaves, what is still bad stays with today's reason.
#ifndef AQS_REJECT_H
#define AQS_REJECT_H

#include "db/db.h"

#define REJECTS_MOST 1000

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

struct reject_filter {  // {0} is for all
    int64_t object_id;  // 0 for any
    const char *file;   // the object's name, or its end; NULL for any
    const char *reason; // a part of it, where % stands for anything; NULL for any
    int64_t limit;      // rows at most
};

// The rejects that a filter lets through, the newest object's first: reject_id, object_id, file,
// line, reason, content, and in each row n_found, how many there are without the limit.
struct rows *reject_list(struct scope *s, struct db *db,
                         const struct reject_filter *filter) MUST_CHECK;

// One of them: the same, and the object's key and sha256.
//
//   errors  MISSING
struct rows *reject_get(struct scope *s, struct db *db, int64_t reject_id) MUST_CHECK;

// The objects that have rejects, or the one that is asked for: object_id, file, key, sha256,
// size_bytes, parameter, table_name (of a declared table, else empty), and n_rejected, how many
// lines of it are rejected so far.
//
//   errors  MISSING for an object that there is not
struct rows *reject_objects(struct scope *s, struct db *db, int64_t object_id) MUST_CHECK;

#endif
