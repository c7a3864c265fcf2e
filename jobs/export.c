#include "border/export.h"

#include "jobs/job.h"

bool
job_export(struct scope *s, struct job *job)
{
    const char *folder = NULL;
    bool is_bare = false;
    const struct option table[] = {
        {"out", OPTION_TEXT, &folder, "FOLDER", "where to write; made if need be"},
        {"no-files", OPTION_FLAG, &is_bare, NULL, "leave artifacts out"},
        {0},
    };
    struct export_tally t;
    if (!job_begin(s, job, table, "", 0))
        return false;
    if (folder == NULL)
        return fail(s, ERROR_USAGE, "option --out is missing");
    if (job->is_dry_run)
        return true;
    if (!export_folder(s, job->db, job->store, folder, !is_bare, &t))
        return false;
    json_pair_text(job->result, "folder", folder);
    for (size_t i = 0; i < EXPORT_TABLES; i++) {
        json_pair_int(job->result, t.tables[i], t.n_rows[i]);
        job_say(job, "%-14s %10lld", t.tables[i], (long long)t.n_rows[i]);
    }
    json_pair_int(job->result, "files", t.n_files);
    json_pair_int(job->result, "files_same", t.n_same);
    json_pair_int(job->result, "files_missing", t.n_missing);
    job_say(job, "%-14s %10lld written, %lld there before, %lld gone from the lake", "files",
            (long long)t.n_files, (long long)t.n_same, (long long)t.n_missing);
    return true;
}
