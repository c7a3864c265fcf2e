#include "jobs/source.h"

#include "net/http.h"
#include "source/client.h"
#include "source/fetch.h"
#include "source/run.h"

bool
job_fetch(struct scope *s, const struct job *job, const char *url, const char *aqs,
          struct ingest_request *out)
{
    struct client_answer got;
    if (url != NULL) {
        out->name = http_redact(s, url);
        return fetch_url(s, job->config, url, &out->fd);
    }
    if (aqs == NULL)
        return true;
    if (!client_get(s, job->config, job->db, aqs, &got))
        return false;
    out->name = got.name;
    out->fd = got.fd;
    return true;
}

bool
job_source_read(struct scope *s, struct job *job, const char *name, const struct source_span *span,
                bool is_afresh)
{
    struct source source;
    struct source_tally tally;
    if (!source_get(s, job->db, name, &source))
        return false;
    struct source_run run = {
        .store = job->store,
        .work = {.config = job->config, .db = job->db, .source = &source, .as_of = job->as_of},
        .span = *span,
        .is_afresh = is_afresh,
        .is_dry_run = job->is_dry_run,
        .is_quiet = job->is_quiet || job->is_json,
    };
    if (!span->is_backfill)
        run.span.last = time_day(job->as_of);
    const bool ok = source_read(s, &run, &tally);
    json_pair_text(job->result, "source", name);
    tally_report(&tally, job->result);
    job->has_report = true;
    if (job->is_dry_run)
        job_say(job, "%lld units would be asked for (dry run)", (long long)tally.n_units);
    else if (tally.n_units > 0)
        job_say(job, "%s", tally_words(s, &tally));
    else if (ok)
        job_say(job, "there is nothing to be read");
    for (size_t i = 0; i < tally.n_notes; i++)
        job_say(job, "%s: %s", tally.notes[i].unit, tally.notes[i].note);
    if (tally.first_reject != NULL)
        job_say(job, "the first rejected: %s; see: airwatch rejects list", tally.first_reject);
    return ok;
}

bool
job_backfill(struct scope *s, struct job *job)
{
    struct source_span span = {.is_backfill = true, .first = {INT32_MIN}, .last = {INT32_MIN}};
    bool is_afresh = false;
    const struct option options[] = {
        {"from", OPTION_DAY, &span.first, "DAY", "the first day"},
        {"to", OPTION_DAY, &span.last, "DAY", "the last day (default: the as-of day)"},
        {"afresh", OPTION_FLAG, &is_afresh, NULL,
         "forget how far an interrupted backfill of the same days came"},
        {0},
    };
    job->about = &job->words[0];
    if (!job_begin(s, job, options, "SOURCE", 1))
        return false;
    if (span.first.n == INT32_MIN)
        return fail(s, ERROR_USAGE, "option --from is missing");
    span.is_open = span.last.n == INT32_MIN;
    if (span.is_open)
        span.last = time_day(job->as_of);
    return job_source_read(s, job, job->words[0], &span, is_afresh);
}
