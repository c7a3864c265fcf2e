#include "model/outside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/kind.h"
#include "model/trees.h"
#include "text/json_list.h"
#include "text/ubjson.h"

#define LEARNER "learner."
#define PARAM "learner.learner_model_param."
#define BOOSTER "learner.gradient_booster."

struct objective {
    const char *name;
    enum model_link link;
};

static const struct objective objectives[] = {
    {"reg:squarederror", LINK_IDENTITY},
    {"reg:linear", LINK_IDENTITY},
    {"reg:squaredlogerror", LINK_IDENTITY},
    {"reg:pseudohubererror", LINK_IDENTITY},
    {"reg:absoluteerror", LINK_IDENTITY},
    {"reg:quantileerror", LINK_IDENTITY},
    {"binary:logitraw", LINK_IDENTITY},
    {"rank:pairwise", LINK_IDENTITY},
    {"rank:ndcg", LINK_IDENTITY},
    {"rank:map", LINK_IDENTITY},
    {"reg:logistic", LINK_LOGISTIC},
    {"binary:logistic", LINK_LOGISTIC},
    {"count:poisson", LINK_EXP},
    {"reg:gamma", LINK_EXP},
    {"reg:tweedie", LINK_EXP},
};

static bool
objective_link(struct scope *s, const struct json *root, enum model_link *out)
{
    const char *name;
    if (!json_text(s, root, LEARNER "objective.name", &name))
        return false;
    for (size_t i = 0; i < sizeof objectives / sizeof *objectives; i++)
        if (strcmp(objectives[i].name, name) == 0) {
            *out = objectives[i].link;
            return true;
        }
    return fail(s, ERROR_INPUT, "objective \"%.60s\" cannot be served", name);
}

// A number that XGBoost saves as text, with or without brackets around it.
static bool
number_text(struct scope *s, const struct json *root, const char *path, double *out)
{
    const char *text;
    char *end;
    if (!json_text(s, root, path, &text))
        return false;
    const bool is_bracketed = *text == '[';
    *out = strtod(text + is_bracketed, &end);
    if (end == text + is_bracketed || strcmp(end, is_bracketed ? "]" : "") != 0)
        return fail(s, ERROR_INPUT, "%s is \"%.40s\", not one number", path, text);
    return true;
}

// One of the numbers that say that a row gets more than one: absent, 0 or 1 is one.
static bool
single_check(struct scope *s, const struct json *root, const char *path, const char *what)
{
    double x = 0;
    if (json_find(root, path) != NULL && !number_text(s, root, path, &x))
        return false;
    return x <= 1 || fail(s, ERROR_INPUT, "%s cannot be served: %s is %g", what, path, x);
}

static bool
booster_check(struct scope *s, const struct json *root)
{
    const char *name;
    if (!json_text(s, root, BOOSTER "name", &name))
        return false;
    if (strcmp(name, "gbtree") != 0)
        return fail(s, ERROR_INPUT, "booster \"%.40s\" cannot be served, only gbtree", name);
    return single_check(s, root, PARAM "num_class", "several classes") &&
           single_check(s, root, PARAM "num_target", "several targets");
}

// Splits of categories are no thresholds.
static bool
splits_check(struct scope *s, const struct json *trees)
{
    size_t k = 0;
    for (const struct json *tree = json_first(trees); tree != NULL; tree = json_next(tree), k++) {
        const struct json *types = json_find(tree, "split_type");
        for (const struct json *x = types == NULL ? NULL : json_first(types); x != NULL;
             x = json_next(x))
            if (json_kind(x) != JSON_NUMBER || json_as_number(x) != 0)
                return fail(s, ERROR_INPUT, "tree %zu splits categories, which cannot be served",
                            k);
    }
    return true;
}

