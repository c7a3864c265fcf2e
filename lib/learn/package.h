// learn/package.h: a model of ours as the folder that MLflow's client opens.
//
//   MLmodel                     flavours, signature, where the rest is
//   airwatch.json               the artifact itself (model/model.h), which the server predicts from
//   code/airwatch_model.py      reads it: the flavour python_function, for every family
//   model.json                  boosted trees alone: the flavour xgboost, without the recipe's
//   floor input_example.json          a row that the model was fitted to serving_input_example.json
//   the same, as a scoring server takes it requirements.txt conda.yaml python_env.yaml
//
// The same artifact gives the same bytes.
#ifndef LEARN_PACKAGE_H
#define LEARN_PACKAGE_H

#include "base/asset.h"
#include "base/time.h"
#include "model/model.h"

#define PACKAGE_ARTIFACT "airwatch.json"
#define PACKAGE_MOST 9 // files beside it

extern const struct asset learn_assets[]; // airwatch_model.py; ended by one without a name

struct package_about {
    const char *run_id;
    const char *sha256; // of the artifact's bytes
    size_t size_bytes;
    struct day as_of;
};

struct package {
    size_t n;
    struct {
        const char *name; // below the folder
        struct str bytes;
    } files[PACKAGE_MOST];
};

// Writes all files but the artifact's own.
//
//   owner   the scope
void package_make(struct scope *s, const struct artifact *a, const struct package_about *about,
                  struct package *out);

#endif
