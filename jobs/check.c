#include "quality/quality.h"

#include "feature/recipe.h"
#include "jobs/job.h"

#define RECIPE_BYTES (1 << 20)

bool
job_check(struct scope *s, struct job *job)
{
    struct str text;
    struct recipe recipe;
    struct quality_result got;
    if (!job_begin(s, job, NULL, "RECIPE.json", 1) ||
        !job_read_word(s, job, 0, RECIPE_BYTES, &text))
        return false;
    if (!recipe_read(s, text, &recipe))
        return explain(s, "%s", job->words[0]);
    if (!db_begin(s, job->db) || // a dry run leaves it uncommitted
        !quality_run(s, job->db, &recipe.quality, recipe.parameter, recipe.name, job->as_of, &got))
        return false;
    if (!job->is_dry_run && !db_commit(s, job->db))
        return false;

    json_pair_text(job->result, "model", recipe.name);
    json_pair_int(job->result, "n_checks", (int64_t)got.n_checks);
    json_pair_int(job->result, "n_warnings", (int64_t)got.n_warnings);
    json_pair_int(job->result, "n_failures", (int64_t)got.n_failures);
    json_pair_text(job->result, "first_failure", got.first_failure);
    if (got.n_failures > 0)
        return fail(s, ERROR_GATE, "the quality gate of \"%s\" is shut: %s%s", recipe.name,
                    got.first_failure, got.n_failures > 1 ? " (and more)" : "");
    job_say(job, "%zu checks: %zu warnings, no failure", got.n_checks, got.n_warnings);
    return true;
}
