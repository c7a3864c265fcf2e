// learn/candidate.h: the families that compete in a training, and how each of them did.
#ifndef LEARN_CANDIDATE_H
#define LEARN_CANDIDATE_H

#include "learn/split.h"
#include "model/fit.h"
#include "score/regression.h"

#define CANDIDATES_MOST 4
#define CHOICE_MARGIN 0.001 // a simpler family may be worse by this share of the lowest RMSE

struct candidate {
    const char *family;
    bool is_learnt;         // may overfit; the baselines cannot
    double alpha;           // ridge: chosen on calibrate
    int rounds;             // boost: chosen on calibrate
    double *calibrate;      // [calibrate rows] guesses of stage 1
    double *test;           // [test rows] guesses of stage 2
    double train_rmse;      // of stage 1, on the rows it was fitted on
    double validation_rmse; // of stage 1, on calibrate
    double gap;             // see learn/train.h
    bool is_eligible, is_chosen;
    struct regression_summary score; // of stage 2, on test
    double skill, skill_climatology;
};

struct contest {
    const struct recipe *recipe;
    size_t n; // candidates, in order of simplicity, persistence first
    struct candidate candidates[CANDIDATES_MOST];
    size_t chosen;
    const char *reason; // in words
};

// Lists the families that a recipe wants; the baselines always compete.
struct contest contest_open(const struct recipe *recipe);

// Fits one family. With `validate` its hyperparameters are chosen on it and kept in the candidate;
// without it those are used.
//
//   owner   the scope
const struct model *candidate_fit(struct scope *s, const struct recipe *recipe,
                                  const struct feature_set *f, const struct design *train,
                                  const struct design *validate, struct candidate *c) MUST_CHECK;

// Fits all on `train`, chooses their hyperparameters on `calibrate`, and fills in their guesses and
// RMSE there. What outlives the fits belongs to `s`.
bool contest_validate(struct scope *s, struct contest *c, const struct feature_set *f,
                      const struct design *train, const struct design *calibrate) MUST_CHECK;

// Chooses by the written rule (learn/train.h) and says why.
void contest_choose(struct scope *s, struct contest *c);

// Refits all on `train` with the hyperparameters they have, and scores them on the test rows.
bool contest_score(struct scope *s, struct contest *c, const struct feature_set *f,
                   const struct design *train, const struct design *test) MUST_CHECK;

#endif
