// learn/train.h: from observations to a registered version in production.
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
