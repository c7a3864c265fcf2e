#include "feature/recipe.h"

#include <math.h>
#include <string.h>

#define MOST_RECIPE_BYTES (1 << 20)
#define MOST_DAYS 3650
#define MOST_SEED 9007199254740992.0 // 2^53: whole numbers that JSON readers agree on

// Reads a whole number of the range, both ends in it.
static bool
read_int(struct scope *s, const struct json *root, const char *path, const int64_t range[2],
         int *out)
{
    int64_t x;
    if (!json_int(s, root, path, &x))
        return false;
    if (x < range[0] || x > range[1])
        return fail(s, ERROR_INPUT, "%s is %lld, not within %lld and %lld", path, (long long)x,
                    (long long)range[0], (long long)range[1]);
    *out = (int)x;
    return true;
}

static bool
read_number(struct scope *s, const struct json *root, const char *path, const double range[2],
            double *out)
{
    if (!json_number(s, root, path, out))
        return false;
    if (!(*out >= range[0] && *out <= range[1]))
        return fail(s, ERROR_INPUT, "%s is %g, not within %g and %g", path, *out, range[0],
                    range[1]);
    return true;
}

#define RANGE_INT(low, high) ((const int64_t[2]){(low), (high)})
#define RANGE(low, high) ((const double[2]){(low), (high)})
#define KEYS(...) ((const char *const[]){__VA_ARGS__, NULL})

// Finds an object and refuses keys that are not known to it; "" is the root.
static bool
check_keys(struct scope *s, const struct json *root, const char *path, const char *const known[])
{
    const struct json *object = root;
    if (path[0] != '\0' && !json_object(s, root, path, &object))
        return false;
    if (json_kind(object) != JSON_OBJECT)
        return fail(s, ERROR_INPUT, "not a JSON object");
    if (!json_keys_check(s, object, known))
        return path[0] != '\0' ? explain(s, "%s", path) : false;
    return true;
}

// Finds an array of 1 (or 0) to RECIPE_MOST members.
static bool
read_list(struct scope *s, const struct json *root, const char *path, size_t at_least, size_t *n)
{
    const struct json *list;
    if (!json_array(s, root, path, &list))
        return false;
    *n = json_count(list);
    if (*n < at_least || *n > RECIPE_MOST)
        return fail(s, ERROR_INPUT, "%s has %zu members, not %zu to %d", path, *n, at_least,
                    RECIPE_MOST);
    return true;
}

static bool
read_lags(struct scope *s, const struct json *root, struct feature_spec *f)
{
    bool has_origin = false;
    if (!read_list(s, root, "features.lags", 1, &f->n_lags))
        return false;
    for (size_t i = 0; i < f->n_lags; i++) {
        const char *path = scope_print(s, "features.lags[%zu]", i);
        if (!read_int(s, root, path, RANGE_INT(0, 400), &f->lags[i]))
            return false;
        for (size_t j = 0; j < i; j++)
            if (f->lags[j] == f->lags[i])
                return fail(s, ERROR_INPUT, "%s is %d again", path, f->lags[i]);
        has_origin = has_origin || f->lags[i] == 0;
    }
    if (!has_origin)
        return fail(s, ERROR_INPUT,
                    "features.lags lacks 0, the origin day, which persistence repeats");
    return true;
}

static bool
read_rolling(struct scope *s, const struct json *root, struct feature_spec *f)
{
    static const char *const names[] = {"mean", "sd", "min", "max"};
    if (!read_list(s, root, "features.rolling", 0, &f->n_rolling))
        return false;
    for (size_t i = 0; i < f->n_rolling; i++) {
        struct rolling *r = &f->rolling[i];
        const char *path = scope_print(s, "features.rolling[%zu]", i), *statistic;
        size_t k = 0;
        if (!check_keys(s, root, path, KEYS("statistic", "days", "at_least")) ||
            !json_text(s, root, scope_print(s, "%s.statistic", path), &statistic) ||
            !read_int(s, root, scope_print(s, "%s.days", path), RANGE_INT(2, 400), &r->days) ||
            !read_int(s, root, scope_print(s, "%s.at_least", path), RANGE_INT(1, r->days),
                      &r->at_least))
            return false;
        while (k < 4 && strcmp(names[k], statistic) != 0)
            k++;
        if (k == 4)
            return fail(s, ERROR_INPUT, "%s.statistic is \"%s\", not mean, sd, min or max", path,
                        statistic);
        r->statistic = (enum rolling_statistic)k;
        for (size_t j = 0; j < i; j++)
            if (f->rolling[j].statistic == r->statistic && f->rolling[j].days == r->days)
                return fail(s, ERROR_INPUT, "%s is %s over %d days again", path, statistic,
                            r->days);
    }
    return true;
}

