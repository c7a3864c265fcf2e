// quality/condition_write.c: a condition as a fragment of a statement.
#include "quality/condition_node.h"

static void
operand_write(const struct operand *x, struct statement *st, struct buf *out)
{
    char day[DAY_TEXT];
    if (x->column != NULL)
        statement_name(out, x->column->name);
    else if (x->text != NULL)
        statement_value(st, out, x->type, x->text);
    else
        statement_value(st, out, FIELD_DAY,
                        scope_copy(st->s, day_format(day_add(st->today, x->days), day)));
}

static void
sign_write(enum sign sign, struct buf *out)
{
    switch (sign) {
    case SIGN_EQ:
        WORDS(out, " = ");
        break;
    case SIGN_NE:
        WORDS(out, " <> ");
        break;
    case SIGN_LT:
        WORDS(out, " < ");
        break;
    case SIGN_LE:
        WORDS(out, " <= ");
        break;
    case SIGN_GT:
        WORDS(out, " > ");
        break;
    case SIGN_GE:
        WORDS(out, " >= ");
        break;
    }
}

static void
list_write(const struct condition *c, struct statement *st, struct buf *out)
{
    operand_write(&c->a, st, out);
    if (c->is_not)
        WORDS(out, " NOT");
    WORDS(out, " IN (");
    for (size_t i = 0; i < c->n; i++) {
        if (i > 0)
            WORDS(out, ", ");
        operand_write(&c->list[i], st, out);
    }
    WORDS(out, ")");
}

// A chain of and or or is a list to its left: walked, not called, so that length is no depth.
static void
joined_write(const struct condition *c, struct statement *st, struct buf *out)
{
    size_t n = 0;
    const struct condition *first = c;
    for (; first->kind == c->kind; first = first->left)
        n++;
    for (size_t i = 0; i <= n; i++) {
        const struct condition *part = c;
        for (size_t k = n - i; k > 0; k--)
            part = part->left;
        if (i > 0 && c->kind == NODE_AND)
            WORDS(out, " AND ");
        if (i > 0 && c->kind == NODE_OR)
            WORDS(out, " OR ");
        condition_write(i == 0 ? part : part->right, st, out);
    }
}

void
condition_write(const struct condition *c, struct statement *st, struct buf *out)
{
    WORDS(out, "(");
    switch (c->kind) {
    case NODE_OR:
    case NODE_AND:
        joined_write(c, st, out);
        break;
    case NODE_NOT:
        WORDS(out, "NOT ");
        condition_write(c->left, st, out);
        break;
    case NODE_COMPARE:
        operand_write(&c->a, st, out);
        sign_write(c->sign, out);
        operand_write(&c->b, st, out);
        break;
    case NODE_IN:
        list_write(c, st, out);
        break;
    case NODE_NULL:
        operand_write(&c->a, st, out);
        if (c->is_not)
            WORDS(out, " IS NOT NULL");
        else
            WORDS(out, " IS NULL");
        break;
    }
    WORDS(out, ")");
}
