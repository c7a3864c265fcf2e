#include "quality/condition.h"

#include <string.h>

#include "quality/condition_node.h"
#include "quality/tokens.h"
#include "text/number.h"

struct parser {
    struct tokens t;
    const struct relation *relation;
    int depth;
};

static bool
today_read(struct parser *p, struct operand *out)
{
    *out = (struct operand){.type = FIELD_DAY};
    if (!tokens_next(&p->t))
        return false;
    const bool is_minus = tokens_is_sign(&p->t, "-");
    if (!is_minus && !tokens_is_sign(&p->t, "+"))
        return true;
    if (!tokens_next(&p->t))
        return false;
    if (p->t.token != TOKEN_NUMBER || !number_read_whole(p->t.word, 100000, &out->days))
        return tokens_wrong(&p->t, "not a number of days to 100000");
    out->days = is_minus ? -out->days : out->days;
    return tokens_next(&p->t);
}

static bool
value_number_read(struct parser *p, bool is_minus, struct operand *out)
{
    double x;
    if (p->t.token != TOKEN_NUMBER || !number_read(p->t.word, &x))
        return tokens_wrong(&p->t, "not a number");
    *out = (struct operand){.type = FIELD_NUMBER, .text = db_number(p->t.s, is_minus ? -x : x)};
    return tokens_next(&p->t);
}

static bool
column_read(struct parser *p, struct operand *out)
{
    const char *name = p->t.token == TOKEN_NAME ? tokens_unquoted(&p->t, '"')
                                                : scope_copy_n(p->t.s, p->t.word.at, p->t.word.n);
    out->column = relation_find(p->relation, name, strlen(name));
    if (out->column == NULL)
        return tokens_wrong(&p->t, scope_print(p->t.s, "no such column (known: %s)",
                                               relation_names(p->t.s, p->relation)));
    out->type = out->column->type;
    return tokens_next(&p->t);
}

static bool
operand_read(struct parser *p, struct operand *out)
{
    *out = (struct operand){0};
    if (tokens_is_sign(&p->t, "-") || tokens_is_sign(&p->t, "+")) {
        const bool is_minus = tokens_is_sign(&p->t, "-");
        return tokens_next(&p->t) && value_number_read(p, is_minus, out);
    }
    if (p->t.token == TOKEN_NUMBER)
        return value_number_read(p, false, out);
    if (p->t.token == TOKEN_TEXT) {
        out->type = FIELD_TEXT;
        out->text = tokens_unquoted(&p->t, '\'');
        return tokens_next(&p->t);
    }
    if (tokens_is_word(&p->t, "true") || tokens_is_word(&p->t, "false")) {
        out->type = FIELD_BOOL;
        out->text = tokens_is_word(&p->t, "true") ? "t" : "f";
        return tokens_next(&p->t);
    }
    if (tokens_is_word(&p->t, "today"))
        return today_read(p, out);
    if (p->t.token == TOKEN_WORD || p->t.token == TOKEN_NAME)
        return column_read(p, out);
    return tokens_wrong(&p->t, "a column or a value is wanted here");
}

static bool
is_numeric(enum field_type type)
{
    return type == FIELD_INTEGER || type == FIELD_NUMBER;
}

// Gives a text the type that the other side wants of it, where it reads as one.
static bool
value_fit(struct parser *p, enum field_type wanted, struct operand *x)
{
    struct day day;
    int64_t time;
    if (x->type == wanted || (is_numeric(x->type) && is_numeric(wanted)))
        return true;
    if (x->column == NULL && x->type == FIELD_TEXT && wanted == FIELD_DAY) {
        if (!day_read(x->text, strlen(x->text), &day))
            return fail(p->t.s, ERROR_INPUT, "'%.40s' is not a day as 2009-12-31", x->text);
        x->type = FIELD_DAY;
        return true;
    }
    if (x->column == NULL && x->type == FIELD_TEXT && wanted == FIELD_TIME) {
        if (!time_parse(p->t.s, x->text, &time))
            return false;
        x->text = db_time(p->t.s, time);
        x->type = FIELD_TIME;
        return true;
    }
    return fail(p->t.s, ERROR_INPUT, "before %zu: a %s is compared with a %s",
                (size_t)(p->t.word.at - p->t.text) + 1, field_type_name(wanted),
                field_type_name(x->type));
}

static bool
pair_fit(struct parser *p, struct operand *a, struct operand *b)
{
    if (a->column == NULL && b->column == NULL)
        return tokens_wrong(&p->t, "a comparison before this names no column");
    return a->column != NULL ? value_fit(p, a->type, b) : value_fit(p, b->type, a);
}

static struct condition *
node_new(struct parser *p, enum node_kind kind)
{
    struct condition *c = scope_alloc(p->t.s, sizeof *c);
    c->kind = kind;
    return c;
}

static struct condition *
pair_new(struct parser *p, enum sign sign, struct operand a, struct operand b)
{
    struct condition *c = node_new(p, NODE_COMPARE);
    c->sign = sign;
    c->a = a;
    c->b = b;
    return pair_fit(p, &c->a, &c->b) ? c : NULL;
}

