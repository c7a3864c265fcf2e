#include "registry/version.h"

#include <string.h>

#include "jobs/job.h"

static bool
models_show(struct scope *s, struct job *job)
{
    struct model_entry *models;
    size_t n;
    if (!models_list(s, job->db, &n, &models))
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

// Shows all versions of a model in a line each, or the one that `wanted` names, with its recipe.
static bool
versions_show(struct scope *s, struct job *job, const char *model, const char *wanted)
{
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
        job_say(job, "%-10s %-11s %s  %-12s %s", v->version, v->stage, day_format(v->as_of, as_of),
                v->family, v->reason);
        only = v;
    }
    json_array_end(job->result);
    if (wanted == NULL)
        return true;
    if (only == NULL)
        return fail(s, ERROR_MISSING, "model \"%s\" has no version \"%s\"", model, wanted);
    json_put_key(job->result, "recipe");
    json_put_raw(job->result, only->recipe);
    job_say(job, "(its recipe and metrics: --json)");
    return true;
}

bool
job_model(struct scope *s, struct job *job)
{
    const char *version = NULL;
    const struct option table[] = {
        {"version", OPTION_TEXT, &version, "VERSION", "show this version only, as V1.0.3"},
        {0},
    };
    const bool is_show = job->argc > 0 && strcmp(job->argv[0], "show") == 0;
    if (!job_begin(s, job, table, is_show ? "show MODEL" : "list | show MODEL", is_show ? 2 : 1))
        return false;
    if (is_show)
        return versions_show(s, job, job->words[1], version);
    if (strcmp(job->words[0], "list") == 0)
        return models_show(s, job);
    return fail(s, ERROR_USAGE, "airwatch model knows list and show, not \"%s\"", job->words[0]);
}
