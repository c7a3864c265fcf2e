// track/filter.h: the language in which MLflow's searches are put, read into clauses.
//
// A filter is `clause AND clause …`, a clause `identifier operator value`. An identifier is
// `entity.key` or the name of an attribute; keys of other characters stand in "" or ``. What may be
// asked of what differs between runs, experiments, models: that is a filter_language, a table.
#ifndef TRACK_FILTER_H
#define TRACK_FILTER_H

#include "base/buf.h"

#define FILTER_BYTES ((size_t)64 * 1024) // of one filter
#define FILTER_CLAUSES 50                // in one filter; with more the database plans for seconds
#define FILTER_LIST 2000                 // texts behind one IN

enum filter_entity {
    FILTER_ATTRIBUTE,
    FILTER_METRIC,
    FILTER_PARAM,
    FILTER_TAG,
    FILTER_DATASET,
    FILTER_ENTITIES
};

enum filter_operator {
    FILTER_EQUAL,
    FILTER_UNEQUAL,
    FILTER_LESS,
    FILTER_AT_MOST,
    FILTER_MORE,
    FILTER_AT_LEAST,
    FILTER_LIKE,
    FILTER_ILIKE,
    FILTER_IN,
    FILTER_NOT_IN,
    FILTER_IS_NULL,
    FILTER_IS_NOT_NULL,
    FILTER_OPERATORS
};

// Sets of operators.
#define FILTER_BIT(op) (1U << (op))
#define FILTER_NUMERIC                                                                             \
    (FILTER_BIT(FILTER_EQUAL) | FILTER_BIT(FILTER_UNEQUAL) | FILTER_BIT(FILTER_LESS) |             \
     FILTER_BIT(FILTER_AT_MOST) | FILTER_BIT(FILTER_MORE) | FILTER_BIT(FILTER_AT_LEAST))
#define FILTER_TEXTUAL                                                                             \
    (FILTER_BIT(FILTER_EQUAL) | FILTER_BIT(FILTER_UNEQUAL) | FILTER_BIT(FILTER_LIKE) |             \
     FILTER_BIT(FILTER_ILIKE))
#define FILTER_LISTED (FILTER_BIT(FILTER_IN) | FILTER_BIT(FILTER_NOT_IN))
#define FILTER_NULLED (FILTER_BIT(FILTER_IS_NULL) | FILTER_BIT(FILTER_IS_NOT_NULL))

struct filter_attribute { // a table ends with {0}
    const char *name;     // as it may be written; several for one attribute
    const char *means;    // the attribute
    unsigned operators;   // FILTER_NUMERIC makes it a number
    bool is_orderable;
};

struct filter_language {
    const char *of;                            // "runs", for messages
    const struct filter_attribute *attributes; // bare, or behind "attribute."
    const struct filter_attribute *dataset;    // behind "dataset."; NULL for none
    unsigned operators[FILTER_ENTITIES];       // of metrics, params and tags; 0: not to be asked of
    unsigned orderable;                        // set of entities, FILTER_BIT(FILTER_METRIC) …
};

struct filter_clause {
    enum filter_entity entity;
    const char *key; // an attribute's is what it means
    enum filter_operator op;
    bool is_number;
    double number;            // of a numeric clause
    const char *text;         // as written for a number; the value of a textual clause
    size_t n_texts;           // of a list
    const char *const *texts; // of a list
};

struct filter {
    size_t n;
    const struct filter_clause *clauses;
};

struct filter_order {
    enum filter_entity entity;
    const char *key;
    bool is_descending;
};

// Reads a filter; NULL and "" have no clause.
//
//   owner   the scope
//   errors  INPUT naming the clause that is not understood; LIMIT for one too long
bool filter_read(struct scope *s, const char *text, const struct filter_language *language,
                 struct filter *out) MUST_CHECK;

// Reads what stands in order_by: `identifier`, `identifier ASC` or `identifier DESC`.
//
//   errors  INPUT for what is not understood, or no order
bool filter_order_read(struct scope *s, const char *text, const struct filter_language *language,
                       struct filter_order *out) MUST_CHECK;

// Reads a list of them.
//
//   errors  INPUT also where one comes twice
bool filter_orders_read(struct scope *s, size_t n, const char *const texts[],
                        const struct filter_language *language,
                        const struct filter_order **out) MUST_CHECK;

// The operator as SQL has it: "=", "<>", "LIKE" …; asserts for lists and NULL.
const char *filter_operator_sql(enum filter_operator op);

#endif
