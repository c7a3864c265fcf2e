// score/regression.h: how far a model's guesses fell from the truth.
//
// One pass and constant memory: add pairs as they arrive, summarise whenever.
// Accumulators filled apart merge into the one that would have seen every pair.
#ifndef SCORE_REGRESSION_H
#define SCORE_REGRESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/scope.h"

struct regression {   // {0} is ready to use
    size_t n;         // pairs scored
    size_t n_skipped; // pairs with a NaN or an infinity in them
    double sum;       // sum of guess - truth
    double abs_sum;   // sum of |truth - guess|
    double sq_sum;    // sum of (truth - guess)^2
    double mean;      // of truth
    double spread;    // sum of (truth - mean)^2
};

struct regression_summary {
    size_t n;
    double mae, rmse; // in the target's unit
    double bias;      // mean of guess - truth: above 0 the model guesses too high
    double mse;       // in the target's unit, squared
    double r2;        // 1 is perfect, 0 is guessing the mean; NaN if truth is constant
};

// Scores one pair. Pairs that are not finite are counted, never summed.
//
//   units   one accumulator, one unit; PM2.5 is in ug/m3
//   source  Welford, Technometrics 4(3), 1962: mean and spread in one pass
void regression_add(struct regression *r, double truth, double guess);

// Adds to `into` every pair that `from` has seen.
//
//   source  Chan, Golub & LeVeque, The American Statistician 37(3), 1983
void regression_merge(struct regression *into, const struct regression *from);

// Reads the score so far; `r` may go on growing afterwards.
//
//   errors  INPUT when no pair could be scored
bool regression_summarise(struct scope *s, const struct regression *r,
                          struct regression_summary *out) MUST_CHECK;

// Skill over a reference that guessed the same pairs: 1 - MSE / MSE of the reference; NaN where
// the reference never missed.
double regression_skill(const struct regression *r, const struct regression *reference);

#endif
