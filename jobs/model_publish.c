#include "jobs/model.h"

#include "learn/publish.h"

bool
model_publish(struct scope *s, struct job *job, const char *wanted)
{
    const struct artifact_shelf shelf = {job->db, job->store, "airwatch-model"};
    const char *model = job->words[1];
    struct version *versions, only;
    size_t n = 1, n_published = 0, n_foreign = 0;
    if (wanted == NULL ? !versions_of_model(s, job->db, model, &n, &versions)
                       : !version_by_name(s, job->db, model, wanted, versions = &only))
        return false;
    for (size_t i = 0; i < n; i++) {
        const struct version *v = &versions[i];
        const struct scope_mark mark = scope_mark(s);
        if (!v->has_day && wanted == NULL) {
            n_foreign++;
            continue;
        }
        if (!job->is_dry_run && !publish_version(s, &shelf, v))
            return false;
        n_published++;
        job_say(job, "%-10s %s", v->version, v->source);
        scope_release(s, mark);
    }
    json_pair_text(job->result, "model", model);
    json_pair_int(job->result, "published", (int64_t)n_published);
    json_pair_int(job->result, "foreign", (int64_t)n_foreign);
    return true;
}
