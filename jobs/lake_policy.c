#include <stdlib.h>
#include <string.h>

#include "jobs/lake.h"
#include "lake/expire.h"

#define TOLD_MOST 1000 // in the report; all are counted

struct told { // lines for a person, an array for --json
    struct job *job;
    size_t n;
};

static void
expired_tell(void *context, const char *key, int64_t size_bytes, const char *what)
{
    struct told *p = context;
    if (p->n++ >= TOLD_MOST && p->job->is_json)
        return;
    json_object_begin(p->job->result);
    json_pair_text(p->job->result, "key", key);
    json_pair_int(p->job->result, "size_bytes", size_bytes);
    json_pair_text(p->job->result, "reference", what);
    json_object_end(p->job->result);
    job_say(p->job, "%12lld  %s%s%s", (long long)size_bytes, key, *what == '\0' ? "" : "  ", what);
}

bool
lake_expire(struct scope *s, struct job *job, const struct lake_choices *c)
{
    struct told p = {.job = job};
    struct expire_summary got;
    if (c->older_days < 0 || (c->older_days > 0 && c->prefix == NULL))
        return fail(s, ERROR_USAGE, "--older-than is a number of days, and needs --prefix");
    json_put_key(job->result, "expired");
    json_array_begin(job->result);
    const struct expire_request request = {
        .prefix = c->prefix == NULL ? "" : c->prefix,
        .older_days = c->older_days,
        .as_of = job->as_of,
        .is_dry_run = job->is_dry_run,
        .is_quiet = job->is_quiet || job->is_json,
        .found = expired_tell,
        .context = &p,
    };
    if (!expire_run(s, job->store, job->db, &request, &got))
        return explain(s, "could not expire objects of %s", store_place(job->store));
    json_array_end(job->result);
    json_pair_int(job->result, "n_objects", (int64_t)got.n_objects);
    json_pair_int(job->result, "n_expired", (int64_t)got.n_expired);
    json_pair_int(job->result, "expired_bytes", got.expired_bytes);
    json_pair_int(job->result, "n_held", (int64_t)got.n_held);
    json_pair_int(job->result, "n_used", (int64_t)got.n_used);
    json_pair_int(job->result, "n_unfinished", (int64_t)got.n_unfinished);
    job_say(job,
            "%zu of %zu objects %s (%lld bytes); kept though old: %zu that a live model or a "
            "dataset version needs, %zu that rows refer to; %zu unfinished uploads",
            got.n_expired, got.n_objects, job->is_dry_run ? "would go" : "expired",
            (long long)got.expired_bytes, got.n_held, got.n_used, got.n_unfinished);
    return true;
}

static bool
policy_set(struct scope *s, struct job *job, const struct lake_choices *c)
{
    char *end;
    struct expire_policy policy = {.prefix = job->words[1], .takes_used = c->takes_used};
    if (c->keep == NULL)
        return fail(s, ERROR_USAGE, "policy with a prefix needs --keep, DAYS or ever");
    policy.is_for_ever = strcmp(c->keep, "ever") == 0;
    policy.keep_days = strtol(c->keep, &end, 10);
    if (!policy.is_for_ever && *end != '\0')
        return fail(s, ERROR_USAGE, "--keep is \"%.40s\", neither days nor ever", c->keep);
    return job->is_dry_run || expire_policy_set(s, job->db, &policy, "airwatch");
}

bool
lake_policy(struct scope *s, struct job *job, const struct lake_choices *c)
{
    size_t n;
    struct expire_policy *policies;
    if ((job->n_words == 2 && !policy_set(s, job, c)) ||
        !expire_policies(s, job->db, &n, &policies))
        return false;
    json_put_key(job->result, "policies");
    json_array_begin(job->result);
    for (size_t i = 0; i < n; i++) {
        const struct expire_policy *p = &policies[i];
        json_object_begin(job->result);
        json_pair_text(job->result, "prefix", p->prefix);
        json_put_key(job->result, "keep_days");
        if (p->is_for_ever)
            json_put_raw(job->result, "null");
        else
            json_put_int(job->result, p->keep_days);
        json_pair_bool(job->result, "takes_used", p->takes_used);
        json_object_end(job->result);
        job_say(job, "%-24s %s%s", *p->prefix == '\0' ? "(all else)" : p->prefix,
                p->is_for_ever ? "ever" : scope_print(s, "%lld days", (long long)p->keep_days),
                p->takes_used ? ", and what rows refer to" : "");
    }
    json_array_end(job->result);
    return true;
}
