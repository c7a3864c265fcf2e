#include "mlflow/handlers.h"

#include <string.h>

#include "base/hash.h"
#include "base/time.h"
#include "mlflow/entity.h"
#include "mlflow/permit.h"
#include "track/logged.h"

#define MODELS_PAGE 50 // when nobody says how many
#define MODELS_MOST 1000

static const struct message_name statuses[] = {{"LOGGED_MODEL_STATUS_UNSPECIFIED", 0},
                                               {"LOGGED_MODEL_PENDING", LOGGED_PENDING},
                                               {"LOGGED_MODEL_READY", LOGGED_READY},
                                               {"LOGGED_MODEL_UPLOAD_FAILED", LOGGED_FAILED},
                                               {0}};

static void
model_put(struct json_writer *w, const struct track_logged *model)
{
    json_object_begin(w);
    json_put_key(w, "info");
    json_object_begin(w);
    json_pair_text(w, "model_id", model->model_id);
    entity_number_put(w, "experiment_id", model->experiment_id);
    json_pair_text(w, "name", model->name);
    json_pair_int(w, "creation_timestamp_ms", model->created_ms);
    json_pair_int(w, "last_updated_timestamp_ms", model->updated_ms);
    json_pair_text(w, "artifact_uri", model->artifact_uri);
    json_pair_text(w, "status", statuses[model->status].name);
    message_pair_text_if(w, "model_type", model->model_type);
    message_pair_text_if(w, "source_run_id", model->source_run_id);
    message_pair_text_if(w, "status_message", model->status_message);
    entity_pairs_put(w, "tags", model->n_tags, model->tags);
    json_object_end(w);
    json_put_key(w, "data");
    json_object_begin(w);
    entity_pairs_put(w, "params", model->n_params, model->params);
    if (model->n_metrics > 0) {
        json_put_key(w, "metrics");
        json_array_begin(w);
        for (size_t i = 0; i < model->n_metrics; i++)
            entity_metric_put(w, &model->metrics[i]);
        json_array_end(w);
    }
    json_object_end(w);
    json_object_end(w);
}

static bool
model_reply(struct reply *out, const struct track_logged *model)
{
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    json_put_key(&w, "model");
    model_put(&w, model);
    json_object_end(&w);
    return true;
}

// Reads a message about the model in the path, and demands a permission on its experiment.
static bool
named_read(struct scope *s, const struct request *in, enum permission wanted,
           const struct message **m, const char **model_id)
{
    int64_t experiment_id;
    *model_id = in->parts[0];
    return message_read(s, in, m) &&
           track_logged_experiment(s, in->db, *model_id, &experiment_id) &&
           permit_experiment(s, in, experiment_id, wanted);
}

bool
logged_models_create(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    struct track_logged model;
    struct track_logged_wish wish = {.at_ms = time_now_ms()};
    return message_read(s, in, &m) && entity_experiment_id(s, m, &wish.experiment_id) &&
           permit_experiment(s, in, wish.experiment_id, PERMISSION_EDIT) &&
           message_text(s, m, "name", &wish.name) &&
           message_text(s, m, "model_type", &wish.model_type) &&
           message_text(s, m, "source_run_id", &wish.source_run_id) &&
           entity_pairs_read(s, m, "params", &wish.n_params, &wish.params) &&
           entity_pairs_read(s, m, "tags", &wish.n_tags, &wish.tags) &&
           track_logged_create(s, in->db, &wish, &model) && model_reply(out, &model);
}

bool
logged_models_get(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    const char *id;
    struct track_logged model;
    bool may_be_deleted = false;
    return named_read(s, in, PERMISSION_READ, &m, &id) &&
           message_bool(s, m, "allow_deleted", &may_be_deleted) &&
           track_logged_get(s, in->db, id, may_be_deleted, &model) && model_reply(out, &model);
}

bool
logged_models_finish(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    const char *id;
    struct track_logged model;
    int status = 0;
    if (!named_read(s, in, PERMISSION_EDIT, &m, &id) ||
        !message_enum(s, m, "status", statuses, &status))
        return false;
    if (!message_has(m, "status"))
        return message_missing(s, m, "status");
    if (status == 0)
        return fail(s, ERROR_INPUT,
                    "Invalid value \"LOGGED_MODEL_STATUS_UNSPECIFIED\" for parameter 'status' "
                    "supplied: a model cannot be finished so");
    return track_logged_finish(s, in->db, id, (enum track_logged_status)status, time_now_ms()) &&
           track_logged_get(s, in->db, id, false, &model) && model_reply(out, &model);
}

bool
logged_models_delete(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    const char *id;
    return named_read(s, in, PERMISSION_MANAGE, &m, &id) &&
           track_logged_delete(s, in->db, id, time_now_ms()) && entity_empty(out);
}

