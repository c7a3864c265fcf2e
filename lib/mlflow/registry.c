#include "mlflow/registry.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "app/app.h"
#include "flavour/flavour.h"

static void
pair_unless_empty(struct json_writer *w, const char *key, const char *text)
{
    message_pair_text_if(w, key, text[0] == '\0' ? NULL : text);
}

static void
pair_raw_if(struct json_writer *w, const char *key, const char *json)
{
    if (json == NULL)
        return;
    json_put_key(w, key);
    json_put_raw(w, json);
}

void
registry_put_version(struct json_writer *w, const struct model_version *v)
{
    char number[24];
    snprintf(number, sizeof number, "%" PRId64, v->number);
    json_object_begin(w);
    json_pair_text(w, "name", v->model);
    json_pair_text(w, "version", number);
    json_pair_int(w, "creation_timestamp", v->created_ms);
    json_pair_int(w, "last_updated_timestamp", v->updated_ms);
    pair_unless_empty(w, "user_id", v->user);
    json_pair_text(w, "current_stage", v->stage_told);
    pair_unless_empty(w, "description", v->description);
    json_pair_text(w, "source", v->source);
    pair_unless_empty(w, "run_id", v->run_id);
    json_pair_text(w, "status", v->status);
    pair_unless_empty(w, "status_message", v->status_message);
    pair_raw_if(w, "tags", v->tags);
    pair_unless_empty(w, "run_link", v->run_link);
    pair_raw_if(w, "aliases", v->aliases);
    pair_unless_empty(w, "model_id", v->logged_model_id);
    json_object_end(w);
}

void
registry_put_versions(struct json_writer *w, size_t n, const struct model_version versions[])
{
    json_array_begin(w);
    for (size_t i = 0; i < n; i++)
        registry_put_version(w, &versions[i]);
    json_array_end(w);
}

void
registry_put_model(struct json_writer *w, const struct registered_model *m, size_t n,
                   const struct model_version latest[])
{
    json_object_begin(w);
    json_pair_text(w, "name", m->name);
    json_pair_int(w, "creation_timestamp", m->created_ms);
    json_pair_int(w, "last_updated_timestamp", m->updated_ms);
    pair_unless_empty(w, "user_id", m->user);
    pair_unless_empty(w, "description", m->description);
    if (n > 0) {
        json_put_key(w, "latest_versions");
        registry_put_versions(w, n, latest);
    }
    pair_raw_if(w, "tags", m->tags);
    pair_raw_if(w, "aliases", m->aliases);
    json_object_end(w);
}

bool
registry_reply_version(struct scope *s, const struct request *in, const char *model, int64_t number,
                       struct reply *out)
{
    struct model_version v;
    if (!model_version_get(s, in->db, model, number, &v))
        return false;
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    json_put_key(&w, "model_version");
    registry_put_version(&w, &v);
    json_object_end(&w);
    return true;
}

bool
registry_done(struct reply *out)
{
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    json_object_end(&w);
    return true;
}

bool
registry_stage(struct scope *s, const char *text, const char **out)
{
    static const char *const stages[] = {"None", "Staging", "Production", "Archived"};
    for (size_t i = 0; i < sizeof stages / sizeof *stages; i++)
        if (strcasecmp(stages[i], text) == 0) {
            *out = stages[i];
            return true;
        }
    return fail(s, ERROR_INPUT,
                "Invalid Model Version stage: %.60s. Value must be one of None, Staging, "
                "Production, Archived.",
                text);
}

static bool
number_read(struct scope *s, const struct message *m, int64_t *out)
{
    const char *text = NULL;
    if (message_need_int(s, m, "version", out))
        return true;
    struct scope own = {0}; // what was there instead, in MLflow's words
    const bool is_text = message_text(&own, m, "version", &text) && text != NULL && *text != '\0';
    if (is_text && s->kind == ERROR_INPUT) {
        scope_forgive(s);
        fail(s, ERROR_INPUT, "Parameter 'version' must be an integer, got '%.60s'.", text);
    }
    scope_close(&own);
    return false;
}

bool
registry_read(struct scope *s, const struct request *in, const struct message *m,
              enum permission wanted, const char **name, int64_t *number)
{
    return message_need_text(s, m, "name", name) && (number == NULL || number_read(s, m, number)) &&
           permit_model(s, in, *name, wanted);
}

