#include "learn/train.h"

#include <math.h>
#include <string.h>

#include "jobs/job.h"

#define RECIPE_BYTES (1 << 20)

// The candidates' table, for a person.
static bool
candidates_say(struct scope *s, const struct job *job, const char *metrics)
{
    const struct json *list, *root = json_parse(s, metrics, strlen(metrics));
    if (root == NULL || !json_array(s, root, "candidates", &list))
        return false;
    job_say(job, "%-14s %10s %10s %10s %8s %8s", "family", "validation", "test RMSE", "MAE", "R2",
            "skill");
    for (const struct json *c = json_first(list); c != NULL; c = json_next(c)) {
        const char *family;
        double validation, rmse, mae, r2, skill;
        bool is_chosen;
        if (!json_text(s, c, "family", &family) || !json_bool(s, c, "chosen", &is_chosen) ||
            !json_number(s, c, "validation_rmse", &validation) ||
            !json_number(s, c, "rmse", &rmse) || !json_number(s, c, "mae", &mae))
            return false;
        const struct json *r2_value = json_find(c, "r2"), *skill_value = json_find(c, "skill");
        r2 = json_kind(r2_value) == JSON_NUMBER ? json_as_number(r2_value) : NAN;
        skill = json_kind(skill_value) == JSON_NUMBER ? json_as_number(skill_value) : NAN;
        job_say(job, "%-14s %10.4g %10.4g %10.4g %8.3f %8.3f%s", family, validation, rmse, mae, r2,
                skill, is_chosen ? "  <- chosen" : "");
    }
    return true;
}

bool
job_train(struct scope *s, struct job *job)
{
    struct str text;
    struct recipe recipe;
    struct train_summary trained;
    if (!job_begin(s, job, NULL, "RECIPE.json", 1) ||
        !job_read_word(s, job, 0, RECIPE_BYTES, &text))
        return false;
    if (!recipe_read(s, text, &recipe))
        return explain(s, "%s", job->words[0]);
    const struct train_request request = {
        .recipe = &recipe,
        .as_of = job->as_of,
        .actor = "airwatch-train",
        .revision = REVISION,
        .is_dry_run = job->is_dry_run,
        .is_quiet = job->is_quiet || job->is_json,
    };
    if (!learn_train(s, job->db, job->store, &request, &trained))
        return false;

    const struct version *v = &trained.version;
    json_pair_text(job->result, "model", v->model);
    json_pair_text(job->result, "version", v->version);
    json_pair_text(job->result, "stage", v->stage);
    json_pair_bool(job->result, "is_new", trained.is_new);
    json_pair_text(job->result, "run_id", v->run_id);
    json_pair_text(job->result, "family", v->family);
    json_pair_text(job->result, "reason", v->reason);
    json_pair_text(job->result, "artifact", v->artifact_key);
    json_pair_number(job->result, "seconds", trained.seconds);
    json_put_key(job->result, "metrics");
    json_put_raw(job->result, trained.metrics);
    if (!candidates_say(s, job, trained.metrics))
        return false;
    job_say(job, "%s", v->reason);
    job_say(job, "%s %s %s (%.1f s)", v->model,
            job->is_dry_run ? "would be registered" : v->version,
            !trained.is_new ? "was made from this very data before" : v->stage, trained.seconds);
    return true;
}