bool
logged_models_set_tags(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    const char *id;
    const struct track_pair *tags;
    size_t n;
    return named_read(s, in, PERMISSION_EDIT, &m, &id) &&
           entity_pairs_read(s, m, "tags", &n, &tags) &&
           track_logged_tags(s, in->db, id, n, tags) && entity_empty(out);
}

bool
logged_models_delete_tag(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    const char *id;
    return named_read(s, in, PERMISSION_EDIT, &m, &id) &&
           track_logged_untag(s, in->db, id, in->rest) && entity_empty(out);
}

bool
logged_models_log_params(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    const char *id;
    const struct track_pair *params;
    size_t n;
    return named_read(s, in, PERMISSION_EDIT, &m, &id) &&
           entity_pairs_read(s, m, "params", &n, &params) &&
           track_logged_params(s, in->db, id, n, params) && entity_empty(out);
}

static bool
datasets_read(struct scope *s, const struct message *m, struct track_logged_page *page)
{
    const struct message *const *all = NULL;
    if (!message_list(s, m, "datasets", &page->n_datasets, &all))
        return false;
    struct track_dataset_choice *choices = scope_array(s, page->n_datasets + 1, sizeof *choices);
    for (size_t i = 0; i < page->n_datasets; i++) {
        if (!message_need_text(s, all[i], "dataset_name", &choices[i].name) ||
            !message_text(s, all[i], "dataset_digest", &choices[i].digest))
            return false;
        if (choices[i].digest != NULL && choices[i].digest[0] == '\0')
            choices[i].digest = NULL;
    }
    page->datasets = choices;
    return true;
}

static bool
orders_read(struct scope *s, const struct message *m, struct track_logged_page *page)
{
    const struct message *const *all = NULL;
    if (!message_list(s, m, "order_by", &page->n_orders, &all))
        return false;
    struct track_logged_order *orders = scope_array(s, page->n_orders + 1, sizeof *orders);
    for (size_t i = 0; i < page->n_orders; i++) {
        bool is_ascending = true;
        if (!message_need_text(s, all[i], "field_name", &orders[i].field) ||
            !message_bool(s, all[i], "ascending", &is_ascending) ||
            !message_text(s, all[i], "dataset_name", &orders[i].dataset.name) ||
            !message_text(s, all[i], "dataset_digest", &orders[i].dataset.digest))
            return false;
        orders[i].is_descending = !is_ascending;
    }
    page->orders = orders;
    return true;
}

// What a search asks for, so that a page token goes with no other.
static const char *
page_mark(struct scope *s, const struct track_logged_page *page)
{
    char digest[HASH_TEXT];
    struct buf all = buf_open(s, 512);
    for (size_t i = 0; i < page->n_experiments; i++)
        buf_print(&all, "%lld ", (long long)page->experiments[i]);
    buf_print(&all, "\n%s", page->filter == NULL ? "" : page->filter);
    for (size_t i = 0; i < page->n_orders; i++)
        buf_print(&all, "\n%s %d", page->orders[i].field, page->orders[i].is_descending);
    return scope_copy_n(s, hash_bytes(all.text, all.n, digest), 32);
}

bool
logged_models_search(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    const struct track_logged *found;
    struct track_logged_page page = {.limit = MODELS_PAGE, .principal = permit_principal(in)};
    int64_t *experiments;
    size_t n;
    bool has_more;
    if (!message_read(s, in, &m) || !entity_experiment_ids(s, m, &page.n_experiments, &experiments))
        return false;
    if (page.n_experiments == 0)
        return message_missing(s, m, "experiment_ids");
    page.experiments = experiments;
    if (!message_text(s, m, "filter", &page.filter) ||
        !message_int(s, m, "max_results", &page.limit) || !datasets_read(s, m, &page) ||
        !orders_read(s, m, &page))
        return false;
    const char *mark = page_mark(s, &page);
    if (!message_offset_of(s, m, mark, &page.offset))
        return false;
    if (page.limit < 1 || page.limit > MODELS_MOST)
        return fail(s, ERROR_INPUT,
                    "Invalid value %lld for parameter 'max_results' supplied: it must be at least "
                    "1 and at most %d",
                    (long long)page.limit, MODELS_MOST);
    if (!track_logged_search(s, in->db, &page, &n, &found, &has_more))
        return false;
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    if (n > 0) {
        json_put_key(&w, "models");
        json_array_begin(&w);
        for (size_t i = 0; i < n; i++)
            model_put(&w, &found[i]);
        json_array_end(&w);
    }
    if (has_more)
        json_pair_text(&w, "next_page_token", message_token_of(s, page.offset + page.limit, mark));
    json_object_end(&w);
    return true;
}