static bool
read_neighbours(struct scope *s, const struct json *root, struct feature_spec *f)
{
    if (!read_list(s, root, "features.neighbours", 0, &f->n_neighbours))
        return false;
    for (size_t i = 0; i < f->n_neighbours; i++) {
        struct neighbours *nb = &f->neighbours[i];
        const char *path = scope_print(s, "features.neighbours[%zu]", i);
        if (!check_keys(s, root, path, KEYS("nearest", "within_km")) ||
            !read_int(s, root, scope_print(s, "%s.nearest", path), RANGE_INT(1, 100),
                      &nb->nearest) ||
            !read_number(s, root, scope_print(s, "%s.within_km", path), RANGE(0.1, 20100),
                         &nb->within_km))
            return false;
        for (size_t j = 0; j < i; j++)
            if (f->neighbours[j].nearest == nb->nearest)
                return fail(s, ERROR_INPUT, "%s.nearest is %d again", path, nb->nearest);
    }
    return true;
}

static bool
read_features(struct scope *s, const struct json *root, struct feature_spec *f)
{
    return check_keys(
               s, root, "features",
               KEYS("lags", "rolling", "calendar", "climatology", "position", "neighbours")) &&
           check_keys(s, root, "features.calendar", KEYS("harmonics", "weekday")) &&
           check_keys(s, root, "features.climatology", KEYS("half_window_days", "at_least")) &&
           read_lags(s, root, f) && read_rolling(s, root, f) && read_neighbours(s, root, f) &&
           read_int(s, root, "features.calendar.harmonics", RANGE_INT(0, 6), &f->n_harmonics) &&
           json_bool(s, root, "features.calendar.weekday", &f->has_weekday) &&
           json_bool(s, root, "features.position", &f->has_position) &&
           read_int(s, root, "features.climatology.half_window_days", RANGE_INT(0, 182),
                    &f->climatology_half_days) &&
           read_int(s, root, "features.climatology.at_least", RANGE_INT(1, 10000),
                    &f->climatology_at_least);
}

static bool
read_ridge(struct scope *s, const struct json *root, struct ridge_spec *ridge)
{
    if (json_find(root, "families.ridge") == NULL)
        return true;
    if (!check_keys(s, root, "families.ridge", KEYS("alpha")) ||
        !read_list(s, root, "families.ridge.alpha", 1, &ridge->n_alphas))
        return false;
    for (size_t i = 0; i < ridge->n_alphas; i++)
        if (!read_number(s, root, scope_print(s, "families.ridge.alpha[%zu]", i), RANGE(1e-9, 1e12),
                         &ridge->alphas[i]))
            return false;
    return true;
}

static bool
read_boost(struct scope *s, const struct json *root, struct boost_spec *b)
{
    if (json_find(root, "families.boost") == NULL)
        return true;
    return check_keys(s, root, "families.boost",
                      KEYS("rounds", "early_stopping", "depth", "learning_rate", "subsample",
                           "colsample", "min_child_weight", "lambda")) &&
           read_int(s, root, "families.boost.rounds", RANGE_INT(1, 10000), &b->rounds) &&
           read_int(s, root, "families.boost.early_stopping", RANGE_INT(1, 10000),
                    &b->early_stopping) &&
           read_int(s, root, "families.boost.depth", RANGE_INT(1, 12), &b->depth) &&
           read_number(s, root, "families.boost.learning_rate", RANGE(0.001, 1),
                       &b->learning_rate) &&
           read_number(s, root, "families.boost.subsample", RANGE(0.01, 1), &b->subsample) &&
           read_number(s, root, "families.boost.colsample", RANGE(0.01, 1), &b->colsample) &&
           read_number(s, root, "families.boost.min_child_weight", RANGE(0, 1e9),
                       &b->min_child_weight) &&
           read_number(s, root, "families.boost.lambda", RANGE(0, 1e9), &b->lambda);
}

static bool
read_families(struct scope *s, const struct json *root, struct recipe *out)
{
    // The baselines cannot be left out: every other family is judged against them.
    return check_keys(s, root, "families", KEYS("persistence", "climatology", "ridge", "boost")) &&
           check_keys(s, root, "families.persistence", (const char *const[]){NULL}) &&
           check_keys(s, root, "families.climatology", (const char *const[]){NULL}) &&
           read_ridge(s, root, &out->ridge) && read_boost(s, root, &out->boost);
}

