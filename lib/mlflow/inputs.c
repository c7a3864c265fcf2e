#include "mlflow/handlers.h"

#include "mlflow/entity.h"
#include "mlflow/permit.h"
#include "track/input.h"
#include "track/log.h"

// Reads a list of {model_id, step} of logged models that the caller may see.
static bool
links_read(struct scope *s, const struct request *in, const struct message *m, size_t *n,
           const struct track_link **out)
{
    const struct message *const *all = NULL;
    *n = 0;
    if (!message_list(s, m, "models", n, &all))
        return false;
    struct track_link *links = scope_array(s, *n + 1, sizeof *links);
    for (size_t i = 0; i < *n; i++)
        if (!message_need_text(s, all[i], "model_id", &links[i].model_id) ||
            !message_int(s, all[i], "step", &links[i].step) ||
            !permit_logged(s, in, links[i].model_id, PERMISSION_READ))
            return false;
    *out = links;
    return true;
}

static bool
input_read(struct scope *s, const struct message *m, struct track_input *out)
{
    const struct message *dataset = NULL;
    if (!message_nested(s, m, "dataset", &dataset))
        return false;
    if (dataset == NULL)
        return message_missing(s, m, "dataset");
    return message_need_text(s, dataset, "name", &out->name) &&
           message_need_text(s, dataset, "digest", &out->digest) &&
           message_need_text(s, dataset, "source_type", &out->source_type) &&
           message_need_text(s, dataset, "source", &out->source) &&
           message_text(s, dataset, "schema", &out->schema) &&
           message_text(s, dataset, "profile", &out->profile) &&
           entity_pairs_read(s, m, "tags", &out->n_tags, &out->tags);
}

bool
runs_log_inputs(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    const struct message *const *datasets = NULL;
    const struct track_link *links;
    const char *run_id;
    size_t n = 0, n_links;
    if (!message_read(s, in, &m) || !entity_run_id(s, m, &run_id) ||
        !permit_run(s, in, run_id, PERMISSION_EDIT) ||
        !message_list(s, m, "datasets", &n, &datasets) || !links_read(s, in, m, &n_links, &links))
        return false;
    struct track_input *inputs = scope_array(s, n + 1, sizeof *inputs);
    for (size_t i = 0; i < n; i++)
        if (!input_read(s, datasets[i], &inputs[i]))
            return false;
    return db_begin(s, in->db) && track_inputs_log(s, in->db, run_id, n, inputs) &&
           track_models_link(s, in->db, run_id, false, n_links, links) && db_commit(s, in->db) &&
           entity_empty(out);
}

bool
runs_log_outputs(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    const struct track_link *links;
    const char *run_id;
    size_t n;
    if (!message_read(s, in, &m) || !entity_run_id(s, m, &run_id) ||
        !permit_run(s, in, run_id, PERMISSION_EDIT) || !links_read(s, in, m, &n, &links))
        return false;
    if (n == 0)
        return message_missing(s, m, "models");
    return track_models_link(s, in->db, run_id, true, n, links) && entity_empty(out);
}

bool
runs_log_model(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    const char *run_id, *model;
    return message_read(s, in, &m) && entity_run_id(s, m, &run_id) &&
           message_need_text(s, m, "model_json", &model) &&
           permit_run(s, in, run_id, PERMISSION_EDIT) &&
           track_log_model(s, in->db, run_id, model) && entity_empty(out);
}

bool
experiments_search_datasets(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    const struct track_dataset *found;
    const char *const *texts = NULL;
    int64_t *experiments;
    size_t n_experiments = 0, n;
    if (!message_read(s, in, &m) || !message_texts(s, m, "experiment_ids", &n_experiments, &texts))
        return false;
    if (n_experiments == 0)
        return fail(s, ERROR_INPUT,
                    "SearchDatasets request must specify at least one experiment_id.");
    if (n_experiments > INPUT_EXPERIMENTS)
        return fail(s, ERROR_INPUT,
                    "SearchDatasets request cannot specify more than %d experiment_ids. Received "
                    "%zu experiment_ids.",
                    INPUT_EXPERIMENTS, n_experiments);
    if (!entity_experiment_ids(s, m, &n_experiments, &experiments) ||
        !permit_readable(s, in, &n_experiments, experiments) ||
        !track_datasets_search(s, in->db, n_experiments, experiments, &n, &found))
        return false;
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    if (n > 0) {
        json_put_key(&w, "dataset_summaries");
        json_array_begin(&w);
        for (size_t i = 0; i < n; i++) {
            json_object_begin(&w);
            entity_number_put(&w, "experiment_id", found[i].experiment_id);
            json_pair_text(&w, "name", found[i].name);
            json_pair_text(&w, "digest", found[i].digest);
            message_pair_text_if(&w, "context", found[i].context);
            json_object_end(&w);
        }
        json_array_end(&w);
    }
    json_object_end(&w);
    return true;
}
