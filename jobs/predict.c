#include "jobs/job.h"
#include "serve/batch.h"

bool
job_predict(struct scope *s, struct job *job)
{
    const char *model = "pm-next-day";
    const struct option table[] = {
        {"model", OPTION_TEXT, &model, "NAME",
         "whose version in production predicts (pm-next-day)"},
        {0},
    };
    struct batch_summary made;
    char day[DAY_TEXT];
    if (!job_begin(s, job, table, "", 0))
        return false;
    const struct batch_request request = {
        .model = model, .as_of = job->as_of, .is_dry_run = job->is_dry_run};
    if (!batch_predict(s, job->db, job->store, &request, &made))
        return false;

    json_pair_text(job->result, "model", model);
    batch_report(&made, job->result);
    json_pair_int(job->result, "n_silent", (int64_t)made.n_silent);
    json_pair_bool(job->result, "is_new", made.is_new);
    job_say(job, "%s %s: %zu predictions for %s%s%s%s", model, made.version, made.n_predictions,
            day_format(made.day, day), job->is_dry_run ? " (not published)" : " in ", made.key,
            job->is_dry_run || made.is_new ? "" : ", published before");
    if (made.n_silent > 0)
        job_say(job, "%zu stations had no value in the last 30 days", made.n_silent);
    return true;
}
