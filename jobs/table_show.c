// jobs/table_show.c: what `airwatch table` tells.
#include "jobs/job.h"
#include "jobs/table.h"
#include "table/catalogue.h"

bool
job_table_list(struct scope *s, struct job *job)
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
        job_say(job, "no table is declared yet; shipped are: %s; see: airwatch table --help",
                catalogue_shipped_names(s));
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

bool
job_table_show(struct scope *s, struct job *job)
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
