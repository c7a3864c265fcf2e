// model/outward.h: our models in forms that others read.
#ifndef MODEL_OUTWARD_H
#define MODEL_OUTWARD_H

#include "model/model.h"

// Writes boosted trees in XGBoost's own JSON: 1.7 and later read it, and predict from it what the
// trees predict here, before the recipe's floor. What XGBoost notes of how they grew, the gains and
// the weights of the rows, we do not keep: it reads 0. False: the model has no trees.
//
//   source  xgboost.readthedocs.io, "Introduction to Model IO": schema of the JSON model
bool outward_xgboost(const struct artifact *a, struct buf *out);

#endif
