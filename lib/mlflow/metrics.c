#include "mlflow/handlers.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "mlflow/entity.h"
#include "mlflow/permit.h"
#include "track/history.h"

#define SAMPLE_MOST 2500 // points of one run

static void
metrics_put(struct json_writer *w, size_t n, const struct track_metric points[])
{
    if (n == 0)
        return;
    json_put_key(w, "metrics");
    json_array_begin(w);
    for (size_t i = 0; i < n; i++)
        entity_metric_put(w, &points[i]);
    json_array_end(w);
}

bool
metrics_get_history(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    const char *run_id, *key;
    const struct track_metric *points;
    int64_t most = 0, offset;
    size_t n;
    if (!message_read(s, in, &m) || !entity_run_id(s, m, &run_id) ||
        !message_need_text(s, m, "metric_key", &key) || !message_int(s, m, "max_results", &most) ||
        !message_offset(s, m, &offset) || !permit_run(s, in, run_id, PERMISSION_READ))
        return false;
    if (message_has(m, "max_results") && most <= 0)
        return fail(s, ERROR_INPUT,
                    "Invalid value %" PRId64 " for parameter 'max_results' supplied: it must be a "
                    "positive integer",
                    most);
    const bool has_page = most > 0 && most < INT64_MAX;
    if (!track_history(s, in->db, run_id, key, (const int64_t[]){has_page ? most + 1 : 0, offset},
                       &n, &points))
        return false;
    const bool has_more = has_page && n > (size_t)most;
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    metrics_put(&w, has_more ? (size_t)most : n, points);
    if (has_more)
        json_pair_text(&w, "next_page_token", message_token(s, offset + most));
    json_object_end(&w);
    return true;
}

static bool
runs_permit(struct scope *s, const struct request *in, size_t n, const char *const run_ids[])
{
    for (size_t i = 0; i < n; i++)
        if (!permit_run(s, in, run_ids[i], PERMISSION_READ))
            return false;
    return true;
}

bool
metrics_get_history_bulk(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    const char *const *run_ids = NULL, *key = "";
    const struct track_metric *points;
    int64_t most = HISTORY_PAGE;
    size_t n_runs = 0, n;
    if (!message_read(s, in, &m) || !message_texts(s, m, "run_id", &n_runs, &run_ids) ||
        !message_text(s, m, "metric_key", &key) || !message_int(s, m, "max_results", &most))
        return false;
    if (n_runs == 0)
        return fail(s, ERROR_INPUT,
                    "GetMetricHistoryBulk request must specify at least one run_id.");
    if (n_runs > HISTORY_RUNS)
        return fail(s, ERROR_INPUT,
                    "GetMetricHistoryBulk request cannot specify more than %d run_ids. Received "
                    "%zu run_ids.",
                    HISTORY_RUNS, n_runs);
    if (key[0] == '\0')
        return fail(s, ERROR_INPUT, "GetMetricHistoryBulk request must specify a metric_key.");
    if (most < 0)
        return fail(s, ERROR_INPUT,
                    "Invalid value %" PRId64 " for parameter 'max_results' supplied: it must not "
                    "be negative",
                    most);
    if (!runs_permit(s, in, n_runs, run_ids) ||
        !track_history_bulk(s, in->db, n_runs, run_ids, key,
                            most < HISTORY_PAGE ? most : HISTORY_PAGE, &n, &points))
        return false;
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    if (n == 0) {
        json_put_key(&w, "metrics");
        json_array_begin(&w);
        json_array_end(&w);
    }
    metrics_put(&w, n, points);
    json_object_end(&w);
    return true;
}

// Reads the steps between which is looked, both or none.
static bool
steps_read(struct scope *s, const struct message *m, int64_t steps[2], bool *has_steps)
{
    if (!message_int(s, m, "start_step", &steps[0]) || !message_int(s, m, "end_step", &steps[1]))
        return false;
    *has_steps = message_has(m, "start_step") && message_has(m, "end_step");
    if (message_has(m, "start_step") != message_has(m, "end_step"))
        return fail(s, ERROR_INPUT,
                    "If either start step or end step are specified, both must be specified.");
    return !*has_steps || steps[0] <= steps[1] ||
           fail(s, ERROR_INPUT,
                "end_step must be greater than start_step. Found start_step=%" PRId64
                " and end_step=%" PRId64 ".",
                steps[0], steps[1]);
}

bool
metrics_get_history_sample(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    const struct track_metric *points;
    struct track_sample sample = {.limit = SAMPLE_MOST};
    int64_t steps[2] = {0, 0};
    size_t n;
    bool has_steps;
    if (!message_read(s, in, &m) ||
        !message_texts(s, m, "run_ids", &sample.n_runs, &sample.run_ids))
        return false;
    if (sample.n_runs == 0)
        return message_missing(s, m, "run_ids");
    if (sample.n_runs > HISTORY_RUNS)
        return fail(s, ERROR_INPUT,
                    "GetMetricHistoryBulkInterval request must specify at most %d run_ids. "
                    "Received %zu run_ids.",
                    HISTORY_RUNS, sample.n_runs);
    if (!message_need_text(s, m, "metric_key", &sample.key) ||
        !message_int(s, m, "max_results", &sample.limit) || !steps_read(s, m, steps, &has_steps))
        return false;
    if (sample.limit < 1 || sample.limit > SAMPLE_MOST)
        return fail(s, ERROR_INPUT, "max_results must be between 1 and %d.", SAMPLE_MOST);
    sample.steps = has_steps ? steps : NULL;
    if (!runs_permit(s, in, sample.n_runs, sample.run_ids) ||
        !track_history_sample(s, in->db, &sample, &n, &points))
        return false;
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    metrics_put(&w, n, points);
    json_object_end(&w);
    return true;
}
