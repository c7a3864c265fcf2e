// learn/stage.h: the three stages of a training (learn/train.h), each leaving what it found.
#ifndef LEARN_STAGE_H
#define LEARN_STAGE_H

#include "learn/report.h"

// Fits on train, chooses hyperparameters and family on calibrate, calibrates the interval.
bool stage_choose(struct scope *s, struct training *t) MUST_CHECK;

// Refits on train and calibrate and scores on test; beside it, on a thread of its own, refits the
// chosen family on everything and stores its artifact. Without a store only tells its hash and key.
bool stage_finish(struct scope *s, struct training *t, struct store *store) MUST_CHECK;

#endif
