// feature/feature_save.c: a fitted set as JSON, and back.

#include <string.h>

#include "feature/set.h"
#include "text/json_list.h"

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
    json_put_key(w, "latitude");
    json_list_put(w, f->latitude, f->n_sites);
    json_put_key(w, "longitude");
    json_list_put(w, f->longitude, f->n_sites);
    json_put_key(w, "mean");
    json_list_put(w, f->mean, f->n_sites);
    json_put_key(w, "climatology");
    json_array_begin(w);
    for (size_t k = 0; k < f->n_sites; k++)
        json_list_put(w, &f->climatology[k * YEAR_DAYS], YEAR_DAYS);
    json_array_end(w);
    json_object_end(w);
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
        if (!json_list_read(s, x, scope_print(s, "climatology[%zu]", k), YEAR_DAYS, false,
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
        !json_list_get(s, saved, "latitude", n, true, f->latitude) ||
        !json_list_get(s, saved, "longitude", n, true, f->longitude) ||
        !json_list_get(s, saved, "mean", n, false, f->mean) || !load_climatology(s, saved, f))
        return NULL;
    return f;
}
