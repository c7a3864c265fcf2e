// feature/feature_save.c: a fitted set as JSON, and back.

#include <math.h>
#include <string.h>

#include "feature/set.h"

static void
save_numbers(struct json_writer *w, const char *key, const double x[], size_t n)
{
    if (key != NULL)
        json_put_key(w, key);
    json_array_begin(w);
    for (size_t i = 0; i < n; i++)
        json_put_number(w, x[i]); // NaN becomes null
    json_array_end(w);
}

static void
save_texts(struct json_writer *w, const char *key, const char *const x[], size_t n)
{
    json_put_key(w, key);
    json_array_begin(w);
    for (size_t i = 0; i < n; i++)
        json_put_text(w, x[i]);
    json_array_end(w);
}

void
feature_save(const struct feature_set *f, struct json_writer *w)
{
    json_object_begin(w);
    save_texts(w, "names", f->names, f->n_features);
    save_texts(w, "sites", f->sites, f->n_sites);
    save_numbers(w, "latitude", f->latitude, f->n_sites);
    save_numbers(w, "longitude", f->longitude, f->n_sites);
    save_numbers(w, "mean", f->mean, f->n_sites);
    json_put_key(w, "climatology");
    json_array_begin(w);
    for (size_t k = 0; k < f->n_sites; k++)
        save_numbers(w, NULL, &f->climatology[k * YEAR_DAYS], YEAR_DAYS);
    json_array_end(w);
    json_object_end(w);
}

// Reads an array of exactly n numbers; null is NaN where that is allowed.
static bool
load_numbers(struct scope *s, const struct json *list, const char *path, size_t n, bool may_miss,
             double out[])
{
    size_t i = 0;
    if (json_kind(list) != JSON_ARRAY || json_count(list) != n)
        return fail(s, ERROR_INPUT, "%s is not an array of %zu numbers", path, n);
    for (const struct json *x = json_first(list); x != NULL; x = json_next(x), i++) {
        if (json_kind(x) != JSON_NUMBER && !(may_miss && json_kind(x) == JSON_NULL))
            return fail(s, ERROR_INPUT, "%s[%zu] is not a number", path, i);
        out[i] = json_kind(x) == JSON_NUMBER ? json_as_number(x) : NAN;
    }
    return true;
}

static bool
load_column(struct scope *s, const struct json *saved, const char *path, bool may_miss, size_t n,
            double out[])
{
    const struct json *list;
    return json_array(s, saved, path, &list) && load_numbers(s, list, path, n, may_miss, out);
}

// The artifact must give the features that its recipe asks for: the same, in the same order.
static bool
check_names(struct scope *s, const struct json *saved, const struct feature_set *f)
{
    const struct json *list;
    size_t i = 0;
    if (!json_array(s, saved, "names", &list))
        return false;
    if (json_count(list) != f->n_features)
        return fail(s, ERROR_INPUT, "names has %zu features where the recipe gives %zu",
                    json_count(list), f->n_features);
    for (const struct json *x = json_first(list); x != NULL; x = json_next(x), i++)
        if (json_kind(x) != JSON_TEXT || strcmp(json_as_text(x), f->names[i]) != 0)
            return fail(s, ERROR_INPUT, "names[%zu] is not \"%s\", which the recipe gives", i,
                        f->names[i]);
    return true;
}

static bool
load_sites(struct scope *s, const struct json *list, struct feature_set *f)
{
    size_t i = 0;
    for (const struct json *x = json_first(list); x != NULL; x = json_next(x), i++) {
        if (json_kind(x) != JSON_TEXT)
            return fail(s, ERROR_INPUT, "sites[%zu] is not text", i);
        f->sites[i] = scope_copy(s, json_as_text(x));
        if (i > 0 && strcmp(f->sites[i - 1], f->sites[i]) >= 0)
            return fail(s, ERROR_INPUT, "sites[%zu] does not ascend", i);
    }
    return true;
}

static bool
load_climatology(struct scope *s, const struct json *saved, struct feature_set *f)
{
    const struct json *list;
    size_t k = 0;
    if (!json_array(s, saved, "climatology", &list))
        return false;
    if (json_count(list) != f->n_sites)
        return fail(s, ERROR_INPUT, "climatology has %zu members for %zu sites", json_count(list),
                    f->n_sites);
    for (const struct json *x = json_first(list); x != NULL; x = json_next(x), k++)
        if (!load_numbers(s, x, scope_print(s, "climatology[%zu]", k), YEAR_DAYS, false,
                          &f->climatology[k * YEAR_DAYS]))
            return false;
    return true;
}

struct feature_set *
feature_load(struct scope *s, const struct recipe *recipe, const struct json *saved)
{
    static const char *const keys[] = {"names", "sites",       "latitude", "longitude",
                                       "mean",  "climatology", NULL};
    const struct json *sites;
    if (json_kind(saved) != JSON_OBJECT)
        return fail_null(s, ERROR_INPUT, "not a JSON object");
    if (!json_keys_check(s, saved, keys) || !json_array(s, saved, "sites", &sites))
        return NULL;
    const size_t n = json_count(sites);
    struct feature_set *f = feature_set_open(s, recipe, n);
    if (n == 0)
        return fail_null(s, ERROR_INPUT, "sites is empty");
    if (!check_names(s, saved, f) || !load_sites(s, sites, f) ||
        !load_column(s, saved, "latitude", true, n, f->latitude) ||
        !load_column(s, saved, "longitude", true, n, f->longitude) ||
        !load_column(s, saved, "mean", false, n, f->mean) || !load_climatology(s, saved, f))
        return NULL;
    return f;
}