// The trees that count: all, or those up to the best round.
static bool
count_trees(struct scope *s, const struct json *root, bool is_best_only, size_t *out)
{
    const struct json *trees;
    double best, parallel = 1;
    if (!json_array(s, root, BOOSTER "model.trees", &trees) || !splits_check(s, trees))
        return false;
    *out = json_count(trees);
    if (!is_best_only || json_find(root, LEARNER "attributes.best_iteration") == NULL)
        return true;
    if (!number_text(s, root, LEARNER "attributes.best_iteration", &best) ||
        (json_find(root, BOOSTER "model.gbtree_model_param.num_parallel_tree") != NULL &&
         !number_text(s, root, BOOSTER "model.gbtree_model_param.num_parallel_tree", &parallel)))
        return false;
    const double wanted = (best + 1) * fmax(parallel, 1);
    if (wanted >= 1 && wanted < (double)*out)
        *out = (size_t)wanted;
    return true;
}

// What the trees start from, before the link.
static bool
base_margin(struct scope *s, double base, enum model_link link, float *out)
{
    if (link == LINK_LOGISTIC)
        base = log(base / (1 - base));
    else if (link == LINK_EXP)
        base = log(base);
    *out = (float)base;
    return isfinite(base) || fail(s, ERROR_INPUT, "the base score is not one of its objective");
}

// The columns' names: the booster's own, else the signature's, else f0, f1 ….
static bool
columns_name(struct scope *s, const struct json *root, const struct outside_about *about, size_t n,
             struct artifact *out)
{
    const struct json *list = json_find(root, LEARNER "feature_names");
    const bool has_own = list != NULL && json_kind(list) == JSON_ARRAY && json_count(list) == n;
    const char **names = scope_array(s, n, sizeof *names);
    bool *may_miss = scope_array(s, n, sizeof *may_miss);
    const struct json *own = has_own ? json_first(list) : NULL;
    if (about->n_columns != 0 && about->n_columns != n)
        return fail(s, ERROR_INPUT, "the signature has %zu columns where the booster has %zu",
                    about->n_columns, n);
    for (size_t j = 0; j < n; j++) {
        may_miss[j] = true;
        if (own != NULL && json_kind(own) != JSON_TEXT)
            return fail(s, ERROR_INPUT, LEARNER "feature_names[%zu] is not text", j);
        names[j] = own != NULL            ? json_as_text(own)
                   : about->n_columns > 0 ? about->names[j]
                                          : scope_print(s, "f%zu", j);
        own = own == NULL ? NULL : json_next(own);
    }
    out->features = feature_columns(s, n, names, may_miss);
    return true;
}

static void
table_begin(struct scope *s, const char *target, struct artifact *out)
{
    *out = (struct artifact){.is_table = true, .interval_factor = NAN};
    out->recipe.target_floor = NAN;
    out->recipe.target_name = scope_copy(s, target == NULL ? "prediction" : target);
    out->recipe.name = out->recipe.description = out->recipe.unit = "";
}

// The bytes as JSON text, whatever they are in.
static bool
text_settle(struct scope *s, struct str bytes, struct str *out)
{
    struct buf text;
    *out = bytes;
    // Both begin with "{"; JSON goes on with white space, a quote or the end.
    if (bytes.n >= 2 && bytes.at[0] == '{' && strchr(" \t\r\n\"}", bytes.at[1]) != NULL)
        return true;
    if (bytes.n >= 4 && memcmp(bytes.at, "binf", 4) == 0)
        return fail(s, ERROR_INPUT,
                    "it is in XGBoost's old binary form; save it as JSON or UBJSON");
    text = buf_open(s, bytes.n);
    if (!ubjson_read(s, bytes, &text))
        return explain(s, "it is in neither XGBoost's JSON nor its UBJSON");
    *out = (struct str){text.text, text.n};
    return true;
}

