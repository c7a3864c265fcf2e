// flavour/flavour.h: versions that came from elsewhere, made fit to be served.
//
// What a version's files hold is read once, when it is about to go into production, and kept as an
// artifact of ours: files that change afterwards change nothing. Known are XGBoost's boosters, as
// mlflow.xgboost.log_model leaves them, and linear models in our neutral form (airwatch.json).
#ifndef FLAVOUR_FLAVOUR_H
#define FLAVOUR_FLAVOUR_H

#include "registry/version.h"
#include "store/store.h"

// Makes a version servable and tells so in `v`; nothing happens where it is. Call it before the
// version is moved, inside the same transaction.
//
//   errors  GATE with the reason why it cannot be served
bool flavour_take(struct scope *s, struct db *db, struct store *store,
                  struct version *v) MUST_CHECK;

#endif
