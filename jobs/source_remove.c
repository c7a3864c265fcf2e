// jobs/source_remove.c: how a source goes.
#include "jobs/source.h"

bool
job_source_remove(struct scope *s, struct job *job, const char *name)
{
    struct source source;
    const struct source_work work = {
        .config = job->config, .db = job->db, .source = &source, .as_of = job->as_of};
    if (!source_get(s, job->db, name, &source))
        return false;
    const struct rows *r = source_units(s, job->db, name);
    for (size_t i = 0; r != NULL && i < rows_count(r) && !job->is_dry_run; i++) {
        const struct source_unit unit = {.unit = rows_text(r, i, "unit")};
        if (source.kind->taken != NULL && !source.kind->taken(s, &work, &unit))
            return false;
    }
    return r != NULL && source_remove(s, job->db, name);
}

bool
job_source_forget(struct scope *s, struct job *job, const char *name)
{
    if (!db_begin(s, job->db) || !job_source_remove(s, job, name) ||
        (!job->is_dry_run && !db_commit(s, job->db)))
        return false;
    json_pair_text(job->result, "removed", name);
    job_say(job, "source \"%s\" is removed; what came from it stays", name);
    return true;
}
