// loop/day.h: one day of the loop: ingest, outcomes, accuracy, check, train when due, predict.
//
// A day is one transaction, so that whoever dies in it leaves the database as it was before the
// day; objects that it had put into the lake are found again, byte by byte, when the day is run
// anew. What cannot be had yet (too little data to train, no version to predict with, a closed
// quality gate) is noted in the day's records and the loop goes on; anything else ends it.
#ifndef LOOP_DAY_H
#define LOOP_DAY_H

#include "feature/recipe.h"
#include "serve/batch.h"

enum day_step { DAY_INGEST, DAY_OUTCOMES, DAY_CHECK, DAY_TRAIN, DAY_PREDICT, DAY_STEPS };

// "ingest", "outcomes", "check", "train", "predict": also the names of the jobs' records.
const char *day_step_name(enum day_step step);

struct day_loop { // what the days of one walk share
    struct db *db;
    struct store *store;
    const struct recipe *recipe;
    struct batch_cache *cache;
    int source_fd; // CSV of station,date,value; rewound for each day
    const char *source_name;
    const char *actor, *revision; // of trainings
    // Told after each step unless NULL; false ends the loop with the failure it put into the scope.
    bool (*on_step)(struct scope *s, void *context, struct day day, enum day_step step);
    void *context;
};

struct day_tally { // what days have done, added up; {0} is ready to use
    int64_t n_days, n_rows, n_outcomes, n_predictions, n_trainings;
    int64_t n_untrained, n_unpredicted; // days on which it was due and could not be had
    int64_t n_gate_closed;
    double seconds[DAY_STEPS];
};

// Runs one day and records its jobs in ops.job as of its last second.
bool day_run(struct scope *s, const struct day_loop *loop, struct day day,
             struct day_tally *tally) MUST_CHECK;

// The name under which ops.job remembers that a model's day is complete.
const char *day_job(struct scope *s, const char *model);

// The last second of a day, for which its jobs are run.
int64_t day_as_of(struct day day);

#endif
