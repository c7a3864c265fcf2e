#include "model/trees.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "model/kind.h"
#include "text/json_list.h"

#define BLOCK_ROWS 64
#define BLOCK_CELLS 4096
static_assert(BLOCK_CELLS >= MODEL_MOST_FEATURES, "a block holds a row at least");

struct trees *
trees_open(struct scope *s, size_t n_features, size_t n_trees, const size_t n_nodes[])
{
    struct trees *t = scope_alloc(s, sizeof *t);
    *t = (struct trees){.n_features = n_features, .n_trees = n_trees};
    t->first = scope_array(s, n_trees, sizeof *t->first);
    for (size_t k = 0; k < n_trees; k++) {
        t->first[k] = t->n_nodes;
        t->n_nodes += n_nodes[k];
    }
    t->nodes = scope_array(s, t->n_nodes, sizeof *t->nodes);
    t->value = scope_array(s, t->n_nodes, sizeof *t->value);
    return t;
}

static bool
check_node(struct scope *s, const struct trees *t, size_t i, size_t n,
           const struct tree_source *node)
{
    if (node->feature < -1 || node->feature >= (int64_t)t->n_features)
        return fail(s, ERROR_INPUT, "node %zu looks at column %lld of %zu", i,
                    (long long)node->feature, t->n_features);
    if (node->feature >= 0 && (node->left <= (int64_t)i || node->left + 1 >= (int64_t)n))
        return fail(s, ERROR_INPUT, "node %zu has child %lld of %zu", i, (long long)node->left, n);
    if (!isfinite(node->number))
        return fail(s, ERROR_INPUT, "node %zu has a number beyond a float", i);
    return true;
}

bool
trees_set(struct scope *s, struct trees *t, size_t tree, size_t n, const struct tree_source nodes[])
{
    assert(t->first[tree] + n <= t->n_nodes);
    const struct scope_mark mark = scope_mark(s);
    int *depth = scope_array(s, n, sizeof *depth);
    bool is_good = true;
    for (size_t i = 0; i < n && is_good; i++) {
        const struct tree_source *from = &nodes[i];
        struct tree_node *to = &t->nodes[t->first[tree] + i];
        if (!check_node(s, t, i, n, from)) {
            is_good = false;
        } else if (depth[i] > TREES_MOST_DEPTH) {
            is_good = fail(s, ERROR_INPUT, "node %zu lies deeper than %d", i, TREES_MOST_DEPTH);
        } else if (from->feature < 0) {
            *to = (struct tree_node){INFINITY, NODE_DEFAULT_LEFT, (uint16_t)i};
            t->value[t->first[tree] + i] = from->number;
            t->depth = depth[i] > t->depth ? depth[i] : t->depth;
        } else {
            const unsigned flag = from->is_default_left ? NODE_DEFAULT_LEFT : 0;
            *to = (struct tree_node){from->number, (uint16_t)((unsigned)from->feature | flag),
                                     (uint16_t)from->left};
            for (int64_t child = from->left; child < from->left + 2; child++)
                depth[child] = depth[child] > depth[i] + 1 ? depth[child] : depth[i] + 1;
        }
    }
    scope_release(s, mark);
    return is_good;
}

static float
walk(const struct tree_node *nodes, const float *value, int depth, const float *x)
{
    unsigned i = 0;
    for (int k = 0; k < depth; k++) {
        const struct tree_node node = nodes[i];
        const float got = x[node.feature & (NODE_DEFAULT_LEFT - 1)];
        const bool is_missing = got != got;
        const bool is_kept_left = is_missing & (node.feature >= NODE_DEFAULT_LEFT);
        i = node.left + (unsigned)(!(got < node.threshold) & !is_kept_left);
    }
    return value[i];
}

// A float, kept finite so that it stops at a leaf's infinite threshold.
static float
narrow(double x)
{
    return x > FLT_MAX ? FLT_MAX : x < -FLT_MAX ? -FLT_MAX : (float)x;
}

void
trees_predict(const struct trees *t, size_t n, const double *X, double *out)
{
    const size_t fit = BLOCK_CELLS / t->n_features;
    const size_t n_block = fit < BLOCK_ROWS ? fit : BLOCK_ROWS;
    float x[BLOCK_CELLS], sum[BLOCK_ROWS];
    for (size_t from = 0; from < n; from += n_block) {
        const size_t rows = n - from < n_block ? n - from : n_block;
        for (size_t i = 0; i < rows * t->n_features; i++)
            x[i] = narrow(X[from * t->n_features + i]);
        for (size_t i = 0; i < rows; i++)
            sum[i] = t->base;
        for (size_t k = 0; k < t->n_trees; k++)
            for (size_t i = 0; i < rows; i++)
                sum[i] += walk(&t->nodes[t->first[k]], &t->value[t->first[k]], t->depth,
                               &x[i * t->n_features]);
        for (size_t i = 0; i < rows; i++)
            out[from + i] = (double)sum[i];
    }
}

