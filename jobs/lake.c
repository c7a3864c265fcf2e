#include "jobs/lake.h"

#include <string.h>

#include "lake/crew.h"

struct verb {
    const char *name;
    bool (*run)(struct scope *s, struct job *job, const struct lake_choices *c);
    size_t least, most; // words behind its own
    bool changes;       // takes the lock and leaves a record
    const char *words;
};

static const struct verb verbs[] = {
    {"ls", lake_list, 0, 1, false, "[PREFIX]"},       {"get", lake_get, 1, 1, false, "KEY"},
    {"put", lake_put, 2, 2, true, "FILE KEY"},        {"sync", lake_sync, 0, 1, true, "[PREFIX]"},
    {"verify", lake_verify, 0, 1, false, "[PREFIX]"}, {"expire", lake_expire, 0, 0, true, ""},
    {"policy", lake_policy, 0, 1, true, "[PREFIX]"},
};

#define N_VERBS (sizeof verbs / sizeof *verbs)

static const struct verb *
verb_find(const char *name)
{
    for (size_t i = 0; i < N_VERBS; i++)
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    return NULL;
}

// Looking takes no lock and leaves no record; the verb stands first, or there is none.
static bool
only_looks(const struct job *job)
{
    const struct verb *verb = job->argc > 0 ? verb_find(job->argv[0]) : NULL;
    return verb == NULL || !verb->changes;
}

bool
job_lake(struct scope *s, struct job *job)
{
    struct lake_choices c = {.n_threads = 4};
    const struct option options[] = {
        {"long", OPTION_FLAG, &c.is_long, NULL, "ls: size and time too"},
        {"out", OPTION_TEXT, &c.out, "FILE", "get: write there (default: -, standard output)"},
        {"from", OPTION_TEXT, &c.from, "LAKE",
         "sync: dir:PATH or s3://BUCKET[/PREFIX] (default: the lake in use)"},
        {"to", OPTION_TEXT, &c.to, "LAKE", "sync: likewise"},
        {"mend", OPTION_FLAG, &c.mends, NULL,
         "sync: read what both have, and replace what is damaged in the second"},
        {"adopt", OPTION_FLAG, &c.adopts, NULL, "verify: record the hash of objects without one"},
        {"prefix", OPTION_TEXT, &c.prefix, "PREFIX", "expire: only below it"},
        {"older-than", OPTION_INT, &c.older_days, "DAYS",
         "expire: with --prefix, in place of the policy's days"},
        {"keep", OPTION_TEXT, &c.keep, "DAYS", "policy: days, or ever"},
        {"and-used", OPTION_FLAG, &c.takes_used, NULL, "policy: also what rows refer to may go"},
        {"threads", OPTION_INT, &c.n_threads, "NUMBER", "sync, verify: at once (default: 4)"},
        {0},
    };
    job->only_reads = only_looks(job);
    if (!job_begin(s, job, options, "[ls|get|put|sync|verify|expire|policy [KEY|PREFIX|FILE KEY]]",
                   3))
        return false;
    const char *name = job->n_words == 0 ? "ls" : job->words[0];
    const struct verb *verb = verb_find(name);
    if (verb == NULL || (verb->changes && job->only_reads))
        return fail(s, ERROR_USAGE,
                    "\"%.40s\" is none of ls, get, put, sync, verify, expire and "
                    "policy, of which one stands first",
                    name);
    const size_t n = job->n_words == 0 ? 0 : job->n_words - 1;
    if (n < verb->least || n > verb->most)
        return fail(s, ERROR_USAGE, "wrong call: usage: airwatch lake %s %s [OPTION]...", name,
                    verb->words);
    if (c.n_threads < 1 || c.n_threads > CREW_MOST)
        return fail(s, ERROR_USAGE, "--threads is not from 1 to %d", CREW_MOST);
    return verb->run(s, job, &c);
}
