#include "track/filter.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "text/number.h"
#include "track/filter_token.h"

static const char *const operator_words[FILTER_OPERATORS] = {
    [FILTER_EQUAL] = "=",       [FILTER_UNEQUAL] = "!=",      [FILTER_LESS] = "<",
    [FILTER_AT_MOST] = "<=",    [FILTER_MORE] = ">",          [FILTER_AT_LEAST] = ">=",
    [FILTER_LIKE] = "LIKE",     [FILTER_ILIKE] = "ILIKE",     [FILTER_IN] = "IN",
    [FILTER_NOT_IN] = "NOT IN", [FILTER_IS_NULL] = "IS NULL", [FILTER_IS_NOT_NULL] = "IS NOT NULL",
};

const char *
filter_operator_sql(enum filter_operator op)
{
    assert(op <= FILTER_ILIKE);
    return op == FILTER_UNEQUAL ? "<>" : operator_words[op];
}

static bool
entity_find(struct str word, enum filter_entity *out)
{
    static const struct {
        const char *word;
        enum filter_entity entity;
    } known[] = {
        {"metric", FILTER_METRIC},
        {"metrics", FILTER_METRIC},
        {"param", FILTER_PARAM},
        {"params", FILTER_PARAM},
        {"parameter", FILTER_PARAM},
        {"parameters", FILTER_PARAM},
        {"tag", FILTER_TAG},
        {"tags", FILTER_TAG},
        {"attribute", FILTER_ATTRIBUTE},
        {"attributes", FILTER_ATTRIBUTE},
        {"attr", FILTER_ATTRIBUTE},
        {"run", FILTER_ATTRIBUTE},
        {"dataset", FILTER_DATASET},
        {"datasets", FILTER_DATASET},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (str_is(word, known[i].word)) {
            *out = known[i].entity;
            return true;
        }
    }
    return false;
}

static const struct filter_attribute *
attribute_find(const struct filter_attribute *all, const char *name)
{
    while (all != NULL && all->name != NULL && strcmp(all->name, name) != 0)
        all++;
    return all == NULL || all->name == NULL ? NULL : all;
}

static const char *
attribute_names(struct scope *s, const struct filter_attribute *all)
{
    struct buf names = buf_open(s, 128);
    for (; all != NULL && all->name != NULL; all++)
        buf_print(&names, "%s'%s'", names.n == 0 ? "" : ", ", all->name);
    return names.text;
}

struct identifier {
    enum filter_entity entity;
    const char *key;
    unsigned operators;
    bool is_orderable;
};

// What the entity's table says of the key.
static bool
identifier_settle(struct scope *s, const struct filter_language *language, struct identifier *id)
{
    static const char *const words[] = {"attribute", "metric", "param", "tag", "dataset"};
    if (id->entity == FILTER_ATTRIBUTE || (id->entity == FILTER_DATASET && language->dataset)) {
        const struct filter_attribute *all =
            id->entity == FILTER_ATTRIBUTE ? language->attributes : language->dataset;
        const struct filter_attribute *a = attribute_find(all, id->key);
        if (a == NULL)
            return fail(s, ERROR_INPUT, "Invalid %s key '%.60s' specified. Valid keys are {%s}",
                        words[id->entity], id->key, attribute_names(s, all));
        id->key = a->means;
        id->operators = a->operators;
        id->is_orderable = a->is_orderable;
        return true;
    }
    id->operators = language->operators[id->entity];
    id->is_orderable = (language->orderable & FILTER_BIT(id->entity)) != 0;
    return id->operators != 0 || fail(s, ERROR_INPUT, "Invalid entity type '%s' for a search of %s",
                                      words[id->entity], language->of);
}

// Reads `key`, `entity.key` or `entity.word.word`; a name in quotes is taken as it stands.
static bool
identifier_read(struct filter_tokens *t, const struct filter_language *language,
                struct identifier *out)
{
    *out = (struct identifier){.entity = FILTER_ATTRIBUTE};
    if (t->kind == FILTER_TOKEN_QUOTED && t->quote != '\'') {
        out->key = filter_token_text(t);
    } else if (t->kind != FILTER_TOKEN_WORD) {
        return filter_token_wrong(t, "an identifier is expected here");
    } else {
        const char *dot = memchr(t->word.at, '.', t->word.n);
        const size_t n = dot == NULL ? t->word.n : (size_t)(dot - t->word.at);
        if (dot == NULL) {
            out->key = filter_token_text(t);
        } else if (!entity_find((struct str){t->word.at, n}, &out->entity)) {
            return fail(t->s, ERROR_INPUT,
                        "Invalid entity type '%.*s'. Valid values are ['metric', 'parameter', "
                        "'tag', 'attribute', 'dataset']",
                        n > 60 ? 60 : (int)n, t->word.at);
        } else if (n + 1 == t->word.n) { // the key is in quotes
            const char *behind = t->at;
            if (!filter_token_next(t))
                return false;
            if (t->kind != FILTER_TOKEN_QUOTED || t->quote == '\'' || t->word.at != behind + 1)
                return filter_token_wrong(t, "a key is expected here");
            out->key = filter_token_text(t);
        } else {
            out->key = scope_copy_n(t->s, dot + 1, t->word.n - n - 1);
        }
    }
    return identifier_settle(t->s, language, out) && filter_token_next(t);
}

