#include "border/import.h"

#include <stdlib.h>
#include <string.h>

#include "jobs/job.h"

static void
counts_put(struct json_writer *w, const char *name, const int64_t counts[IMPORT_KINDS])
{
    json_put_key(w, name);
    json_object_begin(w);
    for (int k = 0; k < IMPORT_KINDS; k++)
        json_pair_int(w, import_kind_name((enum import_kind)k), counts[k]);
    json_object_end(w);
}

static void
report(struct job *job, const struct remote *from, const struct import_tally *t)
{
    struct json_writer *w = job->result;
    json_pair_text(w, "source", remote_name(from));
    counts_put(w, "created", t->n_created);
    counts_put(w, "same", t->n_same);
    counts_put(w, "skipped", t->n_skipped);
    json_pair_int(w, "points", t->n_points);
    json_pair_int(w, "bytes", t->n_bytes);
    json_put_key(w, "reasons");
    json_array_begin(w);
    for (size_t i = 0; i < t->n_reasons; i++) {
        json_object_begin(w);
        json_pair_text(w, "kind", import_kind_name(t->reasons[i].kind));
        json_pair_text(w, "id", t->reasons[i].id);
        json_pair_text(w, "why", t->reasons[i].why);
        json_object_end(w);
        job_say(job, "skipped: %s %s: %s", import_kind_name(t->reasons[i].kind), t->reasons[i].id,
                t->reasons[i].why);
    }
    json_array_end(w);
    for (int k = 0; k < IMPORT_KINDS; k++)
        job_say(job, "%-14s %8lld new %8lld as before %8lld skipped",
                import_kind_name((enum import_kind)k), (long long)t->n_created[k],
                (long long)t->n_same[k], (long long)t->n_skipped[k]);
}

bool
job_import(struct scope *s, struct job *job)
{
    struct import_wish wish = {.actor = "airwatch-import"};
    const struct option table[] = {
        {"experiment", OPTION_TEXT, &wish.experiment, "NAME",
         "this one alone, and no registered models"},
        {0},
    };
    // Read before the call, of which words may be told.
    const struct remote_login login = {
        .user = getenv("MLFLOW_TRACKING_USERNAME"),
        .password = {getenv("MLFLOW_TRACKING_PASSWORD")},
        .token = {getenv("MLFLOW_TRACKING_TOKEN")},
    };
    struct import_tally tally;
    if (!job_begin(s, job, table, "mlflow URI", 2))
        return false;
    if (strcmp(job->words[0], "mlflow") != 0)
        return fail(s, ERROR_USAGE, "airwatch import knows mlflow, not \"%.40s\"", job->words[0]);
    wish.from = remote_open(s, job->words[1], &login);
    if (wish.from == NULL)
        return false;
    wish.is_dry_run = job->is_dry_run;
    wish.is_quiet = job->is_quiet;
    const bool ok = import_run(s, job->db, job->store, &wish, &tally);
    job->has_report = true;
    report(job, wish.from, &tally);
    if (wish.is_dry_run)
        job_say(job, "this was a dry run: nothing of it is kept");
    return ok;
}
