#include "mlflow/handlers.h"

#include "base/time.h"
#include "mlflow/entity.h"
#include "mlflow/permit.h"
#include "track/limit.h"
#include "track/log.h"
#include "track/search.h"

#define RUNS_PAGE 1000 // when nobody says how many
#define RUNS_MOST 50000

static bool
run_reply(struct reply *out, const struct track_run *run)
{
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    json_put_key(&w, "run");
    entity_run_put(&w, run);
    json_object_end(&w);
    return true;
}

// Reads the run that a message names, and demands a permission on it.
static bool
named_read(struct scope *s, const struct request *in, enum permission wanted,
           const struct message **m, const char **run_id)
{
    return message_read(s, in, m) && entity_run_id(s, *m, run_id) &&
           permit_run(s, in, *run_id, wanted);
}

bool
runs_create(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    const char *experiment = "0";
    struct track_run run;
    struct track_run_wish wish = {.user_id = "", .started_ms = time_now_ms()};
    if (!message_read(s, in, &m) || !message_text(s, m, "experiment_id", &experiment) ||
        !limit_experiment_id(s, experiment[0] == '\0' ? "0" : experiment, &wish.experiment_id) ||
        !permit_experiment(s, in, wish.experiment_id, PERMISSION_EDIT) ||
        !message_text(s, m, "run_name", &wish.name) ||
        !message_text(s, m, "user_id", &wish.user_id) ||
        !message_int(s, m, "start_time", &wish.started_ms) ||
        !entity_pairs_read(s, m, "tags", &wish.n_tags, &wish.tags))
        return false;
    return track_run_create(s, in->db, &wish, &run) && run_reply(out, &run);
}

bool
runs_get(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    const char *run_id;
    struct track_run run;
    return named_read(s, in, PERMISSION_READ, &m, &run_id) &&
           track_run_get(s, in->db, run_id, &run) && run_reply(out, &run);
}

bool
runs_update(struct scope *s, const struct request *in, struct reply *out)
{
    static const struct message_name statuses[] = {
        {"RUNNING", 1}, {"SCHEDULED", 2}, {"FINISHED", 3}, {"FAILED", 4}, {"KILLED", 5}, {0}};
    const struct message *m;
    const char *run_id;
    int status = 0;
    int64_t ended_ms = 0;
    struct track_run run;
    struct track_run_change change = {0};
    if (!named_read(s, in, PERMISSION_EDIT, &m, &run_id) ||
        !message_enum(s, m, "status", statuses, &status) ||
        !message_int(s, m, "end_time", &ended_ms) || !message_text(s, m, "run_name", &change.name))
        return false;
    change.status = status == 0 ? NULL : statuses[status - 1].name;
    change.ended = message_has(m, "end_time") ? &ended_ms : NULL;
    if (!track_run_update(s, in->db, run_id, &change, &run))
        return false;
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    json_put_key(&w, "run_info");
    entity_info_put(&w, &run);
    json_object_end(&w);
    return true;
}

bool
runs_delete(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    const char *run_id;
    return named_read(s, in, PERMISSION_MANAGE, &m, &run_id) &&
           track_run_delete(s, in->db, run_id) && entity_empty(out);
}

bool
runs_restore(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    const char *run_id;
    return named_read(s, in, PERMISSION_MANAGE, &m, &run_id) &&
           track_run_restore(s, in->db, run_id) && entity_empty(out);
}

// Whoever says that a metric is about a logged model must be allowed to see that one.
static bool
models_permit(struct scope *s, const struct request *in, size_t n,
              const struct track_metric metrics[])
{
    for (size_t i = 0; i < n; i++)
        if (metrics[i].model_id != NULL &&
            !permit_logged(s, in, metrics[i].model_id, PERMISSION_READ))
            return false;
    return true;
}

bool
runs_log_metric(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    const char *run_id;
    struct track_metric metric;
    return named_read(s, in, PERMISSION_EDIT, &m, &run_id) && entity_metric_read(s, m, &metric) &&
           models_permit(s, in, 1, &metric) &&
           track_log(
               s, in->db, run_id,
               &(struct track_batch){.n_metrics = 1, .metrics = &metric, .is_single = true}) &&
           entity_empty(out);
}

// Reads {key, value} from the fields of a message.
static bool
pair_read(struct scope *s, const struct message *m, struct track_pair *out)
{
    out->value = "";
    return message_need_text(s, m, "key", &out->key) && message_text(s, m, "value", &out->value);
}

bool
runs_log_param(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    const char *run_id;
    struct track_pair param;
    return named_read(s, in, PERMISSION_EDIT, &m, &run_id) && pair_read(s, m, &param) &&
           track_log(s, in->db, run_id,
                     &(struct track_batch){.n_params = 1, .params = &param, .is_single = true}) &&
           entity_empty(out);
}

bool
runs_set_tag(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    const char *run_id;
    struct track_pair tag;
    return named_read(s, in, PERMISSION_EDIT, &m, &run_id) && pair_read(s, m, &tag) &&
           track_log(s, in->db, run_id,
                     &(struct track_batch){.n_tags = 1, .tags = &tag, .is_single = true}) &&
           entity_empty(out);
}

bool
runs_delete_tag(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    const char *run_id, *key;
    return named_read(s, in, PERMISSION_EDIT, &m, &run_id) &&
           message_need_text(s, m, "key", &key) && track_tag_delete(s, in->db, run_id, key) &&
           entity_empty(out);
}

bool
runs_log_batch(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    const char *run_id;
    struct track_batch batch = {0};
    return named_read(s, in, PERMISSION_EDIT, &m, &run_id) &&
           entity_metrics_read(s, m, "metrics", &batch.n_metrics, &batch.metrics) &&
           models_permit(s, in, batch.n_metrics, batch.metrics) &&
           entity_pairs_read(s, m, "params", &batch.n_params, &batch.params) &&
           entity_pairs_read(s, m, "tags", &batch.n_tags, &batch.tags) &&
           track_log(s, in->db, run_id, &batch) && entity_empty(out);
}

bool
runs_search(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    const struct track_run *found;
    struct track_page page = {.limit = RUNS_PAGE, .principal = permit_principal(in)};
    int64_t *experiments;
    size_t n_experiments, n;
    bool has_more;
    if (!message_read(s, in, &m) || !entity_experiment_ids(s, m, &n_experiments, &experiments) ||
        !entity_page_read(s, m, "run_view_type", RUNS_MOST, &page) ||
        !permit_readable(s, in, &n_experiments, experiments) ||
        !track_search(s, in->db, n_experiments, experiments, &page, &n, &found, &has_more))
        return false;
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    if (n > 0) {
        json_put_key(&w, "runs");
        json_array_begin(&w);
        for (size_t i = 0; i < n; i++)
            entity_run_put(&w, &found[i]);
        json_array_end(&w);
    }
    if (has_more)
        json_pair_text(&w, "next_page_token", message_token(s, page.offset + page.limit));
    json_object_end(&w);
    return true;
}