static void
predict(const struct model *m, size_t n, const double *X, double *out)
{
    trees_predict(m->fitted, n, X, out);
}

// Writes the fewest digits that read back, through a double, as the same float.
static void
put_float(struct json_writer *w, float x)
{
    char text[32];
    for (int digits = 6; digits <= 9; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, (double)x);
        if ((float)strtod(text, NULL) == x)
            break;
    }
    json_put_raw(w, text);
}

static void
save(const struct model *m, struct json_writer *w)
{
    const struct trees *t = m->fitted;
    json_put_key(w, "base");
    put_float(w, t->base);
    json_put_key(w, "n_nodes");
    json_array_begin(w);
    for (size_t k = 0; k < t->n_trees; k++)
        json_put_int(w, (int64_t)tree_size(t, k));
    json_array_end(w);
    json_put_key(w, "feature"); // -1 in a leaf
    json_array_begin(w);
    for (size_t i = 0; i < t->n_nodes; i++)
        json_put_int(w, tree_is_leaf(&t->nodes[i]) ? -1 : (int)tree_column(&t->nodes[i]));
    json_array_end(w);
    json_put_key(w, "left"); // the right child follows it
    json_array_begin(w);
    for (size_t i = 0; i < t->n_nodes; i++)
        json_put_int(w, tree_is_leaf(&t->nodes[i]) ? 0 : t->nodes[i].left);
    json_array_end(w);
    json_put_key(w, "default_left");
    json_array_begin(w);
    for (size_t i = 0; i < t->n_nodes; i++)
        json_put_int(w, t->nodes[i].feature >= NODE_DEFAULT_LEFT);
    json_array_end(w);
    json_put_key(w, "number"); // a leaf's value, or the threshold
    json_array_begin(w);
    for (size_t i = 0; i < t->n_nodes; i++)
        put_float(w, tree_is_leaf(&t->nodes[i]) ? t->value[i] : t->nodes[i].threshold);
    json_array_end(w);
}

// All nodes of all trees as they were saved.
static struct tree_source *
load_nodes(struct scope *s, const struct json *saved, size_t n, size_t n_features)
{
    struct tree_source *nodes = scope_array(s, n, sizeof *nodes);
    int64_t *feature = scope_array(s, n, sizeof *feature), *left = scope_array(s, n, sizeof *left);
    int64_t *defaults = scope_array(s, n, sizeof *defaults);
    double *number = scope_array(s, n, sizeof *number);
    const int64_t columns[] = {-1, (int64_t)n_features - 1}, children[] = {0, TREES_MOST_NODES};
    if (!json_list_int(s, saved, "feature", n, columns, feature) ||
        !json_list_int(s, saved, "left", n, children, left) ||
        !json_list_int(s, saved, "default_left", n, (const int64_t[]){0, 1}, defaults) ||
        !json_list_get(s, saved, "number", n, false, number))
        return NULL;
    for (size_t i = 0; i < n; i++) {
        const float x = fabs(number[i]) <= (double)FLT_MAX ? (float)number[i] : INFINITY;
        nodes[i] = (struct tree_source){feature[i], left[i], defaults[i] != 0, x};
    }
    return nodes;
}

static bool
load(struct scope *s, const struct json *saved, struct model *m)
{
    const struct json *list;
    double base;
    size_t total = 0;
    if (!json_number(s, saved, "base", &base) || !json_array(s, saved, "n_nodes", &list))
        return false;
    if (!(fabs(base) <= (double)FLT_MAX))
        return fail(s, ERROR_INPUT, "base is beyond a float");
    const size_t n = json_count(list);
    int64_t *sizes = scope_array(s, n, sizeof *sizes);
    size_t *n_nodes = scope_array(s, n, sizeof *n_nodes);
    if (!json_list_int(s, saved, "n_nodes", n, (const int64_t[]){1, TREES_MOST_NODES}, sizes))
        return false;
    for (size_t k = 0; k < n; k++)
        total += n_nodes[k] = (size_t)sizes[k];
    // Asked before anything is allocated by a number that a stranger wrote.
    if (!json_array(s, saved, "feature", &list))
        return false;
    if (json_count(list) != total)
        return fail(s, ERROR_INPUT, "feature has %zu members, not %zu", json_count(list), total);

    struct trees *t = trees_open(s, m->n_features, n, n_nodes);
    const struct tree_source *nodes = load_nodes(s, saved, total, m->n_features);
    if (nodes == NULL)
        return false;
    t->base = (float)base;
    for (size_t k = 0; k < n; k++)
        if (!trees_set(s, t, k, n_nodes[k], &nodes[t->first[k]]))
            return explain(s, "tree %zu", k);
    m->fitted = t;
    return true;
}

static const char *const keys[] = {MODEL_KEYS, "base",         "n_nodes", "feature",
                                   "left",     "default_left", "number",  NULL};

const struct model_kind model_boost = {"boost", predict, save, load, keys};
