#include "jobs/ingest.h"

#include "base/log.h"
#include "source/tally.h"
#include "table/catalogue.h"

void
ingest_report(const struct job *job, struct json_writer *w, const struct ingest_summary *got)
{
    char first[DAY_TEXT], last[DAY_TEXT];
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

// Ingests the i-th word's file; what it says outlives its own scope in `s`.
static bool
one_take(struct scope *s, struct scope *one, const struct job *job, size_t i,
         struct ingest_request request, struct source_tally *t)
{
    struct ingest_summary got;
    request.fd = job->fds[i];
    request.name = job->words[i];
    job_say(job, "%s", job->words[i]);
    if (!job_word_opened(one, job, i))
        return false;
    if (!ingest_file(one, job->db, job->store, &request, &got))
        return catalogue_hint(one, job->db, request.fd);
    ingest_report(job, job->result, &got);
    t->n_done++;
    t->n_bytes += got.size_bytes;
    return tally_add(s, t, &got);
}

bool
ingest_several(struct scope *s, struct job *job, struct ingest_request request)
{
    struct source_tally t = {.n_units = (int64_t)job->n_words};
    const double begun_s = time_monotonic_s();
    json_put_key(job->result, "files");
    json_array_begin(job->result);
    for (size_t i = 0; i < job->n_words && !t.is_away; i++) {
        struct scope one = {0};
        json_object_begin(job->result);
        json_pair_text(job->result, "file", job->words[i]);
        if (!one_take(s, &one, job, i, request, &t)) {
            tally_fail(s, &t, job->words[i], &one);
            json_pair_text(job->result, "error", one.message);
            log_error("ingest.failed", "%s", one.message);
        }
        json_object_end(job->result);
        scope_close(&one);
    }
    json_array_end(job->result);
    t.n_left = t.n_units - t.n_done - t.n_failed;
    t.seconds = time_monotonic_s() - begun_s;
    tally_report(&t, job->result);
    job->has_report = true;
    job_say(job, "%s", tally_words(s, &t));
    return t.n_failed == 0 ||
           fail(s, t.failures[0].kind, "%lld of %lld files could not be taken; the first: %s",
                (long long)t.n_failed, (long long)t.n_units, t.failures[0].error);
}
