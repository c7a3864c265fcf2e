#include "table/catalogue.h"

#include <string.h>

#include "jobs/job.h"
#include "jobs/source.h"
#include "jobs/table.h"
#include "quality/expectation.h"

// A file of the caller's, or the name of a shipped declaration.
static bool
declaration_find(struct scope *s, struct job *job, struct str *out)
{
    const struct asset *shipped = catalogue_shipped(s, job->words[1]);
    if (job->fds[1] < 0 && shipped != NULL) {
        *out = (struct str){shipped->bytes, shipped->size_bytes};
        return true;
    }
    if (job->fds[1] < 0)
        return fail(
            s, ERROR_MISSING,
            "could not open file \"%s\": %s; nor is a table of that name shipped (there are: "
            "%s)",
            job->words[1], job->whys[1], catalogue_shipped_names(s));
    return job_read_word(s, job, 1, DECLARATION_BYTES, out);
}

// Whether the declaration's expectations can be held against the table as it is now.
static bool
expectations_check(struct scope *s, struct db *db, const struct declaration *d)
{
    struct relation relation;
    struct quality_spec spec;
    const struct json *root = json_parse(s, d->json, strlen(d->json));
    return root != NULL && relation_of_table(s, db, d->name, &relation) &&
           quality_spec_read(s, root, "quality", &relation, &spec);
}

static bool
declare(struct scope *s, struct job *job)
{
    static const char *const words[] = {"is declared", "was declared so before",
                                        "was declared before, and is changed"};
    static const char *const outcomes[] = {"new", "same", "changed"};
    struct str text;
    struct declaration d;
    enum declared what;
    if (job->n_words < 2)
        return fail(s, ERROR_USAGE, "declare needs a file, or the name of a shipped table");
    if (!declaration_find(s, job, &text))
        return false;
    if (!declaration_read(s, text.at, text.n, &d))
        return explain(s, "declaration \"%s\"", job->words[1]);
    if (!db_begin(s, job->db) || !catalogue_declare(s, job->db, &d, &what) ||
        !expectations_check(s, job->db, &d) || (!job->is_dry_run && !db_commit(s, job->db)))
        return false;
    json_pair_text(job->result, "table", d.name);
    json_pair_text(job->result, "outcome", outcomes[what]);
    json_pair_int(job->result, "columns", (int64_t)d.n_columns);
    job_say(job, "table \"%s\" of %zu columns %s%s", d.name, d.n_columns, words[what],
            job->is_dry_run ? " (dry run: nothing kept)" : "");
    return true;
}

// The rows are gone for good, so what would fill them again must go first.
static bool
sources_remove(struct scope *s, struct job *job, const char *table, bool is_forced)
{
    const struct rows *r = catalogue_fillers(s, job->db, table);
    if (r == NULL)
        return false;
    json_put_key(job->result, "sources");
    json_array_begin(job->result);
    for (size_t i = 0; i < rows_count(r); i++) {
        const char *source = rows_text(r, i, "source");
        if (!is_forced)
            return fail(s, ERROR_CONFLICT,
                        "source \"%s\" fills table \"%s\"; remove it first, or let --force remove "
                        "all that do",
                        source, table);
        if (!job_source_remove(s, job, source))
            return false;
        json_put_text(job->result, source);
        job_say(job, "source \"%s\" is removed", source);
    }
    json_array_end(job->result);
    return true;
}

static bool
drop(struct scope *s, struct job *job, bool is_forced)
{
    if (job->n_words < 2)
        return fail(s, ERROR_USAGE, "drop needs a table's name");
    const char *table = job->words[1];
    json_pair_text(job->result, "dropped", table);
    if (!db_begin(s, job->db) || !sources_remove(s, job, table, is_forced) ||
        !catalogue_drop(s, job->db, table) || (!job->is_dry_run && !db_commit(s, job->db)))
        return false;
    job_say(job, "table \"%s\" is dropped%s; its raw objects and dataset versions stay", table,
            job->is_dry_run ? " (dry run: it is not)" : "");
    return true;
}

static bool
only_reads(const struct job *job)
{
    for (int i = 0; i < job->argc; i++)
        if (strcmp(job->argv[i], "declare") == 0 || strcmp(job->argv[i], "drop") == 0)
            return false;
    return true;
}

bool
job_table(struct scope *s, struct job *job)
{
    bool is_forced = false;
    const struct option options[] = {
        {"force", OPTION_FLAG, &is_forced, NULL, "drop: and the sources that fill it"},
        {0},
    };
    job->only_reads = only_reads(job);
    if (!job_begin(s, job, options, "[declare FILE|NAME | list | show NAME | drop NAME]", 2))
        return false;
    const char *what = job->n_words == 0 ? "list" : job->words[0];
    if (strcmp(what, "declare") == 0)
        return declare(s, job);
    if (strcmp(what, "list") == 0)
        return job_table_list(s, job);
    if (strcmp(what, "show") == 0)
        return job_table_show(s, job);
    if (strcmp(what, "drop") == 0)
        return drop(s, job, is_forced);
    return fail(s, ERROR_USAGE, "\"%.40s\" is none of declare, list, show and drop", what);
}
