#include "db/migrate.h"

#include "base/log.h"
#include "jobs/job.h"
#include "registry/scientist.h"

bool
job_migrate(struct scope *s, struct job *job)
{
    int n_applied = 0;
    const char *lacking;
    if (!job_begin_bare(s, job, NULL))
        return false;
    if (job->is_dry_run) {
        job_say(job, "the database answers; nothing was changed");
        return true;
    }
    if (!migrate_run(s, job->db, &n_applied) || !job_record(s, job) ||
        !scientist_grant(s, job->db, &lacking))
        return false;
    if (*lacking != '\0') // all else works without
        log_warn("scientist.not_granted", "reason=\"%s; then: airwatch migrate\"", lacking);
    if (!job_scientists_open(s, job))
        return false;
    json_pair_int(job->result, "n_applied", n_applied);
    job_say(job, n_applied == 0 ? "the schema is up to date" : "applied %d migrations", n_applied);
    return true;
}
