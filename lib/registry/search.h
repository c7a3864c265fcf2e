// registry/search.h: what a search of registered models or of versions asks for.
//
// A filter arrives taken apart into clauses, all of which must hold.
#ifndef REGISTRY_SEARCH_H
#define REGISTRY_SEARCH_H

#include <stdint.h>

#include "base/scope.h"

#define SEARCH_ORDER 4 // keys at most; a row has no more that can be asked for

struct search_clause {
    const char
        *what; // "name", "tag"; of versions also "version_number", "run_id", "source_path", "stage"
    const char *key; // of a tag; NULL of others
    const char *
    operator; // "=", "<>", "LIKE", "ILIKE", "IN", "NOT IN"; of numbers "<", "<=", ">", ">="
    const char *value; // text or a decimal number; NULL for lists
    size_t n_values;   // of a list
    const char *const *values;
};

// A key is "name", "created", "updated", of versions also "number"; "-" before it for the greatest
// first. The caller sees to it that the last one settles ties.
struct search {
    size_t n_clauses;
    const struct search_clause *clauses;
    size_t n_order;
    const char *order[SEARCH_ORDER];
    const char *principal; // whom some models are hidden from; NULL for nobody
    int64_t offset, limit;
};

// The clauses and the order as statements take them: JSON, and an array of SEARCH_ORDER keys.
//
//   owner   the scope
const char *search_clauses(struct scope *s, const struct search *search);
const char *search_order(struct scope *s, const struct search *search);

// The value that a clause demands for `what`, "=" alone: it lets an index be used. NULL for none.
const char *search_equal(const struct search *search, const char *what);

// The first clause that demands a value of a tag, "=" alone, or NULL; tags of ours are no rows and
// left out.
const struct search_clause *search_equal_tag(const struct search *search);

// How prompts are meant, which MLflow keeps among models, told by the tag mlflow.prompt.is_prompt:
// they are hidden unless a clause asks for them. A clause that hides them is dropped, as models
// lack the tag: the rest are copied to `kept`, which has room for all.
bool search_wants_prompts(const struct search *search, struct search_clause *kept, size_t *n_kept);

#endif
