// feature/recipe.h: what to learn and how, read from one JSON file; unknown keys are errors.
//
// deploy/models/pm-next-day.json is the example; the recipe travels inside the model's artifact,
// so training, batch and online predictions build features from the same words.
#ifndef FEATURE_RECIPE_H
#define FEATURE_RECIPE_H

#include "base/hash.h"
#include "base/time.h"
#include "quality/expectation.h"
#include "text/json.h"

enum rolling_statistic { ROLLING_MEAN, ROLLING_SD, ROLLING_MIN, ROLLING_MAX };

struct rolling {
    enum rolling_statistic statistic;
    int days;     // the window ends at the origin day
    int at_least; // fewer values than this make it missing
};

struct neighbours {
    int nearest;      // how many stations at most
    double within_km; // and how far
};

#define RECIPE_MOST 32 // lags, windows, neighbourhoods, penalties

struct feature_spec {
    size_t n_lags, n_rolling, n_neighbours;
    int lags[RECIPE_MOST]; // days before the origin day; 0 is the origin itself
    struct rolling rolling[RECIPE_MOST];
    struct neighbours neighbours[RECIPE_MOST];
    int n_harmonics;           // of the target day's year
    bool has_weekday;          // of the target day, Monday being none
    bool has_position;         // latitude and longitude
    int climatology_half_days; // +- window around the day of the year
    int climatology_at_least;  // else the station's mean
};

struct ridge_spec {
    size_t n_alphas; // 0 when the family is not wanted
    double alphas[RECIPE_MOST];
};

struct boost_spec {
    int rounds; // at most; 0 when the family is not wanted
    int early_stopping, depth;
    double learning_rate, subsample, colsample, min_child_weight, lambda;
};

struct recipe {
    const char *name, *description;
    int tag;       // V<tag>.…: changes when target or schema does
    int parameter; // AQS code
    const char *target_name, *unit;
    int horizon_days;
    double target_floor; // predictions below are raised to it; NaN for none
    struct feature_spec features;
    struct ridge_spec ridge;
    struct boost_spec boost;
    int calibrate_days, test_days; // at the end of the data, in that order
    double coverage;               // nominal, of the interval
    double gap_limit;              // overfitting: validation RMSE / training RMSE at most
    int retrain_days;              // scheduled retraining
    struct quality_spec quality;
    uint64_t seed;
    struct str text;         // the file's bytes
    const struct json *json; // and their parsed form
    char sha256[HASH_TEXT];  // of the bytes
};

// Reads a recipe.
//
//   owner   the scope
//   errors  INPUT naming the path of what is wrong
bool recipe_read(struct scope *s, struct str text, struct recipe *out) MUST_CHECK;

#endif
