// loop/replay.h: the loop over days of history, as fast as the machine allows.
//
// A day is complete or not begun (loop/day.h), so a replay that died goes on where it stopped and
// ends with what an undisturbed one has. Commits do not wait for the disk: what a crash of the
// server takes back is a tail of whole days, and they are run again.
#ifndef LOOP_REPLAY_H
#define LOOP_REPLAY_H

#include "loop/day.h"

struct replay_request {
    struct day from, to;
    struct day_loop loop;
    bool is_dry_run; // runs nothing: counts the days that are due
    // Told before each day that is to be run, with the RMSE of the year so far (NaN for none);
    // NULL for nobody.
    void (*on_day)(void *context, struct day day, double rmse);
};

struct replay_summary {
    struct day_tally tally; // of the days run now; on a dry run only n_days, those due
    int64_t n_complete;     // days that had been run before
    double rmse, skill;     // over the 365 days up to `to`; NaN where nothing is known
    double seconds;
};

// Runs all days from..to that are not complete.
//
//   errors  INPUT when the range is empty; CONFLICT when the model has learnt from days after one
//           that is still to be run
bool replay_run(struct scope *s, const struct replay_request *request,
                struct replay_summary *out) MUST_CHECK;

#endif
