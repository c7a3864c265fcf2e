// serve/spool_state.h: what the two halves of the spool share: writing (spool.c) and taking in
// (spool_take.c). Nobody else includes it.
#ifndef SERVE_SPOOL_STATE_H
#define SERVE_SPOOL_STATE_H

#include <pthread.h>

#include "db/db.h"
#include "serve/spool.h"

#define SPOOL_NAME_TEXT 64 // a segment's file name and its end

struct spool {
    struct spool_options options;
    struct scope own; // the taker's connection
    struct db *db;
    pthread_t thread;
    pthread_mutex_t taking; // one pass at a time

    pthread_mutex_t lock;   // for all that follows
    pthread_cond_t changed; // synced, or to stop
    bool is_stopping, is_syncing;
    bool is_over;    // nothing more is written to the segment: a write to it failed
    bool is_failing; // the last write failed, and that was logged
    int fd;          // the segment being written; locked
    char name[SPOOL_NAME_TEXT];
    int64_t size, taken;     // of that segment
    int64_t written, synced; // since the start, over all segments: waiters compare with these
    int64_t other_bytes;     // of segments left behind
};

// The path of a segment.
const char *spool_path(struct scope *s, const struct spool *spool, const char *name);

// The names of all segments in the folder, oldest first.
bool spool_segments(struct scope *s, const struct spool *spool, size_t *n,
                    const char ***names) MUST_CHECK;

// Takes in at most about `budget_bytes`, from the oldest segment on. Call with `taking` locked.
bool spool_pass(struct scope *s, struct spool *spool, int64_t budget_bytes,
                int64_t *n_rows) MUST_CHECK;

#endif
