// model/artifact.c: everything that serving needs, as one JSON object.

#include <assert.h>
#include <math.h>
#include <string.h>

#include "model/model.h"
#include "score/interval.h"
#include "text/json_list.h"

#define FORMAT "airwatch-artifact-1"
#define MOST_BYTES ((size_t)64 << 20)

static double
raise(const struct artifact *a, double x)
{
    return isnan(a->recipe.target_floor) ? x : fmax(a->recipe.target_floor, x);
}

struct guess
artifact_predict(const struct artifact *a, const double *x)
{
    double value;
    model_predict(a->model, 1, x, &value);
    value = raise(a, value);
    const double half = a->interval_factor * interval_scale(value, a->interval_scale_floor);
    return (struct guess){value, raise(a, value - half), raise(a, value + half)};
}

void
artifact_save(const struct artifact *a, struct buf *out)
{
    struct json_writer w = {.out = out};
    json_object_begin(&w);
    json_pair_text(&w, "format", FORMAT);
    json_pair_text(&w, "recipe", scope_copy_n(out->s, a->recipe.text.at, a->recipe.text.n));
    json_put_key(&w, "features");
    feature_save(a->features, &w);
    json_put_key(&w, "model");
    model_save(a->model, &w);
    json_put_key(&w, "interval");
    json_object_begin(&w);
    json_pair_number(&w, "factor", a->interval_factor);
    json_pair_number(&w, "scale_floor", a->interval_scale_floor);
    json_object_end(&w);
    json_put_key(&w, "example");
    json_list_put(&w, a->example, feature_count(a->features));
    json_object_end(&w);
    buf_char(out, '\n');
}

static bool
load_recipe(struct scope *s, const struct json *root, struct artifact *out)
{
    const char *format, *recipe;
    if (!json_text(s, root, "format", &format))
        return false;
    if (strcmp(format, FORMAT) != 0)
        return fail(s, ERROR_INPUT, "format is \"%.40s\", not \"%s\"", format, FORMAT);
    return json_text(s, root, "recipe", &recipe) &&
           recipe_read(s, (struct str){recipe, strlen(recipe)}, &out->recipe);
}

static bool
load_interval(struct scope *s, const struct json *root, struct artifact *out)
{
    static const char *const keys[] = {"factor", "scale_floor", NULL};
    const struct json *interval;
    if (!json_object(s, root, "interval", &interval))
        return false;
    if (!json_keys_check(s, interval, keys))
        return explain(s, "interval");
    if (!json_number(s, root, "interval.factor", &out->interval_factor) ||
        !json_number(s, root, "interval.scale_floor", &out->interval_scale_floor))
        return false;
    if (out->interval_factor < 0)
        return fail(s, ERROR_INPUT, "interval.factor is %g, below 0", out->interval_factor);
    if (!(out->interval_scale_floor > 0))
        return fail(s, ERROR_INPUT, "interval.scale_floor is %g, not above 0",
                    out->interval_scale_floor);
    return true;
}

static bool
load_parts(struct scope *s, const struct json *root, struct artifact *out)
{
    const struct json *features, *model;
    if (!load_recipe(s, root, out) || !json_object(s, root, "features", &features) ||
        !json_object(s, root, "model", &model))
        return false;
    out->features = feature_load(s, &out->recipe, features);
    if (out->features == NULL)
        return explain(s, "features");
    out->model = model_load(s, model);
    if (out->model == NULL)
        return explain(s, "model");
    const size_t n = feature_count(out->features);
    if (model_feature_count(out->model) != n)
        return fail(s, ERROR_INPUT, "model.n_features is %zu where the recipe gives %zu",
                    model_feature_count(out->model), n);
    out->example = scope_array(s, n, sizeof *out->example);
    return load_interval(s, root, out) && json_list_get(s, root, "example", n, true, out->example);
}

bool
artifact_load(struct scope *s, struct str bytes, struct artifact *out)
{
    static const char *const keys[] = {"format",   "recipe",  "features", "model",
                                       "interval", "example", NULL};
    *out = (struct artifact){0};
    if (bytes.n > MOST_BYTES)
        return fail(s, ERROR_LIMIT, "an artifact of %zu bytes is above %zu", bytes.n, MOST_BYTES);
    const struct json *root = json_parse(s, bytes.at, bytes.n);
    if (root != NULL && json_kind(root) != JSON_OBJECT)
        fail(s, ERROR_INPUT, "not a JSON object");
    if (s->kind != ERROR_NONE || !json_keys_check(s, root, keys) || !load_parts(s, root, out))
        return explain(s, "cannot read the artifact");
    return true;
}
