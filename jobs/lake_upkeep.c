#include <string.h>

#include "jobs/lake.h"
#include "lake/sync.h"
#include "lake/verify.h"

#define PROBLEMS_MOST 1000 // in the report; all are counted

struct problems { // lines for a person, an array for --json
    struct job *job;
    size_t n;
};

static const char *
prefix_of(const struct job *job)
{
    return job->n_words == 2 ? job->words[1] : "";
}

static bool
is_told(struct problems *p)
{
    return p->n++ < PROBLEMS_MOST || !p->job->is_json;
}

static void
fault_tell(void *context, const char *key, const char *fault)
{
    struct problems *p = context;
    if (!is_told(p))
        return;
    json_object_begin(p->job->result);
    json_pair_text(p->job->result, "key", key);
    json_pair_text(p->job->result, "fault", fault);
    json_object_end(p->job->result);
    job_say(p->job, "%s  %s", key, fault);
}

static void
problems_begin(struct problems *p, struct job *job, const char *name)
{
    *p = (struct problems){.job = job};
    json_put_key(job->result, name);
    json_array_begin(job->result);
}

bool
lake_sync(struct scope *s, struct job *job, const struct lake_choices *c)
{
    struct problems p;
    struct sync_summary got;
    if ((c->from == NULL) == (c->to == NULL) && c->from == NULL)
        return fail(s, ERROR_USAGE, "sync needs --from LAKE or --to LAKE");
    struct store *from = c->from == NULL ? job->store : sync_open(s, job->config, c->from, true);
    struct store *to =
        from == NULL || c->to == NULL ? job->store : sync_open(s, job->config, c->to, false);
    if (from == NULL || to == NULL)
        return false;
    problems_begin(&p, job, "faults");
    const struct sync_request request = {
        .from = from,
        .to = to,
        .db = job->db,
        .prefix = prefix_of(job),
        .n_threads = (size_t)c->n_threads,
        .mends = c->mends,
        .is_dry_run = job->is_dry_run,
        .is_quiet = job->is_quiet || job->is_json,
        .failed = fault_tell,
        .context = &p,
    };
    if (!sync_run(s, &request, &got))
        return explain(s, "could not copy from %s to %s", store_place(from), store_place(to));
    json_array_end(job->result);
    json_pair_int(job->result, "n_copied", (int64_t)got.n_copied);
    json_pair_int(job->result, "copied_bytes", got.copied_bytes);
    json_pair_int(job->result, "n_same", (int64_t)got.n_same);
    json_pair_int(job->result, "n_mended", (int64_t)got.n_mended);
    json_pair_int(job->result, "n_failed", (int64_t)got.n_failed);
    json_pair_int(job->result, "n_foreign", (int64_t)got.n_foreign);
    job_say(job, "%zu copied (%lld bytes), %zu were there, %zu mended, %zu failed", got.n_copied,
            (long long)got.copied_bytes, got.n_same, got.n_mended, got.n_failed);
    job->has_report = true;
    return got.n_failed == 0 ||
           fail(s, ERROR_INPUT, "%zu objects could not be copied", got.n_failed);
}

static const char mend_hint[] =
    "; to mend them from a copy: airwatch lake sync --from LAKE --mend, or put FILE KEY";
static const char adopt_hint[] =
    "; to record the hash that those have now, as an older home's predictions need: airwatch lake "
    "verify --adopt";

static void
verify_report(struct job *job, const struct verify_summary *got)
{
    const struct {
        const char *name;
        int64_t n;
    } counts[] = {
        {"n_objects", (int64_t)got->n_objects},
        {"size_bytes", got->size_bytes},
        {"n_damaged", (int64_t)got->n_damaged},
        {"n_missing", (int64_t)got->n_missing},
        {"n_unrecorded", (int64_t)got->n_unrecorded},
        {"n_adopted", (int64_t)got->n_adopted},
        {"n_expired", (int64_t)got->n_expired},
        {"n_foreign", (int64_t)got->n_foreign},
        {"n_unreferenced", (int64_t)got->n_unreferenced},
        {"n_unreadable", (int64_t)got->n_unreadable},
    };
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        json_pair_int(job->result, counts[i].name, counts[i].n);
    job_say(job,
            "%zu objects (%lld bytes): %zu damaged, %zu unreadable, %zu of unknown hash, "
            "%zu unreferenced; %zu missing, %zu expired",
            got->n_objects, (long long)got->size_bytes, got->n_damaged, got->n_unreadable,
            got->n_unrecorded, got->n_unreferenced, got->n_missing, got->n_expired);
}

bool
lake_verify(struct scope *s, struct job *job, const struct lake_choices *c)
{
    struct problems p;
    struct verify_summary got;
    problems_begin(&p, job, "faults");
    const struct verify_request request = {
        .prefix = prefix_of(job),
        .n_threads = (size_t)c->n_threads,
        .adopts = c->adopts && !job->is_dry_run,
        .is_quiet = job->is_quiet || job->is_json,
        .found = fault_tell,
        .context = &p,
    };
    if (!verify_run(s, job->store, job->db, &request, &got))
        return explain(s, "could not verify %s", store_place(job->store));
    json_array_end(job->result);
    verify_report(job, &got);
    job->has_report = true;
    return verify_is_good(&got) ||
           fail(s, ERROR_INPUT,
                "%zu objects damaged, %zu unreadable, %zu missing, %zu of unknown hash in %s%s%s",
                got.n_damaged, got.n_unreadable, got.n_missing, got.n_unrecorded,
                store_place(job->store), got.n_damaged + got.n_missing == 0 ? "" : mend_hint,
                got.n_unrecorded == 0 ? "" : adopt_hint);
}
