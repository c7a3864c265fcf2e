// score/interval.h: intervals around guesses, as wide as the misses of the past say.
//
// Split conformal: the misses on rows that no fit has seen, each divided by the scale of its
// guess, give one factor; the interval of a later guess is factor * scale to either side.
#ifndef SCORE_INTERVAL_H
#define SCORE_INTERVAL_H

#include "base/scope.h"

// The scale that misses are measured in: large guesses miss by more. Never below the floor.
double interval_scale(double guess, double floor);

// Finds the factor that covers the share `coverage` of new rows drawn as these were. Pairs that are
// not finite are left out.
//
//   source  Lei et al., "Distribution-Free Predictive Inference for Regression", JASA 113, 2018:
//           the ceil((n + 1) * coverage)-th smallest of n scaled misses
//   errors  INPUT with too few pairs to promise the coverage
bool interval_calibrate(struct scope *s, size_t n, const double truth[], const double guess[],
                        double floor, double coverage, double *factor) MUST_CHECK;

struct interval_tally { // {0} is ready to use
    size_t n, n_inside; // finite rows, and those whose truth lay inside
    double width_sum;
};

// Scores one interval against the truth; its bounds belong to it. Rows that are not finite are
// passed over.
void interval_add(struct interval_tally *t, double truth, double lower, double upper);

// The share inside and the mean width; NaN without rows.
double interval_coverage(const struct interval_tally *t);
double interval_mean_width(const struct interval_tally *t);

#endif
