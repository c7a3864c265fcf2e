#include "jobs/ingest.h"

#include "jobs/source.h"
#include "table/catalogue.h"
#include "table/delivery.h"

struct choice { // where the bytes come from, but for files
    struct input newer;
    const char *url, *aqs, *name, *table;
    int64_t parameter;
};

static bool
choice_check(struct scope *s, const struct job *job, const struct choice *c)
{
    const char *source = job->subject;
    const bool has_several = job->n_words > 1 || job->has_folder;
    const int n = (job->n_words > 0) + (c->newer.path != NULL) + (c->url != NULL) +
                  (c->aqs != NULL) + (source != NULL);
    if (c->table != NULL && (c->newer.path != NULL || c->aqs != NULL || source != NULL))
        return fail(s, ERROR_USAGE, "--table takes --file or --url");
    if (has_several && (c->table != NULL || c->name != NULL))
        return fail(s, ERROR_USAGE, "--table and --name are of one file");
    if (c->parameter < 0 || c->parameter > 99999 || (c->parameter != 0 && c->table != NULL))
        return fail(s, ERROR_USAGE, "--parameter is an AQS code of five digits, without --table");
    if (n == 1)
        return true;
    return fail(s, ERROR_USAGE, "give one of FILE, --source, --file, --url, --aqs and --newer%s",
                n == 0 ? "" : ", not several");
}

// Ingests into a declared table.
static bool
table_ingest(struct scope *s, struct job *job, const struct ingest_request *request,
             const char *table)
{
    struct ingest_summary got;
    if (!delivery_take(s, job->db, job->store, request, table, &got))
        return false;
    json_pair_text(job->result, "table", table);
    json_pair_int(job->result, "removed", got.n_removed);
    ingest_report(job, job->result, &got);
    if (got.n_removed > 0)
        job_say(job, "%lld rows of the snapshot before are gone, and kept in data.declared_past",
                (long long)got.n_removed);
    return true;
}

static bool
file_take(struct scope *s, const struct job *job, struct ingest_request *out)
{
    if (job->n_words == 0)
        return true;
    out->fd = job->fds[0];
    out->name = job->words[0];
    return job_word_opened(s, job, 0);
}

bool
job_ingest(struct scope *s, struct job *job)
{
    struct choice c = {0};
    struct ingest_summary got;
    const struct option options[] = {
        {"source", OPTION_TEXT, &job->subject, "NAME", "what is new at a source (airwatch source)"},
        {"file", OPTION_WORD, NULL, "FILE",
         "of any format in lib/aqs/RULES.md: AirData, AQS API, EPA's exports, station CSV …; or a "
         "folder of such; as a word, too, and more than once"},
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
    job->takes_folders = true;
    if (!job_begin(s, job, options, "[FILE...]", JOB_WORDS) || !choice_check(s, job, &c))
        return false;

    struct ingest_request request = {
        .fd = c.newer.fd,
        .name = c.newer.path,
        .as_of = job->as_of,
        .parameter = (int)c.parameter,
        .is_dry_run = job->is_dry_run,
        .is_quiet = job->is_quiet || job->is_json,
    };
    if (job->subject != NULL)
        return job_source_read(s, job, job->subject, &(struct source_span){0}, false);
    if (job->n_words > 1 || job->has_folder)
        return ingest_several(s, job, request);
    if (!file_take(s, job, &request) || !job_fetch(s, job, c.url, c.aqs, &request))
        return false;
    request.name = c.name != NULL ? c.name : request.name;
    if (c.table != NULL)
        return table_ingest(s, job, &request, c.table);
    if (!(c.newer.path != NULL ? ingest_newer(s, job->db, job->store, &request, &got)
                               : ingest_file(s, job->db, job->store, &request, &got)))
        return catalogue_hint(s, job->db, request.fd);
    ingest_report(job, job->result, &got);
    return true;
}
