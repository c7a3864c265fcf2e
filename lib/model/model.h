// model/model.h: a fitted model: predicts, saves, loads. Fitting is in model/fit.h.
//
// Models are immutable and may be shared by threads. NaN in a row means missing: trees send it
// down their learnt default branch; ridge puts in the climatology of the target day for
// concentrations and the training mean for others; persistence without lag0 falls back to
// climatology, and climatology without it to the training mean.
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include "feature/feature.h"

struct model;

size_t model_feature_count(const struct model *m);

// Predicts n rows.
//
//   shape   X is [n x n_features], out is [n]
void model_predict(const struct model *m, size_t n, const double *X, double *out);

// Writes and reads the fitted parameters; the bytes repeat for the same data, seed and threads.
void model_save(const struct model *m, struct json_writer *w);
const struct model *model_load(struct scope *s, const struct json *saved) MUST_CHECK;

// An artifact is all that serving needs, in one JSON object: the recipe, the features as fitted,
// the model, and the interval as calibrated.
struct artifact {
    struct recipe recipe;
    struct feature_set *features;
    const struct model *model;
    double interval_factor; // half width = factor * max(interval_scale_floor, |value|)
    double interval_scale_floor;
    double *example; // [feature_count] a real training row without missing values
};

struct guess {
    double value, lower, upper; // the target's unit
};

// Predicts one row with its interval, all raised to the recipe's floor. The half width is scaled
// by the raised value, so calibrate on raised values (score/interval.h).
struct guess artifact_predict(const struct artifact *a, const double *x);

// Writes and reads an artifact's bytes.
//
//   errors  INPUT when they are not an artifact, naming the path
void artifact_save(const struct artifact *a, struct buf *out);
bool artifact_load(struct scope *s, struct str bytes, struct artifact *out) MUST_CHECK;

#endif
