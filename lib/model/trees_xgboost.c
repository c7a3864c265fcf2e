// model/trees_xgboost.c: XGBoost's own JSON model into flat trees.

#include <math.h>
#include <stdlib.h>

#include "model/trees.h"
#include "text/json_list.h"

struct columns { // one tree as XGBoost saves it: a list for each field
    size_t n;
    int64_t *left, *right, *feature, *defaults;
    double *number, *weight; // of the rows that came by
};

static bool
read_columns(struct scope *s, const struct json *tree, size_t n_features, struct columns *out)
{
    const struct json *list;
    if (!json_array(s, tree, "left_children", &list))
        return false;
    const size_t n = json_count(list);
    if (n == 0 || n > TREES_MOST_NODES)
        return fail(s, ERROR_INPUT, "left_children has %zu members, not 1 to %d", n,
                    TREES_MOST_NODES);
    *out = (struct columns){.n = n};
    out->left = scope_array(s, n, sizeof *out->left);
    out->right = scope_array(s, n, sizeof *out->right);
    out->feature = scope_array(s, n, sizeof *out->feature);
    out->defaults = scope_array(s, n, sizeof *out->defaults);
    out->number = scope_array(s, n, sizeof *out->number);
    out->weight = scope_array(s, n, sizeof *out->weight);
    const int64_t nodes[] = {-1, (int64_t)n - 1}, columns[] = {0, (int64_t)n_features - 1};
    return json_list_int(s, tree, "left_children", n, nodes, out->left) &&
           json_list_int(s, tree, "right_children", n, nodes, out->right) &&
           json_list_int(s, tree, "split_indices", n, columns, out->feature) &&
           json_list_int(s, tree, "default_left", n, (const int64_t[]){0, 1}, out->defaults) &&
           json_list_get(s, tree, "split_conditions", n, false, out->number) &&
           json_list_get(s, tree, "sum_hessian", n, false, out->weight);
}

// Lays the nodes that the root leads to breadth first, so that siblings stand side by side.
static bool
lay_out(struct scope *s, const struct columns *c, const bool is_never_missing[],
        struct tree_source out[], size_t *n_out)
{
    int64_t *order = scope_array(s, c->n, sizeof *order);
    size_t n = 1;
    for (size_t i = 0; i < n; i++) {
        const int64_t k = order[i];
        const bool is_leaf = c->left[k] < 0;
        out[i] = (struct tree_source){is_leaf ? -1 : c->feature[k], (int64_t)n, c->defaults[k] != 0,
                                      (float)c->number[k]};
        if (is_leaf)
            continue;
        if (c->right[k] < 0 || n + 2 > c->n)
            return fail(s, ERROR_INPUT, "node %lld has children that are not its own",
                        (long long)k);
        if (is_never_missing != NULL && is_never_missing[c->feature[k]])
            out[i].is_default_left = c->weight[c->left[k]] >= c->weight[c->right[k]];
        order[n++] = c->left[k];
        order[n++] = c->right[k];
    }
    *n_out = n;
    return true;
}

struct trees *
trees_from_xgboost(struct scope *s, const struct json *root, size_t n_features,
                   const bool is_never_missing[], size_t n_trees)
{
    const struct json *list;
    const char *base;
    size_t k = 0;
    if (!json_text(s, root, "learner.learner_model_param.base_score", &base) ||
        !json_array(s, root, "learner.gradient_booster.model.trees", &list))
        return NULL;
    if (json_count(list) < n_trees)
        return fail_null(s, ERROR_INPUT, "%zu trees, not %zu", json_count(list), n_trees);

    size_t *n_nodes = scope_array(s, n_trees, sizeof *n_nodes);
    struct tree_source **nodes = scope_array(s, n_trees, sizeof *nodes);
    for (const struct json *x = json_first(list); x != NULL && k < n_trees; x = json_next(x), k++) {
        struct columns c = {0};
        bool is_good = read_columns(s, x, n_features, &c);
        if (is_good) {
            nodes[k] = scope_array(s, c.n, sizeof **nodes);
            is_good = lay_out(s, &c, is_never_missing, nodes[k], &n_nodes[k]);
        }
        if (!is_good) {
            explain(s, "tree %zu", k);
            return NULL;
        }
    }
    struct trees *t = trees_open(s, n_features, n_trees, n_nodes);
    t->base = (float)strtod(base + (base[0] == '['), NULL); // newer ones put it into brackets
    for (k = 0; k < n_trees; k++)
        if (!trees_set(s, t, k, n_nodes[k], nodes[k]))
            return NULL;
    return t;
}
