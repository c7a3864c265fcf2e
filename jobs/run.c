#include <inttypes.h>
#include <string.h>

#include "jobs/model.h"
#include "mlflow/entity.h"
#include "track/compare.h"
#include "track/experiment.h"
#include "track/search.h"

#define EXPERIMENTS_MOST 1000

static void
run_say(const struct job *job, const struct track_run *r)
{
    char started[TIME_TEXT];
    job_say(job, "%s  %-9s %s  %3zu params %4zu metrics  %s", r->run_id, r->status,
            time_format(r->started_ms / 1000, started), r->n_params, r->n_metrics, r->name);
}

// The numbers of the experiment of that name, or of all that are not deleted.
static bool
experiments_find(struct scope *s, struct job *job, const char *name, size_t *n, int64_t ids[])
{
    const struct track_experiment *all;
    struct track_experiment one;
    bool has_more;
    if (name != NULL) {
        if (!track_experiment_find(s, job->db, name, &one))
            return false;
        ids[0] = one.experiment_id;
        *n = 1;
        return true;
    }
    const struct track_page page = {.view = TRACK_VIEW_ACTIVE, .limit = EXPERIMENTS_MOST};
    if (!track_experiment_search(s, job->db, &page, n, &all, &has_more))
        return false;
    for (size_t i = 0; i < *n; i++)
        ids[i] = all[i].experiment_id;
    return true;
}

static bool
runs_list(struct scope *s, struct job *job, const char *experiment, const char *filter,
          int64_t limit)
{
    int64_t *ids = scope_array(s, EXPERIMENTS_MOST, sizeof *ids);
    const struct track_run *runs;
    const struct track_page page = {.filter = filter, .view = TRACK_VIEW_ACTIVE, .limit = limit};
    size_t n_ids, n;
    bool has_more;
    if (limit < 1 || limit > 50000)
        return fail(s, ERROR_USAGE, "--limit is not from 1 to 50000");
    if (!experiments_find(s, job, experiment, &n_ids, ids) ||
        !track_search(s, job->db, n_ids, ids, &page, &n, &runs, &has_more))
        return false;
    json_put_key(job->result, "runs");
    json_array_begin(job->result);
    for (size_t i = 0; i < n; i++) {
        entity_run_put(job->result, &runs[i]);
        run_say(job, &runs[i]);
    }
    json_array_end(job->result);
    json_pair_bool(job->result, "has_more", has_more);
    if (has_more)
        job_say(job, "(there are more: --limit)");
    return true;
}

static bool
run_show(struct scope *s, struct job *job)
{
    struct track_run run;
    if (!track_run_get(s, job->db, job->words[1], &run))
        return false;
    json_put_key(job->result, "run");
    entity_run_put(job->result, &run);
    run_say(job, &run);
    for (size_t i = 0; i < run.n_params; i++)
        job_say(job, "  param   %-28s %s", run.params[i].key, run.params[i].value);
    for (size_t i = 0; i < run.n_metrics; i++)
        job_say(job, "  metric  %-28s %.6g (step %" PRId64 ")", run.metrics[i].key,
                run.metrics[i].value, run.metrics[i].step);
    for (size_t i = 0; i < run.n_tags; i++)
        job_say(job, "  tag     %-28s %s", run.tags[i].key, run.tags[i].value);
    return true;
}

static bool
runs_compare(struct scope *s, struct job *job)
{
    struct track_run runs[2];
    for (size_t i = 0; i < 2; i++)
        if (!track_run_get(s, job->db, job->words[1 + i], &runs[i]))
            return false;
    const struct track_comparison c = track_compare(s, &runs[0], &runs[1]);
    json_pair_text(job->result, "a", runs[0].run_id);
    json_pair_text(job->result, "b", runs[1].run_id);
    track_comparison_write(job->result, &c);
    job_say(job, "%-32s %24.24s %24.24s", "", runs[0].name, runs[1].name);
    comparison_say(job, &c);
    return true;
}

bool
job_run(struct scope *s, struct job *job)
{
    const char *experiment = NULL, *filter = NULL;
    int64_t limit = 20;
    const struct option table[] = {
        {"experiment", OPTION_TEXT, &experiment, "NAME", "list: of this experiment only"},
        {"filter", OPTION_TEXT, &filter, "FILTER", "list: as MLflow's, metrics.rmse < 9"},
        {"limit", OPTION_INT, &limit, "COUNT", "list: at most so many (default 20)"},
        {0},
    };
    const char *verb = job->argc > 0 ? job->argv[0] : "";
    const bool is_show = strcmp(verb, "show") == 0, is_compare = strcmp(verb, "compare") == 0;
    if (!job_begin(s, job, table,
                   is_show      ? "show RUN"
                   : is_compare ? "compare RUN RUN"
                                : "list | show RUN | compare RUN RUN",
                   is_show      ? 2
                   : is_compare ? 3
                                : 1))
        return false;
    if (is_show)
        return run_show(s, job);
    if (is_compare)
        return runs_compare(s, job);
    if (strcmp(job->words[0], "list") == 0)
        return runs_list(s, job, experiment, filter, limit);
    return fail(s, ERROR_USAGE, "airwatch run knows list, show and compare, not \"%.40s\"",
                job->words[0]);
}
