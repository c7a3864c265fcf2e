#include <inttypes.h>
#include <string.h>

#include "jobs/model.h"
#include "registry/lineage.h"
#include "track/compare.h"

bool
model_list_show(struct scope *s, struct job *job)
{
    struct model_entry *models;
    size_t n;
    if (!models_list(s, job->db, NULL, &n, &models))
        return false;
    json_put_key(job->result, "models");
    json_array_begin(job->result);
    for (size_t i = 0; i < n; i++) {
        const struct model_entry *m = &models[i];
        json_object_begin(job->result);
        json_pair_text(job->result, "model", m->model);
        json_pair_text(job->result, "description", m->description);
        json_pair_text(job->result, "in_production",
                       *m->in_production == '\0' ? NULL : m->in_production);
        json_pair_int(job->result, "n_versions", m->n_versions);
        json_object_end(job->result);
        job_say(job, "%-24s %-10s %4lld versions  %s", m->model,
                *m->in_production == '\0' ? "-" : m->in_production, (long long)m->n_versions,
                m->description);
    }
    json_array_end(job->result);
    if (n == 0)
        job_say(job, "there is no model yet; make one by: airwatch train RECIPE.json");
    return true;
}

// All versions of a model in a line each, or the one that `wanted` names, with its recipe.
bool
model_show(struct scope *s, struct job *job, const char *wanted)
{
    const char *model = job->words[1];
    struct version *versions;
    size_t n;
    if (!versions_of_model(s, job->db, model, &n, &versions))
        return false;
    const struct version *only = NULL;
    json_pair_text(job->result, "model", model);
    json_put_key(job->result, "versions");
    json_array_begin(job->result);
    for (size_t i = 0; i < n; i++) {
        const struct version *v = &versions[i];
        char as_of[DAY_TEXT];
        if (wanted != NULL && strcmp(wanted, v->version) != 0)
            continue;
        version_write(job->result, v);
        job_say(job, "%-10s %-11s %s  %-12s %s", v->version, v->stage,
                v->has_day ? day_format(v->as_of, as_of) : "-         ", v->family, v->reason);
        only = v;
    }
    json_array_end(job->result);
    if (wanted == NULL)
        return true;
    if (only == NULL)
        return fail(s, ERROR_MISSING, "model \"%s\" has no version \"%s\"", model, wanted);
    json_put_key(job->result, "recipe");
    json_put_raw(job->result, only->recipe[0] == '\0' ? "null" : only->recipe);
    job_say(job, "(its recipe and metrics: --json)");
    return true;
}

// One line for each step from the data to what came of the predictions.
static void
lineage_say(const struct job *job, const struct version *v, const struct lineage *l)
{
    const struct rows *o = l->origin, *a = l->accuracy;
    if (rows_is_null(o, 0, "dataset_id"))
        job_say(job, "dataset      none of ours");
    else
        job_say(job, "dataset      %s: %s rows, %s to %s, of %s raw objects",
                rows_text(o, 0, "dataset_id"), rows_text(o, 0, "n_rows"),
                rows_text(o, 0, "first_day"), rows_text(o, 0, "last_day"),
                rows_text(o, 0, "n_objects"));
    job_say(job, "run          %s%s%s", v->run_id[0] == '\0' ? "none" : v->run_id,
            rows_is_null(o, 0, "run_id") ? "" : " in ", rows_text(o, 0, "experiment"));
    job_say(job, "version      %s, number %d, %s %s", v->version, v->number, v->stage, v->source);
    for (size_t i = 0; i < rows_count(l->releases); i++)
        job_say(job, "release      %s  %s -> %s by %s", rows_text(l->releases, i, "as_of"),
                rows_text(l->releases, i, "from_stage"), rows_text(l->releases, i, "to_stage"),
                rows_text(l->releases, i, "actor"));
    for (size_t i = 0; i < rows_count(l->predictions); i++)
        job_say(job, "predictions  %s %s, the last at %s", rows_text(l->predictions, i, "n"),
                rows_text(l->predictions, i, "kind"), rows_text(l->predictions, i, "last_made_at"));
    if (rows_count(a) > 0)
        job_say(job, "outcomes     %s; over %s days to %s: RMSE %.3g of %s",
                rows_text(a, 0, "n_outcomes"), rows_text(a, 0, "window_days"),
                rows_text(a, 0, "as_of"), rows_number(a, 0, "rmse"), rows_text(a, 0, "n"));
}

bool
model_lineage(struct scope *s, struct job *job)
{
    struct version v;
    struct lineage lineage;
    if (!version_by_name(s, job->db, job->words[1], job->words[2], &v) ||
        !lineage_read(s, job->db, &v, &lineage))
        return false;
    json_pair_text(job->result, "model", v.model);
    json_pair_text(job->result, "version", v.version);
    json_put_key(job->result, "lineage");
    lineage_write(job->result, &v, &lineage);
    lineage_say(job, &v, &lineage);
    return true;
}

bool
model_compare(struct scope *s, struct job *job)
{
    struct version v[2];
    struct track_run runs[2];
    for (size_t i = 0; i < 2; i++)
        if (!version_by_name(s, job->db, job->words[1], job->words[2 + i], &v[i]) ||
            !track_run_of(s, job->db, v[i].run_id, &runs[i]))
            return false;
    const struct track_comparison c = track_compare(s, &runs[0], &runs[1]);
    json_pair_text(job->result, "model", v[0].model);
    json_put_key(job->result, "a");
    version_write(job->result, &v[0]);
    json_put_key(job->result, "b");
    version_write(job->result, &v[1]);
    track_comparison_write(job->result, &c);
    job_say(job, "%-32s %24s %24s", "", v[0].version, v[1].version);
    job_say(job, "%-32s %24s %24s", "stage", v[0].stage, v[1].stage);
    job_say(job, "%-32s %24s %24s", "family", v[0].family, v[1].family);
    comparison_say(job, &c);
    return true;
}
