#include "jobs/model.h"

#include <string.h>

#include "flavour/flavour.h"
#include "registry/release.h"

// Promotes a version for a person: audited, with their reason.
static bool
promote(struct scope *s, struct job *job, struct version *v, const char *reason)
{
    struct buf evidence = buf_open(s, 128);
    struct json_writer w = {.out = &evidence};
    struct version before;
    bool was_there;
    if (reason == NULL)
        return fail(s, ERROR_USAGE, "%s needs --reason: it stays in the audit", job->words[0]);
    json_object_begin(&w);
    json_pair_text(&w, "command", scope_print(s, "model %s", job->words[0]));
    json_pair_text(&w, "why", reason);
    json_object_end(&w);
    if (!db_begin(s, job->db) ||
        !version_in_production(s, job->db, v->model, &was_there, &before) ||
        !flavour_take(s, job->db, job->store, v) ||
        !version_promote(s, job->db, v, "airwatch", job->as_of, evidence.text))
        return false;
    json_pair_text(job->result, "model", v->model);
    json_pair_text(job->result, "version", v->version);
    json_pair_text(job->result, "was", was_there ? before.version : NULL);
    job_say(job, "%s of \"%s\" %s in production%s%s", v->version, v->model,
            job->is_dry_run ? "can be" : "is", was_there ? "; before it: " : "",
            was_there ? before.version : "");
    return job->is_dry_run || db_commit(s, job->db);
}

// Promotes the version that was in production before the one that is.
static bool
rollback(struct scope *s, struct job *job, const char *reason)
{
    struct version v;
    return version_before(s, job->db, job->words[1], &v) && promote(s, job, &v, reason);
}

bool
job_model(struct scope *s, struct job *job)
{
    static const struct {
        const char *word, *usage;
        size_t n_words;
    } verbs[] = {
        {"list",
         "list | show MODEL | lineage MODEL VERSION | compare MODEL VERSION VERSION |\n       "
         "promote MODEL VERSION | rollback MODEL | publish MODEL",
         1},
        {"show", "show MODEL", 2},
        {"lineage", "lineage MODEL VERSION", 3},
        {"compare", "compare MODEL VERSION VERSION", 4},
        {"promote", "promote MODEL VERSION", 3},
        {"rollback", "rollback MODEL", 2},
        {"publish", "publish MODEL", 2},
    };
    const char *version = NULL, *reason = NULL;
    const struct option table[] = {
        {"version", OPTION_TEXT, &version, "VERSION",
         "show, publish: this version only, as V1.0.3"},
        {"reason", OPTION_TEXT, &reason, "TEXT", "promote, rollback: why, for the audit"},
        {0},
    };
    size_t i = 0;
    for (size_t k = 1; k < sizeof verbs / sizeof *verbs; k++)
        if (job->argc > 0 && strcmp(job->argv[0], verbs[k].word) == 0)
            i = k;
    job->only_reads = i < 4;
    if (!job_begin(s, job, table, verbs[i].usage, verbs[i].n_words))
        return false;
    if (strcmp(job->words[0], verbs[i].word) != 0)
        return fail(s, ERROR_USAGE,
                    "airwatch model knows list, show, lineage, compare, promote, rollback and "
                    "publish, not \"%.40s\"",
                    job->words[0]);
    struct version v;
    switch (i) {
    case 1:
        return model_show(s, job, version);
    case 2:
        return model_lineage(s, job);
    case 3:
        return model_compare(s, job);
    case 4:
        return version_by_name(s, job->db, job->words[1], job->words[2], &v) &&
               promote(s, job, &v, reason);
    case 5:
        return rollback(s, job, reason);
    case 6:
        return model_publish(s, job, version);
    default:
        return model_list_show(s, job);
    }
}
