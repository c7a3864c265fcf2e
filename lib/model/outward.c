#include "model/outward.h"

#include <assert.h>
#include <stdio.h>

#include "model/kind.h"
#include "model/trees.h"

#define NO_PARENT 2147483647 // of a root, as XGBoost writes it

// Writes a float with nine digits, which read back as it, and so that nobody takes it for an int.
static void
put_float(struct json_writer *w, float x)
{
    char text[32];
    snprintf(text, sizeof text, "%.8E", (double)x);
    json_put_raw(w, text);
}

static void
pair_strings(struct json_writer *w, const char *const pairs[][2], size_t n)
{
    json_object_begin(w);
    for (size_t i = 0; i < n; i++)
        json_pair_text(w, pairs[i][0], pairs[i][1]);
    json_object_end(w);
}

static void
put_constant(struct json_writer *w, const char *key, size_t n, const char *json)
{
    json_put_key(w, key);
    json_array_begin(w);
    for (size_t i = 0; i < n; i++)
        json_put_raw(w, json);
    json_array_end(w);
}

static void
put_children(struct json_writer *w, const char *key, const struct tree_node nodes[], size_t n,
             int side)
{
    json_put_key(w, key);
    json_array_begin(w);
    for (size_t i = 0; i < n; i++)
        json_put_int(w, tree_is_leaf(&nodes[i]) ? -1 : nodes[i].left + side);
    json_array_end(w);
}

// Siblings stand side by side, behind their parent.
static void
put_parents(struct json_writer *w, struct scope *s, const struct tree_node nodes[], size_t n)
{
    const struct scope_mark mark = scope_mark(s);
    int64_t *parent = scope_array(s, n, sizeof *parent);
    parent[0] = NO_PARENT;
    for (size_t i = 0; i < n; i++)
        if (!tree_is_leaf(&nodes[i]))
            parent[nodes[i].left] = parent[nodes[i].left + 1] = (int64_t)i;
    json_put_key(w, "parents");
    json_array_begin(w);
    for (size_t i = 0; i < n; i++)
        json_put_int(w, parent[i]);
    json_array_end(w);
    scope_release(s, mark);
}

static void
put_splits(struct json_writer *w, const struct tree_node nodes[], const float value[], size_t n)
{
    json_put_key(w, "split_indices");
    json_array_begin(w);
    for (size_t i = 0; i < n; i++)
        json_put_int(w, tree_is_leaf(&nodes[i]) ? 0 : (int64_t)tree_column(&nodes[i]));
    json_array_end(w);
    json_put_key(w, "split_conditions"); // of a leaf its value
    json_array_begin(w);
    for (size_t i = 0; i < n; i++)
        put_float(w, tree_is_leaf(&nodes[i]) ? value[i] : nodes[i].threshold);
    json_array_end(w);
    json_put_key(w, "default_left");
    json_array_begin(w);
    for (size_t i = 0; i < n; i++)
        json_put_int(w, !tree_is_leaf(&nodes[i]) && nodes[i].feature >= NODE_DEFAULT_LEFT);
    json_array_end(w);
}

static void
put_tree(struct json_writer *w, const struct trees *t, size_t k)
{
    const size_t n = tree_size(t, k);
    const struct tree_node *nodes = &t->nodes[t->first[k]];
    struct scope *s = w->out->s;
    json_object_begin(w);
    json_pair_int(w, "id", (int64_t)k);
    json_put_key(w, "tree_param");
    pair_strings(w,
                 (const char *const[][2]){
                     {"num_deleted", "0"},
                     {"num_feature", scope_print(s, "%zu", t->n_features)},
                     {"num_nodes", scope_print(s, "%zu", n)},
                     {"size_leaf_vector", "0"},
                 },
                 4);
    put_children(w, "left_children", nodes, n, 0);
    put_children(w, "right_children", nodes, n, 1);
    put_parents(w, s, nodes, n);
    put_splits(w, nodes, &t->value[t->first[k]], n);
    put_constant(w, "split_type", n, "0");
    put_constant(w, "loss_changes", n, "0E0");
    put_constant(w, "sum_hessian", n, "0E0");
    put_constant(w, "base_weights", n, "0E0");
    for (int i = 0; i < 4; i++)
        put_constant(w,
                     (const char *const[]){"categories", "categories_nodes", "categories_segments",
                                           "categories_sizes"}[i],
                     0, "0");
    json_object_end(w);
}

static void
put_booster(struct json_writer *w, const struct trees *t)
{
    struct scope *s = w->out->s;
    json_object_begin(w);
    json_pair_text(w, "name", "gbtree");
    json_put_key(w, "model");
    json_object_begin(w);
    json_put_key(w, "gbtree_model_param");
    pair_strings(w,
                 (const char *const[][2]){
                     {"num_parallel_tree", "1"},
                     {"num_trees", scope_print(s, "%zu", t->n_trees)},
                     {"size_leaf_vector", "0"},
                 },
                 3);
    put_constant(w, "tree_info", t->n_trees, "0");
    json_put_key(w, "trees");
    json_array_begin(w);
    for (size_t k = 0; k < t->n_trees; k++)
        put_tree(w, t, k);
    json_array_end(w);
    json_object_end(w);
    json_object_end(w);
}

static void
put_names(struct json_writer *w, const struct artifact *a)
{
    const size_t n = feature_count(a->features);
    json_put_key(w, "feature_names");
    json_array_begin(w);
    for (size_t j = 0; j < n; j++)
        json_put_text(w, feature_name(a->features, j));
    json_array_end(w);
    put_constant(w, "feature_types", n, "\"float\"");
}

bool
outward_xgboost(const struct artifact *a, struct buf *out)
{
    const struct trees *t = a->model->fitted;
    struct json_writer w = {.out = out};
    char base[32];
    if (a->model->kind != &model_boost)
        return false;
    assert(a->model->link == LINK_IDENTITY); // our own trees have no other
    snprintf(base, sizeof base, "%.8E", (double)t->base);
    json_object_begin(&w);
    json_put_key(&w, "learner");
    json_object_begin(&w);
    json_put_key(&w, "attributes");
    json_put_raw(&w, "{}");
    put_names(&w, a);
    json_put_key(&w, "gradient_booster");
    put_booster(&w, t);
    json_put_key(&w, "learner_model_param");
    pair_strings(&w,
                 (const char *const[][2]){
                     {"base_score", base},
                     {"boost_from_average", "1"},
                     {"num_class", "0"},
                     {"num_feature", scope_print(out->s, "%zu", t->n_features)},
                     {"num_target", "1"},
                 },
                 5);
    json_put_key(&w, "objective");
    json_put_raw(&w,
                 "{\"name\":\"reg:squarederror\",\"reg_loss_param\":{\"scale_pos_weight\":\"1\"}}");
    json_object_end(&w);
    json_put_key(&w, "version");
    json_put_raw(&w, "[1,7,6]"); // whose schema this is
    json_object_end(&w);
    buf_char(out, '\n');
    return true;
}
