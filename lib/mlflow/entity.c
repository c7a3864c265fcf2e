#include "mlflow/entity.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "track/limit.h"

bool
entity_pairs_read(struct scope *s, const struct message *m, const char *name, size_t *n,
                  const struct track_pair **out)
{
    const struct message *const *all = NULL;
    *n = 0;
    if (!message_list(s, m, name, n, &all))
        return false;
    struct track_pair *pairs = scope_array(s, *n + 1, sizeof *pairs);
    for (size_t i = 0; i < *n; i++) {
        pairs[i].value = "";
        if (!message_need_text(s, all[i], "key", &pairs[i].key) ||
            !message_text(s, all[i], "value", &pairs[i].value))
            return false;
    }
    *out = pairs;
    return true;
}

bool
entity_metric_read(struct scope *s, const struct message *m, struct track_metric *out)
{
    *out = (struct track_metric){0};
    return message_need_text(s, m, "key", &out->key) &&
           message_need_number(s, m, "value", &out->value) &&
           message_need_int(s, m, "timestamp", &out->at_ms) &&
           message_int(s, m, "step", &out->step) &&
           message_text(s, m, "model_id", &out->model_id) &&
           message_text(s, m, "dataset_name", &out->dataset_name) &&
           message_text(s, m, "dataset_digest", &out->dataset_digest);
}

bool
entity_metrics_read(struct scope *s, const struct message *m, const char *name, size_t *n,
                    const struct track_metric **out)
{
    const struct message *const *all = NULL;
    *n = 0;
    if (!message_list(s, m, name, n, &all))
        return false;
    struct track_metric *metrics = scope_array(s, *n + 1, sizeof *metrics);
    for (size_t i = 0; i < *n; i++)
        if (!entity_metric_read(s, all[i], &metrics[i]))
            return false;
    *out = metrics;
    return true;
}

bool
entity_run_id(struct scope *s, const struct message *m, const char **out)
{
    *out = "";
    if (!message_text(s, m, "run_id", out))
        return false;
    if ((*out)[0] == '\0' && !message_text(s, m, "run_uuid", out))
        return false;
    if ((*out)[0] == '\0')
        return message_missing(s, m, "run_id");
    return limit_run_id(s, "run_id", *out);
}

bool
entity_experiment_id(struct scope *s, const struct message *m, int64_t *out)
{
    const char *text;
    return message_need_text(s, m, "experiment_id", &text) && limit_experiment_id(s, text, out);
}

bool
entity_experiment_ids(struct scope *s, const struct message *m, size_t *n, int64_t **out)
{
    const char *const *texts = NULL;
    *n = 0;
    if (!message_texts(s, m, "experiment_ids", n, &texts))
        return false;
    *out = scope_array(s, *n + 1, sizeof **out);
    for (size_t i = 0; i < *n; i++)
        if (!limit_experiment_id(s, texts[i], &(*out)[i]))
            return false;
    return true;
}

bool
entity_page_read(struct scope *s, const struct message *m, const char *view, int64_t most,
                 struct track_page *page)
{
    static const struct message_name views[] = {{"ACTIVE_ONLY", TRACK_VIEW_ACTIVE},
                                                {"DELETED_ONLY", TRACK_VIEW_DELETED},
                                                {"ALL", TRACK_VIEW_ALL},
                                                {0}};
    int which = TRACK_VIEW_ACTIVE;
    if (!message_text(s, m, "filter", &page->filter) ||
        !message_texts(s, m, "order_by", &page->n_orders, &page->orders) ||
        !message_int(s, m, "max_results", &page->limit) ||
        !message_enum(s, m, view, views, &which) || !message_offset(s, m, &page->offset))
        return false;
    page->view = (enum track_view)which;
    if (page->limit < 1 || page->limit > most)
        return fail(s, ERROR_INPUT,
                    "Invalid value %" PRId64 " for parameter 'max_results' supplied: it must be at "
                    "least 1 and at most %" PRId64,
                    page->limit, most);
    return true;
}

void
entity_pairs_put(struct json_writer *w, const char *name, size_t n, const struct track_pair pairs[])
{
    if (n == 0)
        return;
    json_put_key(w, name);
    json_array_begin(w);
    for (size_t i = 0; i < n; i++) {
        json_object_begin(w);
        json_pair_text(w, "key", pairs[i].key);
        json_pair_text(w, "value", pairs[i].value);
        json_object_end(w);
    }
    json_array_end(w);
}

