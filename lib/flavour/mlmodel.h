// flavour/mlmodel.h: what an MLmodel file says of a model.
#ifndef FLAVOUR_MLMODEL_H
#define FLAVOUR_MLMODEL_H

#include "base/buf.h"

struct mlmodel {
    const char *xgboost;      // the booster's file beside it; NULL: no such flavour
    bool is_scikit;           // it was fitted in scikit-learn's way
    const char *flavours;     // all, in words: "python_function, sklearn"
    size_t n_columns;         // of the signature; 0 without one, or where it knows no names
    const char *const *names; // [n_columns]
    const char *example;      // the file of its input example; NULL: none
    const char *target;       // the signature's one output; NULL where it has no name
};

// Reads an MLmodel file.
//
//   owner   the scope
//   errors  INPUT naming the path, also for a column that is no number; LIMIT
//   source  mlflow.org/docs/latest/ml/model, "MLmodel file" and "Model signature"
bool mlmodel_read(struct scope *s, struct str yaml, struct mlmodel *out) MUST_CHECK;

#endif
