// model/kind.h: the kinds of models behind the one face of model/model.h; for the room's own files.
#ifndef MODEL_KIND_H
#define MODEL_KIND_H

#include "model/model.h"

#define MODEL_MOST_FEATURES 1024

struct model_kind {
    const char *family;
    void (*predict)(const struct model *m, size_t n, const double *X, double *out);
    void (*save)(const struct model *m, struct json_writer *w); // members of an open object
    bool (*load)(struct scope *s, const struct json *saved, struct model *m);
    const char *const *keys; // what `save` writes, NULL-ended, model's own among them
};

struct model {
    const struct model_kind *kind;
    enum model_link link;
    size_t n_features;
    double mean;        // of the training target
    const void *fitted; // the kind's own
};

#define MODEL_KEYS "family", "link", "n_features", "mean"

struct baseline { // columns of the row; n_features where it has none
    size_t lag0, climatology;
};

struct ridge {
    double alpha, intercept;
    size_t climatology;   // column
    const bool *is_level; // [n_features] missing values become the climatology
    const double *fill;   // [n_features] training means, for what is missing still
    const double *weight; // [n_features] of the features as they come, not standardised
};

// Reads the member "link"; the identity where there is none.
bool model_link_read(struct scope *s, const struct json *saved, enum model_link *out) MUST_CHECK;

extern const struct model_kind model_persistence, model_climatology, model_ridge, model_boost;

// What ridge puts in for a row's column j.
static inline double
ridge_settle(const struct ridge *r, const double *x, size_t j)
{
    const double got = x[j];
    if (got == got) // not NaN
        return got;
    const double usual = r->is_level[j] ? x[r->climatology] : got;
    return usual == usual ? usual : r->fill[j];
}

#endif
