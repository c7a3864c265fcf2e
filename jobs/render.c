// jobs/render.c: `airwatch render`: the static site, from the database.
#include "site/render.h"
#include "jobs/job.h"

bool
job_render(struct scope *s, struct job *job)
{
    struct render_summary done;
    if (!job_begin(s, job, NULL, "", 0))
        return false;
    const struct render_request request = {.folder = config_path(s, job->config, "site"),
                                           .temporary = config_path(s, job->config, "tmp"),
                                           .gnuplot = job->config->gnuplot,
                                           .as_of = job->as_of,
                                           .is_quiet = job->is_quiet};
    if (job->is_dry_run) {
        job_say(job, "would render the site into %s", request.folder);
        return true;
    }
    if (!site_render(s, job->db, &request, &done))
        return false;
    json_pair_text(job->result, "folder", request.folder);
    json_pair_int(job->result, "n_pages", (int64_t)done.n_pages);
    json_pair_int(job->result, "n_charts", (int64_t)done.n_charts);
    json_pair_number(job->result, "seconds", done.seconds);
    job_say(job, "rendered %zu pages and %zu charts into %s in %.1f s", done.n_pages, done.n_charts,
            request.folder, done.seconds);
    return true;
}
