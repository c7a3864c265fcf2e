// model/fit.h: fits models. The only place that needs OpenBLAS's solvers and XGBoost.
#ifndef MODEL_FIT_H
#define MODEL_FIT_H

#include "model/model.h"

// Rows whose target is NaN are left out of every fit.

// The baselines. They learn only the mean, for rows where they have nothing to repeat.
const struct model *fit_persistence(struct scope *s, const struct feature_set *f,
                                    const struct design *train) MUST_CHECK;
const struct model *fit_climatology(struct scope *s, const struct feature_set *f,
                                    const struct design *train) MUST_CHECK;

// Ridge regression on standardised columns, the intercept unpenalised. One Gram matrix (dsyrk)
// serves every alpha; the best on `validate` (NULL: use the first alpha) is told in `*alpha`.
//
//   errors  INPUT without rows or with a constant target
const struct model *fit_ridge(struct scope *s, const struct feature_set *f,
                              const struct ridge_spec *spec, const struct design *train,
                              const struct design *validate, double *alpha) MUST_CHECK;

// Boosted trees by XGBoost (hist, one thread). With `validate` it stops early and tells the best
// number of rounds in `*rounds`; without it runs exactly `*rounds`.
//
//   errors  INPUT without rows, or in XGBoost's words
const struct model *fit_boost(struct scope *s, const struct feature_set *f,
                              const struct boost_spec *spec, uint64_t seed,
                              const struct design *train, const struct design *validate,
                              int *rounds) MUST_CHECK;

#endif