static bool
read_target(struct scope *s, const struct json *root, struct recipe *out)
{
    const struct json *floor = json_find(root, "target.floor");
    out->target_floor = NAN;
    return check_keys(s, root, "data", KEYS("parameter")) &&
           read_int(s, root, "data.parameter", RANGE_INT(10000, 99999), &out->parameter) &&
           check_keys(s, root, "target", KEYS("name", "unit", "horizon_days", "floor")) &&
           json_text(s, root, "target.name", &out->target_name) &&
           json_text(s, root, "target.unit", &out->unit) &&
           read_int(s, root, "target.horizon_days", RANGE_INT(1, 30), &out->horizon_days) &&
           (floor == NULL || json_kind(floor) == JSON_NULL ||
            json_number(s, root, "target.floor", &out->target_floor));
}

static bool
read_protocol(struct scope *s, const struct json *root, struct recipe *out)
{
    double seed;
    if (!check_keys(s, root, "split", KEYS("calibrate_days", "test_days")) ||
        !check_keys(s, root, "choice", KEYS("gap_limit")) ||
        !check_keys(s, root, "interval", KEYS("coverage")) ||
        !read_int(s, root, "split.calibrate_days", RANGE_INT(1, MOST_DAYS), &out->calibrate_days) ||
        !read_int(s, root, "split.test_days", RANGE_INT(1, MOST_DAYS), &out->test_days) ||
        !read_number(s, root, "choice.gap_limit", RANGE(1, 1000), &out->gap_limit) ||
        !read_number(s, root, "interval.coverage", RANGE(0.01, 0.999), &out->coverage) ||
        !read_int(s, root, "retrain_days", RANGE_INT(1, MOST_DAYS), &out->retrain_days) ||
        !read_number(s, root, "seed", RANGE(0, MOST_SEED), &seed))
        return false;
    if (seed != floor(seed))
        return fail(s, ERROR_INPUT, "seed is %g, not a whole number", seed);
    out->seed = (uint64_t)seed;
    return true;
}

// Names travel in addresses and object keys.
static bool
read_name(struct scope *s, const struct json *root, const char **out)
{
    if (!json_text(s, root, "name", out))
        return false;
    const size_t n = strlen(*out);
    if (n == 0 || n > 63 || strspn(*out, "abcdefghijklmnopqrstuvwxyz0123456789-") != n ||
        (*out)[0] == '-' || (*out)[n - 1] == '-')
        return fail(s, ERROR_INPUT, "name is \"%.80s\", not 1 to 63 of a-z, 0-9 and inner hyphens",
                    *out);
    return true;
}

static bool
read_all(struct scope *s, const struct json *root, struct recipe *out)
{
    const char *task;
    if (!check_keys(s, root, "",
                    KEYS("name", "description", "tag", "task", "data", "target", "features",
                         "families", "split", "choice", "interval", "retrain_days", "quality",
                         "seed")) ||
        !read_name(s, root, &out->name) || !json_text(s, root, "description", &out->description) ||
        !read_int(s, root, "tag", RANGE_INT(1, 9999), &out->tag) ||
        !json_text(s, root, "task", &task))
        return false;
    if (strcmp(task, "regression") != 0)
        return fail(s, ERROR_INPUT, "task is \"%s\", not regression", task);
    return read_target(s, root, out) && read_features(s, root, &out->features) &&
           read_families(s, root, out) && read_protocol(s, root, out) &&
           quality_spec_read(s, root, "quality", &relation_observations, &out->quality);
}

bool
recipe_read(struct scope *s, struct str text, struct recipe *out)
{
    *out = (struct recipe){0};
    if (text.n > MOST_RECIPE_BYTES)
        return fail(s, ERROR_LIMIT, "a recipe of %zu bytes is above %d", text.n, MOST_RECIPE_BYTES);
    const struct json *root = json_parse(s, text.at, text.n);
    if (root == NULL)
        return explain(s, "cannot read the recipe");
    out->text = (struct str){scope_copy_n(s, text.at, text.n), text.n};
    out->json = root;
    hash_bytes(text.at, text.n, out->sha256);
    if (!read_all(s, root, out))
        return explain(s, "cannot read the recipe");
    return true;
}
