#include "aqs/reject.h"

#include <string.h>

#include "aqs/ingest_object.h"
#include "base/log.h"
#include "jobs/job.h"
#include "table/delivery.h"
#include "text/number.h"

struct choice {
    struct reject_filter filter;
    bool is_all;
};

static void
reject_write(struct json_writer *w, const struct rows *r, size_t i, const char *content)
{
    json_pair_int(w, "id", rows_int(r, i, "reject_id"));
    json_pair_int(w, "object", rows_int(r, i, "object_id"));
    json_pair_text(w, "file", rows_text(r, i, "file"));
    json_pair_int(w, "line", rows_int(r, i, "line"));
    json_pair_text(w, "reason", rows_text(r, i, "reason"));
    json_pair_text(w, "content", content);
}

static bool
list(struct scope *s, struct job *job, const struct choice *c)
{
    const struct rows *r = reject_list(s, job->db, &c->filter);
    if (r == NULL)
        return false;
    const size_t n = rows_count(r);
    const long long n_found = n == 0 ? 0 : (long long)rows_int(r, 0, "n_found");
    json_pair_int(job->result, "found", n_found);
    json_put_key(job->result, "rejects");
    json_array_begin(job->result);
    for (size_t i = 0; i < n; i++) {
        json_object_begin(job->result);
        reject_write(job->result, r, i, rows_text(r, i, "content"));
        json_object_end(job->result);
        job_say(job, "%6s  object %s  %s:%s  %s", rows_text(r, i, "reject_id"),
                rows_text(r, i, "object_id"), rows_text(r, i, "file"), rows_text(r, i, "line"),
                rows_text(r, i, "reason"));
    }
    json_array_end(job->result);
    if (n == 0)
        job_say(job, "no rejected line is known, or none is as asked for");
    if (n < (size_t)n_found)
        job_say(job, "%zu of %lld; --limit shows more", n, n_found);
    return true;
}

static bool
show(struct scope *s, struct job *job)
{
    int id;
    struct str line;
    const char *word = job->n_words == 2 ? job->words[1] : "";
    if (!number_read_whole((struct str){word, strlen(word)}, INT32_MAX, &id))
        return fail(s, ERROR_USAGE, "show needs the number of one, which list tells");
    const struct rows *r = reject_get(s, job->db, id);
    if (r == NULL || !reread_line(s, job->store, rows_text(r, 0, "key"), rows_text(r, 0, "sha256"),
                                  rows_int(r, 0, "line"), &line))
        return false;
    const char *whole = ingest_object_text(s, line, SIZE_MAX);
    reject_write(job->result, r, 0, whole);
    job_say(job, "reject %d: object %s, file %s, line %s\n%s\n%s", id, rows_text(r, 0, "object_id"),
            rows_text(r, 0, "file"), rows_text(r, 0, "line"), rows_text(r, 0, "reason"), whole);
    return true;
}

static void
retry_report(struct job *job, const struct rows *r, size_t i, const struct ingest_summary *got)
{
    const struct {
        const char *key;
        int64_t n;
    } counts[] = {{"object", rows_int(r, i, "object_id")},
                  {"rejected_before", rows_int(r, i, "n_rejected")},
                  {"rejected", got->n_rejected},
                  {"rows", got->n_rows},
                  {"new", got->n_new},
                  {"changed", got->n_changed},
                  {"same", got->n_same}};
    json_object_begin(job->result);
    json_pair_text(job->result, "file", rows_text(r, i, "file"));
    for (size_t k = 0; k < sizeof counts / sizeof counts[0]; k++)
        json_pair_int(job->result, counts[k].key, counts[k].n);
    json_object_end(job->result);
    job_say(job, "object %s, %s: %s were rejected, %lld are; %lld new, %lld changed, %lld same",
            rows_text(r, i, "object_id"), rows_text(r, i, "file"), rows_text(r, i, "n_rejected"),
            (long long)got->n_rejected, (long long)got->n_new, (long long)got->n_changed,
            (long long)got->n_same);
}

static bool
retry(struct scope *s, struct job *job, const struct choice *c)
{
    const struct ingest_request request = {.as_of = job->as_of,
                                           .is_dry_run = job->is_dry_run,
                                           .is_quiet = job->is_quiet || job->is_json};
    if (c->is_all == (c->filter.object_id != 0))
        return fail(s, ERROR_USAGE, "retry needs --object NUMBER, which list tells, or --all");
    const struct rows *r = reject_objects(s, job->db, c->filter.object_id);
    if (r == NULL)
        return false;
    json_put_key(job->result, "objects");
    json_array_begin(job->result);
    for (size_t i = 0; i < rows_count(r) && s->kind != ERROR_UNAVAILABLE; i++) {
        struct scope one = {0}; // an object that cannot be read does not keep the others
        struct ingest_summary got;
        if (delivery_retry(&one, job->db, job->store, (struct reread){r, i}, request, &got)) {
            retry_report(job, r, i, &got);
        } else {
            log_error("object.failed", "object=%s %s", rows_text(r, i, "object_id"), one.message);
            fail_as(s, &one);
        }
        scope_close(&one);
    }
    json_array_end(job->result);
    job->has_report = true;
    return s->kind == ERROR_NONE;
}

bool
job_rejects(struct scope *s, struct job *job)
{
    struct choice c = {.filter = {.limit = 50}};
    const struct option options[] = {
        {"object", OPTION_INT, &c.filter.object_id, "NUMBER", "list, retry: of this raw object"},
        {"file", OPTION_TEXT, &c.filter.file, "NAME", "list: of the file or address of that name"},
        {"reason", OPTION_TEXT, &c.filter.reason, "PATTERN", "list: reasons so; % is any text"},
        {"limit", OPTION_INT, &c.filter.limit, "NUMBER", "list: at most so many (default: 50)"},
        {"all", OPTION_FLAG, &c.is_all, NULL, "retry: all objects that have rejects"},
        {0},
    };
    if (!job_begin(s, job, options, "[list|show ID|retry]", 2))
        return false;
    if (c.filter.limit < 1)
        return fail(s, ERROR_USAGE, "--limit is below 1");
    const char *word = job->n_words == 0 ? "list" : job->words[0];
    if (strcmp(word, "show") == 0)
        return show(s, job);
    if (strcmp(word, "list") == 0 && job->n_words < 2)
        return list(s, job, &c);
    if (strcmp(word, "retry") == 0 && job->n_words < 2)
        return retry(s, job, &c);
    return fail(s, ERROR_USAGE, "\"%.40s\" is none of list, show and retry", word);
}
