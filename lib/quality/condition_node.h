// quality/condition_node.h: a read condition's tree, for its reader and its writer only.
#ifndef QUALITY_CONDITION_NODE_H
#define QUALITY_CONDITION_NODE_H

#include "quality/condition.h"

enum node_kind { NODE_OR, NODE_AND, NODE_NOT, NODE_COMPARE, NODE_IN, NODE_NULL };

enum sign { SIGN_EQ, SIGN_NE, SIGN_LT, SIGN_LE, SIGN_GT, SIGN_GE };

struct operand {
    const struct field *column; // NULL for a value
    enum field_type type;
    const char *text; // of a value; NULL for today
    int days;         // after today
};

struct condition {
    enum node_kind kind;
    const struct condition *left, *right; // of or, and; left of not
    enum sign sign;
    bool is_not; // not in, is not null
    struct operand a, b;
    size_t n;
    struct operand *list;
};

#endif