void
entity_metric_put(struct json_writer *w, const struct track_metric *m)
{
    json_object_begin(w);
    json_pair_text(w, "key", m->key);
    json_put_key(w, "value");
    message_put_number(w, m->value);
    json_pair_int(w, "timestamp", m->at_ms);
    json_pair_int(w, "step", m->step);
    message_pair_text_if(w, "dataset_name", m->dataset_name);
    message_pair_text_if(w, "dataset_digest", m->dataset_digest);
    message_pair_text_if(w, "model_id", m->model_id);
    message_pair_text_if(w, "run_id", m->run_id);
    json_object_end(w);
}

void
entity_number_put(struct json_writer *w, const char *name, int64_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, number);
    json_pair_text(w, name, text);
}

static const char *
stage_of(bool is_active)
{
    return is_active ? "active" : "deleted";
}

void
entity_experiment_put(struct json_writer *w, const struct track_experiment *e)
{
    json_object_begin(w);
    entity_number_put(w, "experiment_id", e->experiment_id);
    json_pair_text(w, "name", e->name);
    json_pair_text(w, "artifact_location", e->artifact_location);
    json_pair_text(w, "lifecycle_stage", stage_of(e->is_active));
    json_pair_int(w, "last_update_time", e->updated_ms);
    json_pair_int(w, "creation_time", e->created_ms);
    entity_pairs_put(w, "tags", e->n_tags, e->tags);
    json_object_end(w);
}

void
entity_info_put(struct json_writer *w, const struct track_run *run)
{
    json_object_begin(w);
    json_pair_text(w, "run_uuid", run->run_id);
    json_pair_text(w, "run_id", run->run_id);
    json_pair_text(w, "run_name", run->name);
    entity_number_put(w, "experiment_id", run->experiment_id);
    json_pair_text(w, "user_id", run->user_id);
    json_pair_text(w, "status", run->status);
    json_pair_int(w, "start_time", run->started_ms);
    if (run->has_ended)
        json_pair_int(w, "end_time", run->ended_ms);
    json_pair_text(w, "artifact_uri", run->artifact_uri);
    json_pair_text(w, "lifecycle_stage", stage_of(run->is_active));
    json_object_end(w);
}

static void
input_put(struct json_writer *w, const struct track_input *input)
{
    json_object_begin(w);
    entity_pairs_put(w, "tags", input->n_tags, input->tags);
    json_put_key(w, "dataset");
    json_object_begin(w);
    json_pair_text(w, "name", input->name);
    json_pair_text(w, "digest", input->digest);
    json_pair_text(w, "source_type", input->source_type);
    json_pair_text(w, "source", input->source);
    message_pair_text_if(w, "schema", input->schema);
    message_pair_text_if(w, "profile", input->profile);
    json_object_end(w);
    json_object_end(w);
}

static void
links_put(struct json_writer *w, const char *name, size_t n, const struct track_link links[],
          bool has_step)
{
    if (n == 0)
        return;
    json_put_key(w, name);
    json_array_begin(w);
    for (size_t i = 0; i < n; i++) {
        json_object_begin(w);
        json_pair_text(w, "model_id", links[i].model_id);
        if (has_step)
            json_pair_int(w, "step", links[i].step);
        json_object_end(w);
    }
    json_array_end(w);
}

static void
data_put(struct json_writer *w, const struct track_run *run)
{
    json_object_begin(w);
    if (run->n_metrics > 0) {
        json_put_key(w, "metrics");
        json_array_begin(w);
        for (size_t i = 0; i < run->n_metrics; i++)
            entity_metric_put(w, &run->metrics[i]);
        json_array_end(w);
    }
    entity_pairs_put(w, "params", run->n_params, run->params);
    entity_pairs_put(w, "tags", run->n_tags, run->tags);
    json_object_end(w);
}

void
entity_run_put(struct json_writer *w, const struct track_run *run)
{
    json_object_begin(w);
    json_put_key(w, "info");
    entity_info_put(w, run);
    json_put_key(w, "data");
    data_put(w, run);
    json_put_key(w, "inputs");
    json_object_begin(w);
    if (run->n_inputs > 0) {
        json_put_key(w, "dataset_inputs");
        json_array_begin(w);
        for (size_t i = 0; i < run->n_inputs; i++)
            input_put(w, &run->inputs[i]);
        json_array_end(w);
    }
    links_put(w, "model_inputs", run->n_models_in, run->models_in, false);
    json_object_end(w);
    json_put_key(w, "outputs");
    json_object_begin(w);
    links_put(w, "model_outputs", run->n_models_out, run->models_out, true);
    json_object_end(w);
    json_object_end(w);
}

bool
entity_empty(struct reply *out)
{
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    json_object_end(&w);
    return true;
}