static struct condition *
in_read(struct parser *p, struct operand a, bool is_not)
{
    struct condition *c = node_new(p, NODE_IN);
    c->a = a;
    c->is_not = is_not;
    c->list = scope_array(p->t.s, CONDITION_LIST, sizeof *c->list);
    if (!tokens_next(&p->t))
        return NULL;
    if (!tokens_is_sign(&p->t, "(")) {
        tokens_wrong(&p->t, "\"(\" is wanted here");
        return NULL;
    }
    do {
        if (c->n == CONDITION_LIST)
            return fail_null(p->t.s, ERROR_LIMIT, "a list has more than %d values", CONDITION_LIST);
        if (!tokens_next(&p->t) || !operand_read(p, &c->list[c->n]) ||
            !pair_fit(p, &c->a, &c->list[c->n]))
            return NULL;
        c->n++;
    } while (tokens_is_sign(&p->t, ","));
    if (!tokens_is_sign(&p->t, ")")) {
        tokens_wrong(&p->t, "\",\" or \")\" is wanted here");
        return NULL;
    }
    return tokens_next(&p->t) ? c : NULL;
}

static struct condition *
between_read(struct parser *p, struct operand a)
{
    struct operand low, high;
    struct condition *c = node_new(p, NODE_AND);
    if (!tokens_next(&p->t) || !operand_read(p, &low))
        return NULL;
    if (!tokens_is_word(&p->t, "and")) {
        tokens_wrong(&p->t, "\"and\" is wanted here");
        return NULL;
    }
    if (!tokens_next(&p->t) || !operand_read(p, &high))
        return NULL;
    c->left = pair_new(p, SIGN_GE, a, low);
    c->right = c->left == NULL ? NULL : pair_new(p, SIGN_LE, a, high);
    return c->right == NULL ? NULL : c;
}

static struct condition *
null_read(struct parser *p, struct operand a)
{
    struct condition *c = node_new(p, NODE_NULL);
    c->a = a;
    if (!tokens_next(&p->t))
        return NULL;
    c->is_not = tokens_is_word(&p->t, "not");
    if (c->is_not && !tokens_next(&p->t))
        return NULL;
    if (!tokens_is_word(&p->t, "null")) {
        tokens_wrong(&p->t, "\"null\" or \"not null\" is wanted here");
        return NULL;
    }
    if (a.column == NULL) {
        tokens_wrong(&p->t, "only a column can be null");
        return NULL;
    }
    return tokens_next(&p->t) ? c : NULL;
}

static struct condition *
comparison_read(struct parser *p)
{
    static const struct {
        const char *text;
        enum sign sign;
    } signs[] = {{"=", SIGN_EQ},  {"!=", SIGN_NE}, {"<>", SIGN_NE}, {"<", SIGN_LT},
                 {"<=", SIGN_LE}, {">", SIGN_GT},  {">=", SIGN_GE}};
    struct operand a, b;
    if (!operand_read(p, &a))
        return NULL;
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (tokens_is_sign(&p->t, signs[i].text))
            return tokens_next(&p->t) && operand_read(p, &b) ? pair_new(p, signs[i].sign, a, b)
                                                             : NULL;
    if (tokens_is_word(&p->t, "is"))
        return null_read(p, a);
    if (tokens_is_word(&p->t, "between"))
        return between_read(p, a);
    const bool is_not = tokens_is_word(&p->t, "not");
    if (is_not && !tokens_next(&p->t))
        return NULL;
    if (tokens_is_word(&p->t, "in"))
        return in_read(p, a, is_not);
    tokens_wrong(&p->t, "a comparison is wanted here");
    return NULL;
}

static struct condition *or_read(struct parser *p);

// Deeper nesting than anybody writes is refused: each level is a call.
static struct condition *
not_read(struct parser *p)
{
    struct condition *c;
    if (++p->depth > CONDITION_NESTING)
        return fail_null(p->t.s, ERROR_LIMIT, "nested more than %d deep", CONDITION_NESTING);
    if (tokens_is_word(&p->t, "not")) {
        c = node_new(p, NODE_NOT);
        c->left = tokens_next(&p->t) ? not_read(p) : NULL;
        c = c->left == NULL ? NULL : c;
    } else if (tokens_is_sign(&p->t, "(")) {
        c = tokens_next(&p->t) ? or_read(p) : NULL;
        if (c != NULL && !tokens_is_sign(&p->t, ")")) {
            tokens_wrong(&p->t, "\")\", \"and\" or \"or\" is wanted here");
            return NULL;
        }
        c = c != NULL && tokens_next(&p->t) ? c : NULL;
    } else {
        c = comparison_read(p);
    }
    p->depth--;
    return c;
}

static struct condition *
joined_read(struct parser *p, enum node_kind kind, const char *word,
            struct condition *(*read)(struct parser *))
{
    struct condition *c = read(p);
    while (c != NULL && tokens_is_word(&p->t, word)) {
        struct condition *both = node_new(p, kind);
        both->left = c;
        both->right = tokens_next(&p->t) ? read(p) : NULL;
        c = both->right == NULL ? NULL : both;
    }
    return c;
}

static struct condition *
and_read(struct parser *p)
{
    return joined_read(p, NODE_AND, "and", not_read);
}

static struct condition *
or_read(struct parser *p)
{
    return joined_read(p, NODE_OR, "or", and_read);
}

const struct condition *
condition_read(struct scope *s, const char *text, const struct relation *relation)
{
    struct parser p = {.t = {.s = s, .text = text, .at = text}, .relation = relation};
    if (strlen(text) > CONDITION_BYTES)
        return fail_null(s, ERROR_LIMIT, "a condition of %zu bytes is above %d", strlen(text),
                         CONDITION_BYTES);
    const struct condition *c = tokens_next(&p.t) ? or_read(&p) : NULL;
    if (c != NULL && p.t.token != TOKEN_END) {
        tokens_wrong(&p.t, "\"and\" or \"or\" is wanted here");
        return NULL;
    }
    return c;
}
