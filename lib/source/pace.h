// source/pace.h: a service's own pace, kept by all processes of the home together.
//
// One request at a time, a pause after each, and so many in a minute at most. The turn is an
// advisory lock and the times stand in data.source_pace, so a process that dies gives its turn
// back and its last request still counts.
#ifndef SOURCE_PACE_H
#define SOURCE_PACE_H

#include "db/db.h"

struct pace {
    const char *service; // "aqs": whose
    int64_t pause_ms;    // from the end of a request to the beginning of the next
    int64_t n_a_minute;  // 0: as many as come
};

// Waits for the turn, then for the moment, and notes that a request begins.
bool pace_begin(struct scope *s, struct db *db, const struct pace *pace) MUST_CHECK;

// Notes that it ended, and gives the turn away; the next request of anybody waits for at least
// `leave_ms`. Call it after every pace_begin that succeeded.
bool pace_end(struct scope *s, struct db *db, const struct pace *pace, int64_t leave_ms) MUST_CHECK;

// Sleeps, going on after signals.
void pace_sleep(int64_t ms);

#endif
