#include "table/catalogue.h"

#include <string.h>

#include "jobs/job.h"
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

static bool
list(struct scope *s, struct job *job)
{
    const struct rows *r = catalogue_list(s, job->db);
    if (r == NULL)
        return false;
    json_put_key(job->result, "tables");
    json_array_begin(job->result);
    for (size_t i = 0; i < rows_count(r); i++) {
        json_object_begin(job->result);
        json_pair_text(job->result, "table", rows_text(r, i, "name"));
        json_pair_text(job->result, "description", rows_text(r, i, "description"));
        json_pair_int(job->result, "columns", rows_int(r, i, "n_columns"));
        json_pair_text(job->result, "key", rows_text(r, i, "key"));
        json_pair_int(job->result, "rows", rows_int(r, i, "n_rows"));
        json_pair_text(job->result, "changed_at", rows_text(r, i, "changed_at"));
        json_object_end(job->result);
        job_say(job, "%-24s %10s rows %4s columns  %s", rows_text(r, i, "name"),
                rows_text(r, i, "n_rows"), rows_text(r, i, "n_columns"),
                rows_text(r, i, "description"));
    }
    json_array_end(job->result);
    if (rows_count(r) == 0)
        job_say(job, "no table is declared yet; shipped are:");
    for (const struct asset *a = table_assets; rows_count(r) == 0 && a->name != NULL; a++)
        job_say(job, "  airwatch table declare %.*s", (int)strcspn(a->name, "."), a->name);
    return true;
}

static void
bound_say(struct buf *out, const struct column *c)
{
    if (c->is_key)
        buf_text(out, "  key");
    if (c->is_nullable)
        buf_text(out, "  may be missing");
    if (c->min > -1e300)
        buf_print(out, "  from %.15g", c->min);
    if (c->max < 1e300)
        buf_print(out, "  to %.15g", c->max);
    if (c->max_length > 0)
        buf_print(out, "  at most %zu characters", c->max_length);
    for (size_t i = 0; i < c->n_words; i++)
        buf_print(out, "%s%s", i == 0 ? "  one of " : ", ", c->values[i]);
}

static bool
show(struct scope *s, struct job *job)
{
    struct declaration d;
    if (job->n_words < 2)
        return fail(s, ERROR_USAGE, "show needs a table's name");
    if (!catalogue_get(s, job->db, job->words[1], &d))
        return false;
    json_put_key(job->result, "declaration");
    json_put_raw(job->result, d.json);
    job_say(job, "%s: %s\n%s", d.name, d.description,
            d.has_key ? "rows are known by their key" : "a file is a snapshot of all rows");
    for (size_t i = 0; i < d.n_columns; i++) {
        const struct column *c = &d.columns[i];
        struct buf more = buf_open(s, 128);
        bound_say(&more, c);
        job_say(job, "  %-24s %-9s %-16s%s", c->name, column_type_name(c->type), c->unit,
                more.text);
    }
    return true;
}

bool
job_table(struct scope *s, struct job *job)
{
    if (!job_begin(s, job, NULL, "[declare FILE|NAME | list | show NAME]", 2))
        return false;
    const char *what = job->n_words == 0 ? "list" : job->words[0];
    if (strcmp(what, "declare") == 0)
        return declare(s, job);
    if (strcmp(what, "list") == 0)
        return list(s, job);
    if (strcmp(what, "show") == 0)
        return show(s, job);
    return fail(s, ERROR_USAGE, "\"%.40s\" is none of declare, list and show", what);
}