// A version may name a run by its address alone; its files are read for those who may.
static bool
source_permit(struct scope *s, const struct request *in, const struct version *v)
{
    static const char scheme[] = "runs:/";
    if (strncmp(v->source, scheme, sizeof scheme - 1) != 0)
        return true;
    const char *run_id = v->source + sizeof scheme - 1;
    return permit_run(s, in, scope_copy_n(s, run_id, strcspn(run_id, "/")), PERMISSION_READ);
}

bool
registry_permit_move(struct scope *s, const struct request *in, struct version *v,
                     const char *stage)
{
    const bool is_to = strcmp(stage, "production") == 0;
    if (!is_to && strcmp(v->stage, "production") != 0)
        return true;
    return permit_model(s, in, v->model, PERMISSION_MANAGE) &&
           (!is_to || (source_permit(s, in, v) && flavour_take(s, in->db, app_of(in)->store, v)));
}

struct release_move
registry_move(struct scope *s, const struct request *in, const char *by)
{
    return (struct release_move){
        .actor = in->principal,
        .as_of = in->at,
        .evidence = scope_print(s, "{\"mlflow\": \"%s\"}", by),
    };
}

// ---- searches

static struct search_clause
clause_of(const struct filter_clause *c)
{
    return (struct search_clause){
        .what = c->entity == FILTER_TAG ? "tag" : c->key,
        .key = c->entity == FILTER_TAG ? c->key : NULL,
        .operator= c->op == FILTER_IN ? "IN"
        : c->op == FILTER_NOT_IN      ? "NOT IN"
                                      : filter_operator_sql(c->op),
        .value = c->text,
        .n_values = c->n_texts,
        .values = c->texts,
    };
}

// Adds a key to the order, unless what it means is there already.
static void
order_add(struct search *search, const char *key)
{
    const char *means = key + (key[0] == '-');
    for (size_t i = 0; i < search->n_order; i++)
        if (strcmp(search->order[i] + (search->order[i][0] == '-'), means) == 0)
            return;
    search->order[search->n_order++] = key;
}

static bool
order_read(struct scope *s, const struct message *m, const struct registry_language *language,
           struct search *out)
{
    const char *const *texts = NULL;
    const struct filter_order *orders;
    size_t n = 0;
    if (!message_texts(s, m, "order_by", &n, &texts) ||
        !filter_orders_read(s, n, texts, language->order, &orders))
        return false;
    for (size_t i = 0; i < n; i++)
        order_add(out, scope_print(s, "%s%s", orders[i].is_descending ? "-" : "", orders[i].key));
    for (size_t i = 0; n == 0 && i < SEARCH_ORDER && language->default_order[i] != NULL; i++)
        order_add(out, language->default_order[i]);
    for (size_t i = 0; i < 2 && language->tie_break[i] != NULL; i++)
        order_add(out, language->tie_break[i]);
    return true;
}

bool
registry_search_read(struct scope *s, const struct request *in, const struct message *m,
                     const struct registry_language *language, struct search *out)
{
    const char *text = NULL;
    struct filter filter;
    *out = (struct search){.limit = language->default_limit, .principal = permit_principal(in)};
    if (!message_int(s, m, "max_results", &out->limit) || !message_text(s, m, "filter", &text) ||
        !message_offset(s, m, &out->offset))
        return false;
    if (out->limit < 1 || out->limit > language->most)
        return fail(s, ERROR_INPUT,
                    "Invalid value %" PRId64 " for parameter 'max_results' supplied: it must be at "
                    "least 1 and at most %" PRId64,
                    out->limit, language->most);
    if (!filter_read(s, text, language->filter, &filter) || !order_read(s, m, language, out))
        return false;
    struct search_clause *clauses = scope_array(s, filter.n + 1, sizeof *clauses);
    for (size_t i = 0; i < filter.n; i++)
        clauses[i] = clause_of(&filter.clauses[i]);
    out->n_clauses = filter.n;
    out->clauses = clauses;
    out->limit++; // a row that tells whether there is another page
    return true;
}

size_t
registry_page_end(struct scope *s, struct json_writer *w, const struct search *search, size_t n)
{
    const int64_t page = search->limit - 1;
    if ((int64_t)n <= page)
        return n;
    json_pair_text(w, "next_page_token", message_token(s, search->offset + page));
    return (size_t)page;
}