static bool
operator_read(struct filter_tokens *t, enum filter_operator *out)
{
    for (size_t i = 0; i <= FILTER_IN; i++) {
        if (filter_token_is(t, operator_words[i])) {
            *out = (enum filter_operator)i;
            return filter_token_next(t);
        }
    }
    if (filter_token_is(t, "<>")) {
        *out = FILTER_UNEQUAL;
        return filter_token_next(t);
    }
    const bool is_not = filter_token_is(t, "NOT"), is_is = filter_token_is(t, "IS");
    if (!is_not && !is_is)
        return filter_token_wrong(t, "a comparison is expected here");
    if (!filter_token_next(t))
        return false;
    *out = is_not ? FILTER_NOT_IN : FILTER_IS_NULL;
    if (is_is && filter_token_is(t, "NOT")) {
        *out = FILTER_IS_NOT_NULL;
        if (!filter_token_next(t))
            return false;
    }
    if (!filter_token_is(t, is_not ? "IN" : "NULL"))
        return filter_token_wrong(t, is_not ? "IN is expected here" : "NULL is expected here");
    return filter_token_next(t);
}

static bool
list_read(struct filter_tokens *t, struct filter_clause *c)
{
    const char **texts = scope_array(t->s, FILTER_LIST, sizeof *texts);
    if (!filter_token_is(t, "("))
        return filter_token_wrong(t, "a list of quoted string values in () is expected here");
    do {
        if (!filter_token_next(t))
            return false;
        if (t->kind != FILTER_TOKEN_QUOTED || t->quote == '`')
            return filter_token_wrong(t, "a list may hold quoted string values only");
        if (c->n_texts == FILTER_LIST)
            return fail(t->s, ERROR_LIMIT, "a list has more than %d values", FILTER_LIST);
        texts[c->n_texts++] = filter_token_text(t);
        if (!filter_token_next(t))
            return false;
    } while (filter_token_is(t, ","));
    c->texts = texts;
    return filter_token_is(t, ")") ? filter_token_next(t)
                                   : filter_token_wrong(t, "\")\" is expected here");
}

static bool
number_take(struct filter_tokens *t, struct filter_clause *c)
{
    c->is_number = true;
    if (t->kind != FILTER_TOKEN_NUMBER || !number_read(t->word, &c->number))
        return filter_token_wrong(t, scope_print(t->s,
                                                 "Expected numeric value type for '%.60s'. A "
                                                 "number is expected here",
                                                 c->key));
    c->text = filter_token_text(t);
    return filter_token_next(t);
}

static bool
text_take(struct filter_tokens *t, struct filter_clause *c)
{
    if (t->kind != FILTER_TOKEN_QUOTED || t->quote == '`')
        return filter_token_wrong(t, scope_print(t->s,
                                                 "Expected a quoted string value for '%.60s' "
                                                 "(e.g. 'my-value')",
                                                 c->key));
    c->text = filter_token_text(t);
    const size_t n = strlen(c->text);
    size_t n_escapes = 0;
    while (n_escapes < n && c->text[n - n_escapes - 1] == '\\')
        n_escapes++;
    if ((c->op == FILTER_LIKE || c->op == FILTER_ILIKE) && n_escapes % 2 == 1)
        return filter_token_wrong(t, "a pattern must not end with a \"\\\" that escapes nothing");
    return filter_token_next(t);
}

