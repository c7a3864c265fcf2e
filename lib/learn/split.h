// learn/split.h: the calendar split of a training, and a design's rows of one part.
#ifndef LEARN_SPLIT_H
#define LEARN_SPLIT_H

#include "feature/feature.h"

#define SPLIT_ROWS 50 // each part has at least so many, or it decides nothing

struct span { // of target days, both ends in it
    struct day from, to;
};

struct split {
    struct span train, calibrate, test;
};

// Splits the target days of a panel as of a day: test is the last recipe->test_days, calibrate the
// recipe->calibrate_days before, train the rest.
//
//   errors  INPUT when no day is left to train on
bool split_make(struct scope *s, const struct recipe *recipe, const struct panel *panel,
                struct day as_of, struct split *out) MUST_CHECK;

// The rows of a design whose target day lies in a span; borrows its arrays.
struct design design_slice(const struct design *d, struct span span);

// Refuses a part that is too small to decide anything; `name` is for the message.
//
//   errors  INPUT
bool split_check(struct scope *s, const char *name, struct span span,
                 const struct design *part) MUST_CHECK;

#endif
