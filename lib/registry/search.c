#include "registry/search.h"

#include <string.h>
#include <strings.h>

#include "text/json.h"

#define PROMPT_KEY "mlflow.prompt.is_prompt"

static void
clause_write(struct json_writer *w, const struct search_clause *c)
{
    json_object_begin(w);
    json_pair_text(w, "what", c->what);
    json_pair_text(w, "key", c->key);
    json_pair_text(w, "operator", c->operator);
    json_pair_text(w, "value", c->value);
    json_put_key(w, "list");
    json_array_begin(w);
    for (size_t i = 0; i < c->n_values; i++)
        json_put_text(w, c->values[i]);
    json_array_end(w);
    json_object_end(w);
}

const char *
search_clauses(struct scope *s, const struct search *search)
{
    struct buf text = buf_open(s, 256);
    struct json_writer w = {.out = &text};
    json_array_begin(&w);
    for (size_t i = 0; i < search->n_clauses; i++)
        clause_write(&w, &search->clauses[i]);
    json_array_end(&w);
    return text.text;
}

const char *
search_order(struct scope *s, const struct search *search)
{
    struct buf text = buf_open(s, 64);
    for (size_t i = 0; i < SEARCH_ORDER; i++)
        buf_print(&text, "%c%s", i == 0 ? '{' : ',',
                  i < search->n_order ? search->order[i] : "NULL");
    buf_char(&text, '}');
    return text.text;
}

const char *
search_equal(const struct search *search, const char *what)
{
    for (size_t i = 0; i < search->n_clauses; i++)
        if (strcmp(search->clauses[i].what, what) == 0 &&
            strcmp(search->clauses[i].operator, "=") == 0)
            return search->clauses[i].value;
    return NULL;
}

const struct search_clause *
search_equal_tag(const struct search *search)
{
    for (size_t i = 0; i < search->n_clauses; i++) {
        const struct search_clause *c = &search->clauses[i];
        if (strcmp(c->what, "tag") == 0 && strcmp(c->operator, "=") == 0 &&
            strncmp(c->key, "airwatch.", strlen("airwatch.")) != 0)
            return c;
    }
    return NULL;
}

bool
search_wants_prompts(const struct search *search, struct search_clause *kept, size_t *n_kept)
{
    bool is_wanted = false;
    *n_kept = 0;
    for (size_t i = 0; i < search->n_clauses; i++) {
        const struct search_clause *c = &search->clauses[i];
        if (strcmp(c->what, "tag") == 0 && strcmp(c->key, PROMPT_KEY) == 0 && c->value != NULL) {
            const bool is_true = strcasecmp(c->value, "true") == 0;
            if (is_true == (strcmp(c->operator, "<>") == 0))
                continue;
            is_wanted = true;
        }
        kept[(*n_kept)++] = *c;
    }
    return is_wanted;
}
