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

enum model_link { // from what the kind adds up to what is predicted
    LINK_IDENTITY,
    LINK_LOGISTIC, // 1 / (1 + exp(-x)): a probability
    LINK_EXP,
};

size_t model_feature_count(const struct model *m);
const char *model_family(const struct model *m); // "persistence", "climatology", "ridge", "boost"

// Predicts n rows.
//
//   shape   X is [n x n_features], out is [n]
void model_predict(const struct model *m, size_t n, const double *X, double *out);

// Writes and reads the fitted parameters; the bytes repeat for the same data, seed and threads.
void model_save(const struct model *m, struct json_writer *w);
const struct model *model_load(struct scope *s, const struct json *saved) MUST_CHECK;

// An artifact is all that serving needs, in one JSON object: the recipe, the features as fitted,
// the model, and the interval as calibrated. That of a table's rows has columns instead of a
// recipe and its features: it knows no days and no stations, and forecasts nothing by itself.
struct artifact {
    bool is_table;
    struct recipe recipe; // of a table: target_name alone, and NaN as its floor
    struct feature_set *features;
    const struct model *model;
    double interval_factor; // half width = factor * max(interval_scale_floor, |value|); NaN: none
    double interval_scale_floor;
    double *example; // [feature_count] a real training row without missing values; NULL: none
};

struct guess {
    double value, lower, upper; // the target's unit
};

// Predicts one row with its interval, all raised to the recipe's floor. The half width is scaled
// by the raised value, so calibrate on raised values (score/interval.h). Without an interval its
// bounds are NaN.
struct guess artifact_predict(const struct artifact *a, const double *x);

// Writes and reads an artifact's bytes.
//
//   errors  INPUT when they are not an artifact, naming the path
void artifact_save(const struct artifact *a, struct buf *out);
bool artifact_load(struct scope *s, struct str bytes, struct artifact *out) MUST_CHECK;

#endif
