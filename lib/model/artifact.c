// model/artifact.c: everything that serving needs, as one JSON object.

#include <assert.h>
#include <math.h>
#include <string.h>

#include "model/model.h"
#include "score/interval.h"
#include "text/json_list.h"

#define FORMAT "airwatch-artifact-1"
#define FORMAT_TABLE "airwatch-table-1"
#define NAME_BYTES 255
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
    if (isnan(a->interval_factor))
        return (struct guess){value, NAN, NAN};
    const double half = a->interval_factor * interval_scale(value, a->interval_scale_floor);
    return (struct guess){value, raise(a, value - half), raise(a, value + half)};
}

static void
save_columns(const struct artifact *a, struct json_writer *w)
{
    json_pair_text(w, "target", a->recipe.target_name);
    json_put_key(w, "columns");
    json_array_begin(w);
    for (size_t j = 0; j < feature_count(a->features); j++) {
        json_object_begin(w);
        json_pair_text(w, "name", feature_name(a->features, j));
        json_pair_bool(w, "may_miss", feature_may_miss(a->features, j));
        json_object_end(w);
    }
    json_array_end(w);
}

void
artifact_save(const struct artifact *a, struct buf *out)
{
    struct json_writer w = {.out = out};
    json_object_begin(&w);
    json_pair_text(&w, "format", a->is_table ? FORMAT_TABLE : FORMAT);
    if (a->is_table) {
        save_columns(a, &w);
    } else {
        json_pair_text(&w, "recipe", scope_copy_n(out->s, a->recipe.text.at, a->recipe.text.n));
        json_put_key(&w, "features");
        feature_save(a->features, &w);
    }
    json_put_key(&w, "model");
    model_save(a->model, &w);
    if (!isnan(a->interval_factor)) {
        json_put_key(&w, "interval");
        json_object_begin(&w);
        json_pair_number(&w, "factor", a->interval_factor);
        json_pair_number(&w, "scale_floor", a->interval_scale_floor);
        json_object_end(&w);
    }
    if (a->example != NULL) {
        json_put_key(&w, "example");
        json_list_put(&w, a->example, feature_count(a->features));
    }
    json_object_end(&w);
    buf_char(out, '\n');
}

static bool
format_check(struct scope *s, const struct json *root, const char *wanted)
{
    const char *format;
    if (!json_text(s, root, "format", &format))
        return false;
    return strcmp(format, wanted) == 0 ||
           fail(s, ERROR_INPUT, "format is \"%.40s\", not \"%s\"", format, wanted);
}

static bool
load_recipe(struct scope *s, const struct json *root, struct artifact *out)
{
    const char *recipe;
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
load_model(struct scope *s, const struct json *root, struct artifact *out)
{
    const struct json *model;
    if (!json_object(s, root, "model", &model))
        return false;
    out->model = model_load(s, model);
    if (out->model == NULL)
        return explain(s, "model");
    const size_t n = feature_count(out->features);
    return model_feature_count(out->model) == n ||
           fail(s, ERROR_INPUT, "model.n_features is %zu where there are %zu features",
                model_feature_count(out->model), n);
}

static bool
load_example(struct scope *s, const struct json *root, struct artifact *out)
{
    const size_t n = feature_count(out->features);
    out->example = scope_array(s, n, sizeof *out->example);
    return json_list_get(s, root, "example", n, true, out->example);
}

static bool
load_parts(struct scope *s, const struct json *root, struct artifact *out)
{
    const struct json *features;
    if (!load_recipe(s, root, out) || !json_object(s, root, "features", &features))
        return false;
    out->features = feature_load(s, &out->recipe, features);
    if (out->features == NULL)
        return explain(s, "features");
    return load_model(s, root, out) && load_interval(s, root, out) && load_example(s, root, out);
}

static bool
load_columns(struct scope *s, const struct json *list, struct artifact *out)
{
    static const char *const keys[] = {"name", "may_miss", NULL};
    const size_t n = json_count(list);
    const char **names = scope_array(s, n, sizeof *names);
    bool *may_miss = scope_array(s, n, sizeof *may_miss);
    size_t j = 0;
    if (n == 0)
        return fail(s, ERROR_INPUT, "columns is empty");
    for (const struct json *x = json_first(list); x != NULL; x = json_next(x), j++)
        if (json_kind(x) != JSON_OBJECT || !json_keys_check(s, x, keys) ||
            !json_text(s, x, "name", &names[j]) || !json_bool(s, x, "may_miss", &may_miss[j]) ||
            strlen(names[j]) > NAME_BYTES)
            return fail(s, ERROR_INPUT, "not an object with a name of at most %d bytes",
                        NAME_BYTES) ||
                   explain(s, "columns[%zu]", j);
    out->features = feature_columns(s, n, names, may_miss);
    return true;
}

static bool
load_table(struct scope *s, const struct json *root, struct artifact *out)
{
    const struct json *list;
    const char *target;
    out->is_table = true;
    out->recipe.target_floor = NAN;
    out->interval_factor = NAN;
    if (!json_text(s, root, "target", &target) || !json_array(s, root, "columns", &list) ||
        !load_columns(s, list, out) || !load_model(s, root, out))
        return false;
    out->recipe.target_name = scope_copy(s, target);
    out->recipe.name = out->recipe.description = out->recipe.unit = "";
    return (json_find(root, "interval") == NULL || load_interval(s, root, out)) &&
           (json_find(root, "example") == NULL || load_example(s, root, out));
}

bool
artifact_load(struct scope *s, struct str bytes, struct artifact *out)
{
    static const char *const keys[] = {"format",   "recipe",  "features", "model",
                                       "interval", "example", NULL};
    static const char *const table[] = {"format",   "target",  "columns", "model",
                                        "interval", "example", NULL};
    *out = (struct artifact){0};
    if (bytes.n > MOST_BYTES)
        return fail(s, ERROR_LIMIT, "an artifact of %zu bytes is above %zu", bytes.n, MOST_BYTES);
    const struct json *root = json_parse(s, bytes.at, bytes.n);
    if (root != NULL && json_kind(root) != JSON_OBJECT)
        fail(s, ERROR_INPUT, "not a JSON object");
    const bool is_table = s->kind == ERROR_NONE && json_find(root, "columns") != NULL;
    if (s->kind != ERROR_NONE || !format_check(s, root, is_table ? FORMAT_TABLE : FORMAT) ||
        !json_keys_check(s, root, is_table ? table : keys) ||
        !(is_table ? load_table(s, root, out) : load_parts(s, root, out)))
        return explain(s, "cannot read the artifact");
    return true;
}
