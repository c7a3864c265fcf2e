#include "aqs/ingest.h"

#include <string.h>

#include "jobs/job.h"
#include "jobs/source.h"
#include "table/delivery.h"

struct choice { // where the bytes come from
    struct input file, newer;
    const char *url, *aqs, *name, *table;
    int64_t parameter;
};

static bool
choice_check(struct scope *s, const char *source, const struct choice *c)
{
    const int n = (c->file.path != NULL) + (c->newer.path != NULL) + (c->url != NULL) +
                  (c->aqs != NULL) + (source != NULL);
    if (c->table != NULL && (c->newer.path != NULL || c->aqs != NULL || source != NULL))
        return fail(s, ERROR_USAGE, "--table takes --file or --url");
    if (c->parameter < 0 || c->parameter > 99999 || (c->parameter != 0 && c->table != NULL))
        return fail(s, ERROR_USAGE, "--parameter is an AQS code of five digits, without --table");
    if (n == 1)
        return true;
    return fail(s, ERROR_USAGE, "give one of FILE, --source, --file, --url, --aqs and --newer%s",
                n == 0 ? "" : ", not several");
}

static void
report(const struct job *job, const struct ingest_summary *got)
{
    char first[DAY_TEXT], last[DAY_TEXT];
    struct json_writer *w = job->result;
    json_pair_text(w, "sha256", got->sha256);
    json_pair_int(w, "size_bytes", got->size_bytes);
    json_pair_int(w, "rows", got->n_rows);
    json_pair_int(w, "new", got->n_new);
    json_pair_int(w, "changed", got->n_changed);
    json_pair_int(w, "same", got->n_same);
    json_put_key(w, "skipped");
    json_put_raw(w, got->skipped);
    json_pair_int(w, "rejected", got->n_rejected);
    json_pair_text(w, "first_reject", got->first_reject);
    if (got->first.n <= got->last.n) {
        json_pair_text(w, "first_day", day_format(got->first, first));
        json_pair_text(w, "last_day", day_format(got->last, last));
    }
    if (got->has_hours) {
        json_put_key(w, "derived_days");
        json_object_begin(w);
        json_pair_int(w, "new", got->n_days_new);
        json_pair_int(w, "changed", got->n_days_changed);
        json_pair_int(w, "same", got->n_days_same);
        json_object_end(w);
    }
    json_pair_number(w, "seconds", got->seconds);
    job_say(job,
            "%lld rows in %.1f s: %lld new, %lld changed, %lld same, %lld set aside by rules %s, "
            "%lld rejected%s",
            (long long)got->n_rows, got->seconds, (long long)got->n_new, (long long)got->n_changed,
            (long long)got->n_same, (long long)got->n_skipped, got->skipped,
            (long long)got->n_rejected, job->is_dry_run ? " (dry run: nothing kept)" : "");
    if (got->has_hours)
        job_say(job, "daily values out of these hours: %lld new, %lld changed, %lld same",
                (long long)got->n_days_new, (long long)got->n_days_changed,
                (long long)got->n_days_same);
    if (got->first_reject != NULL)
        job_say(job, "the first rejected: %s; airwatch rejects list shows them", got->first_reject);
}

// Ingests into a declared table; its file may also stand as a word: --table housing FILE.
static bool
table_ingest(struct scope *s, struct job *job, const struct ingest_request *request,
             const char *table)
{
    struct ingest_summary got;
    struct delivery more;
    if (!delivery_take(s, job->db, job->store, request, table, &got, &more))
        return false;
    json_pair_text(job->result, "table", table);
    json_pair_int(job->result, "removed", more.n_removed);
    report(job, &got);
    if (more.n_removed > 0)
        job_say(job, "%lld rows of the snapshot before are gone, and kept in data.declared_past",
                (long long)more.n_removed);
    return true;
}

static bool
word_take(struct scope *s, const struct job *job, struct choice *c)
{
    if (job->n_words == 0)
        return true;
    if (c->table == NULL)
        return fail(s, ERROR_USAGE, "unexpected word \"%.60s\": give it by --file, or say --table",
                    job->words[0]);
    if (c->file.path != NULL)
        return fail(s, ERROR_USAGE, "give one file, not \"%.60s\" and --file", job->words[0]);
    if (job->fds[0] < 0)
        return fail(s, ERROR_MISSING, "could not open file \"%s\"", job->words[0]);
    c->file = (struct input){.path = job->words[0], .fd = job->fds[0]};
    return true;
}

bool
job_ingest(struct scope *s, struct job *job)
{
    struct choice c = {0};
    struct ingest_summary got;
    const struct option options[] = {
        {"source", OPTION_TEXT, &job->subject, "NAME", "what is new at a source (airwatch source)"},
        {"file", OPTION_FILE, &c.file, "FILE",
         "of any format in lib/aqs/RULES.md: AirData, AQS API, EPA's exports, station CSV …"},
        {"url", OPTION_TEXT, &c.url, "URL", "fetch it first; email and key are never kept"},
        {"aqs", OPTION_TEXT, &c.aqs, "QUERY",
         "fetch dailyData/byState?param=… and the like with AQS_EMAIL and AQS_KEY"},
        {"newer", OPTION_FILE, &c.newer, "FILE",
         "of a station CSV, only days after the newest known one"},
        {"parameter", OPTION_INT, &c.parameter, "CODE", "what a station CSV's values are"},
        {"table", OPTION_TEXT, &c.table, "NAME", "CSV into this declared table (airwatch table)"},
        {"name", OPTION_TEXT, &c.name, "NAME", "record it under this name (default: the path)"},
        {0},
    };
    job->about = &job->subject;
    if (!job_begin(s, job, options, "[FILE]", 1) || !word_take(s, job, &c) ||
        !choice_check(s, job->subject, &c))
        return false;

    struct ingest_request request = {
        .fd = c.file.path != NULL ? c.file.fd : c.newer.fd,
        .name = c.file.path != NULL ? c.file.path : c.newer.path,
        .as_of = job->as_of,
        .parameter = (int)c.parameter,
        .is_dry_run = job->is_dry_run,
        .is_quiet = job->is_quiet || job->is_json,
    };
    if (job->subject != NULL)
        return job_source_read(s, job, job->subject, &(struct source_span){0}, false);
    if (!job_fetch(s, job, c.url, c.aqs, &request))
        return false;
    request.name = c.name != NULL ? c.name : request.name;
    if (c.table != NULL)
        return table_ingest(s, job, &request, c.table);
    const bool ok = c.newer.path != NULL ? ingest_newer(s, job->db, job->store, &request, &got)
                                         : ingest_file(s, job->db, job->store, &request, &got);
    if (ok)
        report(job, &got);
    return ok;
}
