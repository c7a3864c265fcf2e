// aqs/hours.h: hourly samples into PostgreSQL, and days out of them.
//
// It works as aqs/stage does for days: blocks are copied either straight into data.sample or into
// a temporary table from which hours_settle moves them. Then the days that new or corrected hours
// touch are derived anew, by the rule of their parameter (data.parameter.day_rule), and go to
// data.observation as values of the lowest grade.
#ifndef AQS_HOURS_H
#define AQS_HOURS_H

#include "aqs/stage.h"

struct hours;

// Begins; call it inside a transaction.
//
//   owner   the scope
struct hours *hours_open(struct scope *s, struct db *db, int64_t object_id,
                         bool is_direct) MUST_CHECK;

// Takes one record of an hour, which stood in that line.
//
//   errors  CONFLICT when a direct copy met a row of the same key, possibly a few blocks ago; LIMIT
//           for a station beyond the most that are kept
bool hours_add(struct scope *s, struct hours *hours, const struct record *record,
               int64_t line) MUST_CHECK;

// Ends the copy, settles what was not copied directly, derives days. `out` counts hours, `days`
// what became of the derived days.
bool hours_settle(struct scope *s, struct hours *hours, int64_t as_of, struct stage_tally *out,
                  struct stage_tally *days) MUST_CHECK;

#endif
