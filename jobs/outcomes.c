#include "jobs/job.h"
#include "monitor/outcome.h"

bool
job_outcomes(struct scope *s, struct job *job)
{
    int64_t n_joined, n_rows;
    struct scope trial = {0}; // a dry run's changes go with it
    if (!job_begin(s, job, NULL, "", 0))
        return false;
    if (job->is_dry_run && !db_begin(&trial, job->db))
        return fail_as(s, &trial);
    const bool ok = outcomes_join(s, job->db, job->as_of, &n_joined) &&
                    accuracy_update(s, job->db, job->as_of, &n_rows);
    scope_close(&trial);
    if (!ok)
        return false;

    json_pair_int(job->result, "n_joined", n_joined);
    json_pair_int(job->result, "n_accuracy", n_rows);
    job_say(job, "%lld outcomes joined, %lld rows of accuracy%s", (long long)n_joined,
            (long long)n_rows, job->is_dry_run ? " (undone)" : "");
    return true;
}
