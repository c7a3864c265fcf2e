// learn/train.h: from observations to a registered version in production.
//
// As-of day D, target days are split by the calendar: test is the last test_days, calibrate the
// calibrate_days before, train the rest. Stage 1 fits on train and chooses hyperparameters on
// calibrate; stage 2 refits, features too, on train and calibrate and is scored once on test;
// stage 3 refits the chosen family on everything up to D: that is the artifact.
//
// The rule of choice: a learnt family whose gap is above the recipe's gap_limit is not eligible.
// The gap is its validation RMSE over its training RMSE, divided by the same ratio of persistence
// where that is above 1: a harder year is not overfitting. Of the eligible ones, the simplest
// (persistence, climatology, ridge, boost) within 0.1 % of the lowest validation RMSE is chosen.
//
// The interval is split conformal: its factor is the quantile of |truth - guess| / max(scale
// floor, |guess|) over stage 1's guesses on calibrate; the scale floor is a fifth of the mean
// target. Coverage is measured on test.
//
// The metrics, in ml.version.metrics and as the run's metrics; null where a number is undefined:
//   {"model", "target", "unit", "horizon_days",
//    "as_of": "2009-12-31", "chosen": "boost", "reason": "in words",
//    "train": {"from", "to", "n"}, "calibrate": {…}, "test": {"from", "to", "n"},
//    "candidates": [in order of simplicity {"family", "n", "mse", "rmse", "mae", "r2", "bias",
//        "skill" (over persistence), "skill_climatology", "validation_rmse", "train_rmse", "gap",
//        "eligible": bool, "chosen": bool, "params": {"alpha": 100} or {"rounds": 71} or {}}],
//    "sites": [by code, the chosen family on test {"site", "n", "rmse", "mae", "r2", "bias",
//        "skill", "persistence_rmse"}],
//    "median": {"rmse", "r2", "skill"} over sites,
//    "coverage": {"nominal", "measured", "width" (mean), "factor", "scale_floor"}}
// Candidates' numbers are of test unless they name another part.
#ifndef LEARN_TRAIN_H
#define LEARN_TRAIN_H

#include "feature/recipe.h"
#include "registry/version.h"
#include "store/store.h"

struct train_request {
    const struct recipe *recipe;
    int64_t as_of;
    const char *actor;    // for the audit
    const char *revision; // of the code
    bool is_dry_run;      // trains and tells, registers nothing
    bool is_quiet;
};

struct train_summary {
    struct version version; // registered, or the one that this very data gave before
    bool is_new;
    const char *metrics; // JSON: candidates, choice, test scores, per-site skill
    double seconds;
};

// Checks quality, makes the dataset version, fits and compares the candidates, refits the winner
// on all data up to as_of, stores its artifact, and in one transaction logs the run, registers the
// version and promotes it. The same recipe and data give the version they gave before.
//
//   errors  GATE when a quality check fails; INPUT when there is too little data
bool learn_train(struct scope *s, struct db *db, struct store *store,
                 const struct train_request *request, struct train_summary *out) MUST_CHECK;

#endif