static bool
booster_read(struct scope *s, const struct json *root, const struct outside_about *about,
             struct artifact *out)
{
    double base, n_features;
    size_t n_trees;
    struct model *m = scope_alloc(s, sizeof *m);
    if (!booster_check(s, root) || !objective_link(s, root, &m->link) ||
        !count_trees(s, root, about->is_best_only, &n_trees) ||
        !number_text(s, root, PARAM "base_score", &base) ||
        !number_text(s, root, PARAM "num_feature", &n_features))
        return false;
    if (!(n_features >= 1 && n_features <= MODEL_MOST_FEATURES))
        return fail(s, ERROR_INPUT, "%g columns are not within 1 and %d", n_features,
                    MODEL_MOST_FEATURES);
    m->n_features = (size_t)n_features;
    if (!columns_name(s, root, about, m->n_features, out))
        return false;
    struct trees *t = trees_from_xgboost(s, root, m->n_features, NULL, n_trees);
    if (t == NULL || !base_margin(s, base, m->link, &t->base))
        return false;
    m->kind = &model_boost;
    m->mean = base;
    m->fitted = t;
    out->model = m;
    return true;
}

bool
outside_xgboost(struct scope *s, struct str booster, const struct outside_about *about,
                struct artifact *out)
{
    struct str text;
    table_begin(s, about->target, out);
    if (!text_settle(s, booster, &text))
        return false;
    const struct json *root = json_parse(s, text.at, text.n);
    if (root != NULL && json_kind(root) != JSON_OBJECT)
        return fail(s, ERROR_INPUT, "not a JSON object");
    return root != NULL && booster_read(s, root, about, out);
}

// What stands in for a missing value; null: it may not be missing.
static bool
fill_read(struct scope *s, const struct json *root, size_t n, double fill[], bool may_miss[])
{
    if (json_find(root, "fill") == NULL)
        return true;
    if (!json_list_get(s, root, "fill", n, true, fill))
        return false;
    for (size_t j = 0; j < n; j++) {
        may_miss[j] = !isnan(fill[j]);
        fill[j] = may_miss[j] ? fill[j] : 0;
    }
    return true;
}

static bool
linear_read(struct scope *s, const struct json *root, const char *const names[], size_t n,
            struct artifact *out)
{
    struct model *m = scope_alloc(s, sizeof *m);
    struct ridge *r = scope_alloc(s, sizeof *r);
    double *weight = scope_array(s, n, sizeof *weight), *fill = scope_array(s, n, sizeof *fill);
    bool *may_miss = scope_array(s, n, sizeof *may_miss);
    if (!json_number(s, root, "intercept", &r->intercept) ||
        !json_list_get(s, root, "weights", n, false, weight) ||
        !fill_read(s, root, n, fill, may_miss) || !model_link_read(s, root, &m->link))
        return false;
    r->is_level = scope_array(s, n, sizeof *r->is_level);
    r->weight = weight;
    r->fill = fill;
    m->kind = &model_ridge;
    m->n_features = n;
    m->mean = r->intercept;
    m->fitted = r;
    out->model = m;
    out->features = feature_columns(s, n, names, may_miss);
    return true;
}

bool
outside_linear(struct scope *s, struct str json, struct artifact *out)
{
    static const char *const keys[] = {"format",  "target", "features", "intercept",
                                       "weights", "link",   "fill",     NULL};
    const char *format, *target = NULL;
    const struct json *root = json_parse(s, json.at, json.n), *list;
    size_t j = 0;
    if (root == NULL || !json_text(s, root, "format", &format) || !json_keys_check(s, root, keys) ||
        !json_array(s, root, "features", &list) ||
        (json_find(root, "target") != NULL && !json_text(s, root, "target", &target)))
        return false;
    const size_t n = json_count(list);
    if (strcmp(format, "airwatch-linear-1") != 0)
        return fail(s, ERROR_INPUT, "format is \"%.40s\", not \"airwatch-linear-1\"", format);
    if (n == 0 || n > MODEL_MOST_FEATURES)
        return fail(s, ERROR_INPUT, "features has %zu members, not 1 to %d", n,
                    MODEL_MOST_FEATURES);
    const char **names = scope_array(s, n, sizeof *names);
    for (const struct json *x = json_first(list); x != NULL; x = json_next(x), j++) {
        if (json_kind(x) != JSON_TEXT)
            return fail(s, ERROR_INPUT, "features[%zu] is not text", j);
        names[j] = json_as_text(x);
    }
    table_begin(s, target, out);
    return linear_read(s, root, names, n, out);
}
