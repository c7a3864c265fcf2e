#include "aqs/ingest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aqs/address.h"
#include "base/file.h"
#include "jobs/job.h"
#include "net/http.h"

struct choice { // where the bytes come from
    struct input file, newer;
    const char *url, *aqs, *name;
};

static bool
choice_check(struct scope *s, const struct choice *c)
{
    const int n =
        (c->file.path != NULL) + (c->newer.path != NULL) + (c->url != NULL) + (c->aqs != NULL);
    if (n == 1)
        return true;
    return fail(s, ERROR_USAGE, "give one of --file, --url, --aqs and --newer, not %d", n);
}

// Fetches into a file without a name below the home. EPA says in the body why it refused.
static bool
url_fetch(struct scope *s, const struct job *job, const char *url, int *fd)
{
    struct http_answer answer;
    const char *folder = config_path(s, job->config, "tmp");
    char *path = scope_print(s, "%s/fetch-XXXXXX", folder);
    if (!file_make_folders(s, folder))
        return false;
    *fd = mkstemp(path);
    if (*fd < 0)
        return fail(s, ERROR_UNAVAILABLE, "could not make a file in \"%s\": %s", folder,
                    strerror(errno));
    file_defer_close(s, *fd);
    unlink(path);
    if (!http_download(s, url, NULL, *fd, &answer))
        return false;
    const bool is_readable = answer.status < 300 || strstr(answer.type, "json") != NULL;
    return is_readable || fail(s, answer.status == 404 ? ERROR_MISSING : ERROR_INPUT,
                               "\"%s\" answered %d", http_redact(s, url), answer.status);
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
    if (got->n_new + got->n_changed + got->n_same > 0) {
        json_pair_text(w, "first_day", day_format(got->first, first));
        json_pair_text(w, "last_day", day_format(got->last, last));
    }
    json_pair_number(w, "seconds", got->seconds);
    job_say(job,
            "%lld rows in %.1f s: %lld new, %lld changed, %lld same, %lld set aside by rules %s, "
            "%lld rejected%s",
            (long long)got->n_rows, got->seconds, (long long)got->n_new, (long long)got->n_changed,
            (long long)got->n_same, (long long)got->n_skipped, got->skipped,
            (long long)got->n_rejected, job->is_dry_run ? " (dry run: nothing kept)" : "");
    if (got->first_reject != NULL)
        job_say(job, "the first rejected: %s; they are kept in the table data.reject",
                got->first_reject);
}

bool
job_ingest(struct scope *s, struct job *job)
{
    struct choice c = {0};
    struct ingest_summary got;
    const struct option options[] = {
        {"file", OPTION_FILE, &c.file, "FILE",
         "AirData CSV or zip, AQS API JSON, or station,date,value CSV"},
        {"url", OPTION_TEXT, &c.url, "URL", "fetch it first; email and key are never kept"},
        {"aqs", OPTION_TEXT, &c.aqs, "QUERY",
         "fetch dailyData/byState?param=… and the like with AQS_EMAIL and AQS_KEY"},
        {"newer", OPTION_FILE, &c.newer, "FILE",
         "of a station CSV, only days after the newest known one"},
        {"name", OPTION_TEXT, &c.name, "NAME", "record it under this name (default: the path)"},
        {0},
    };
    if (!job_begin(s, job, options, "", 0) || !choice_check(s, &c))
        return false;

    struct ingest_request request = {
        .fd = c.file.path != NULL ? c.file.fd : c.newer.fd,
        .name = c.file.path != NULL ? c.file.path : c.newer.path,
        .as_of = job->as_of,
        .is_dry_run = job->is_dry_run,
        .is_quiet = job->is_quiet || job->is_json,
    };
    if (c.aqs != NULL && !aqs_address(s, job->config, c.aqs, &c.url))
        return false;
    if (c.url != NULL) {
        request.name = http_redact(s, c.url);
        if (!url_fetch(s, job, c.url, &request.fd))
            return false;
    }
    request.name = c.name != NULL ? c.name : request.name;
    const bool ok = c.newer.path != NULL ? ingest_newer(s, job->db, job->store, &request, &got)
                                         : ingest_file(s, job->db, job->store, &request, &got);
    if (ok)
        report(job, &got);
    return ok;
}
