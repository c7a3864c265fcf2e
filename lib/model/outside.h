// model/outside.h: models that others made, as artifacts of rows: what they predict here is what
// they predict there.
//
// A model that cannot be served is refused with the reason in words.
#ifndef MODEL_OUTSIDE_H
#define MODEL_OUTSIDE_H

#include "model/model.h"

struct outside_about {        // what is known beside the model's own bytes; {0} is nothing
    size_t n_columns;         // of the signature
    const char *const *names; // [n_columns]
    const char *target;       // what is predicted; NULL for "prediction"
    bool is_best_only;        // trees after the best round do not count, as in scikit-learn's way
};

// Reads a booster that XGBoost saved as JSON or UBJSON: gbtree, one number a row, no categories.
// Missing values go where the trees send them.
//
//   errors  INPUT, naming what cannot be served; LIMIT
//   source  xgboost.readthedocs.io, "Introduction to Model IO"; objectives' links: "Learning Task
//           Parameters"
bool outside_xgboost(struct scope *s, struct str booster, const struct outside_about *about,
                     struct artifact *out) MUST_CHECK;

// Reads a linear model in our neutral form; lib/mlflow/MLFLOW.md tells how to write it.
//
//   {"format": "airwatch-linear-1", "target": "price", "features": ["a", "b"], "intercept": 0.5,
//    "weights": [1, 2], "link": "identity" | "logistic" | "exp", "fill": [0, null]}
//
// `target`, `link` and `fill` may be absent; a feature may be missing where `fill` has what to put
// in.
//
//   errors  INPUT naming the path
bool outside_linear(struct scope *s, struct str json, struct artifact *out) MUST_CHECK;

#endif