static bool
clause_read(struct filter_tokens *t, const struct filter_language *language,
            struct filter_clause *out)
{
    struct identifier id;
    const char *start = t->word.at - (t->kind == FILTER_TOKEN_QUOTED);
    if (!identifier_read(t, language, &id) || !operator_read(t, &out->op))
        return false;
    out->entity = id.entity;
    out->key = id.key;
    if ((id.operators & FILTER_BIT(out->op)) == 0) {
        const size_t n = (size_t)(t->word.at - (t->kind == FILTER_TOKEN_QUOTED) - start);
        if ((FILTER_BIT(out->op) & FILTER_LISTED) != 0 && id.entity == FILTER_ATTRIBUTE)
            return fail(t->s, ERROR_INPUT,
                        "attribute '%.60s' does not support comparison with a list of quoted "
                        "string values",
                        id.key);
        return fail(t->s, ERROR_INPUT, "Invalid comparator '%s' in \"%.*s\" for a search of %s",
                    operator_words[out->op], n > 100 ? 100 : (int)n, start, language->of);
    }
    if ((FILTER_BIT(out->op) & FILTER_NULLED) != 0)
        return true;
    if ((FILTER_BIT(out->op) & FILTER_LISTED) != 0)
        return list_read(t, out);
    return (id.operators & FILTER_BIT(FILTER_LESS)) != 0 ? number_take(t, out) : text_take(t, out);
}

bool
filter_read(struct scope *s, const char *text, const struct filter_language *language,
            struct filter *out)
{
    struct filter_tokens t = {.s = s, .text = text, .at = text};
    *out = (struct filter){0};
    if (text == NULL)
        return true;
    if (strlen(text) > FILTER_BYTES)
        return fail(s, ERROR_LIMIT, "a filter is longer than %zu bytes", FILTER_BYTES);
    struct filter_clause *clauses = NULL;
    if (!filter_token_next(&t))
        return false;
    while (t.kind != FILTER_TOKEN_END) {
        if (clauses == NULL)
            clauses = scope_array(s, FILTER_CLAUSES, sizeof *clauses);
        if (out->n == FILTER_CLAUSES)
            return fail(s, ERROR_LIMIT, "a filter has more than %d clauses", FILTER_CLAUSES);
        if (!clause_read(&t, language, &clauses[out->n]))
            return false;
        out->n++;
        if (t.kind == FILTER_TOKEN_END)
            break;
        if (!filter_token_is(&t, "AND"))
            return filter_token_wrong(&t, "AND or the end is expected here");
        if (!filter_token_next(&t))
            return false;
        if (t.kind == FILTER_TOKEN_END)
            return filter_token_wrong(&t, "a clause is expected behind AND");
    }
    out->clauses = clauses;
    return true;
}

bool
filter_order_read(struct scope *s, const char *text, const struct filter_language *language,
                  struct filter_order *out)
{
    struct filter_tokens t = {.s = s, .text = text, .at = text};
    struct identifier id;
    *out = (struct filter_order){0};
    if (strlen(text) > FILTER_BYTES)
        return fail(s, ERROR_LIMIT, "an order_by clause is longer than %zu bytes", FILTER_BYTES);
    if (!filter_token_next(&t) || !identifier_read(&t, language, &id))
        return explain(s, "Invalid order_by clause '%.100s'", text);
    out->is_descending = filter_token_is(&t, "DESC");
    if ((out->is_descending || filter_token_is(&t, "ASC")) && !filter_token_next(&t))
        return explain(s, "Invalid order_by clause '%.100s'", text);
    if (t.kind != FILTER_TOKEN_END)
        return fail(s, ERROR_INPUT,
                    "Invalid order_by clause '%.100s': ASC, DESC or the end is expected behind the "
                    "identifier",
                    text);
    if (!id.is_orderable)
        return fail(s, ERROR_INPUT, "Invalid order_by clause '%.100s': %s cannot be ordered by it",
                    text, language->of);
    out->entity = id.entity;
    out->key = id.key;
    return true;
}

bool
filter_orders_read(struct scope *s, size_t n, const char *const texts[],
                   const struct filter_language *language, const struct filter_order **out)
{
    if (n > FILTER_CLAUSES)
        return fail(s, ERROR_LIMIT, "order_by has more than %d clauses", FILTER_CLAUSES);
    struct filter_order *orders = scope_array(s, n + 1, sizeof *orders);
    for (size_t i = 0; i < n; i++) {
        if (!filter_order_read(s, texts[i], language, &orders[i]))
            return false;
        for (size_t j = 0; j < i; j++)
            if (orders[j].entity == orders[i].entity && strcmp(orders[j].key, orders[i].key) == 0)
                return fail(s, ERROR_INPUT, "`order_by` contains duplicate fields: '%.100s'",
                            texts[i]);
    }
    *out = orders;
    return true;
}
