// model/trees.h: boosted regression trees, flat in memory; for the room's own files.
//
// Siblings stand side by side, so a node knows only its left child. A leaf leads to itself, so
// every walk takes the same number of steps and no branch depends on the data.
#ifndef MODEL_TREES_H
#define MODEL_TREES_H

#include <math.h>

#include "text/json.h"

#define TREES_MOST_NODES 65535 // of one tree
#define TREES_MOST_DEPTH 64
#define NODE_DEFAULT_LEFT 0x8000u // flag in a node's `feature`: a missing value goes left

struct tree_node {
    float threshold;  // values below it go left; infinite in a leaf
    uint16_t feature; // column, and NODE_DEFAULT_LEFT
    uint16_t left;    // within the tree; itself in a leaf
};

struct trees {
    size_t n_features, n_trees, n_nodes;
    int depth; // the longest walk
    float base;
    size_t *first;           // [n_trees] where each begins
    struct tree_node *nodes; // [n_nodes]
    float *value;            // [n_nodes] of leaves
};

// How many nodes a tree has; whether a node is a leaf, and the column that another looks at.
static inline size_t
tree_size(const struct trees *t, size_t k)
{
    return (k + 1 < t->n_trees ? t->first[k + 1] : t->n_nodes) - t->first[k];
}

static inline bool
tree_is_leaf(const struct tree_node *node)
{
    return isinf(node->threshold);
}

static inline unsigned
tree_column(const struct tree_node *node)
{
    return node->feature & (NODE_DEFAULT_LEFT - 1);
}

struct tree_source { // one node as a reader hands it over
    int64_t feature; // -1 in a leaf
    int64_t left;    // within the tree, behind the node itself; the right child follows it
    bool is_default_left;
    float number; // the leaf's value or the threshold
};

// Makes room for trees of so many nodes each, and sets the nodes of one tree, first to last.
//
//   errors  INPUT for a child or a column out of its range, or too deep a tree
struct trees *trees_open(struct scope *s, size_t n_features, size_t n_trees,
                         const size_t n_nodes[]);
bool trees_set(struct scope *s, struct trees *t, size_t tree, size_t n,
               const struct tree_source nodes[]) MUST_CHECK;

// Sums the leaves of all trees, in float and in their order, as XGBoost does.
//
//   shape   X is [n x n_features], out is [n]
void trees_predict(const struct trees *t, size_t n, const double *X, double *out);

// Reads the first n_trees of a model that XGBoost 1.7 saved as JSON. Where a missing value goes is
// learnt from rows that miss it; for a column that no row missed XGBoost says "right" everywhere,
// as if the value were endless. There it goes the way that most rows went.
//
//   shape   is_never_missing is [n_features]; NULL: no column is
//   errors  INPUT naming the path
//   source  xgboost.readthedocs.io, "Introduction to Model IO": schema of the JSON model
struct trees *trees_from_xgboost(struct scope *s, const struct json *root, size_t n_features,
                                 const bool is_never_missing[], size_t n_trees) MUST_CHECK;

#endif
