#include <string.h>

#include "feature/recipe.h"
#include "jobs/job.h"
#include "quality/history.h"
#include "table/catalogue.h"

#define RECIPE_BYTES (1 << 20)

static bool
recipe_take(struct scope *s, struct job *job, struct recipe *recipe, struct quality_request *out)
{
    struct str text;
    if (!job_read_word(s, job, 0, RECIPE_BYTES, &text))
        return false;
    if (!recipe_read(s, text, recipe))
        return explain(s, "%s", job->words[0]);
    *out = (struct quality_request){
        .spec = &recipe->quality,
        .relation = &relation_observations,
        .parameter = recipe->parameter,
        .subject = recipe->name,
    };
    return true;
}

// A table's expectations are in its declaration.
static bool
table_take(struct scope *s, struct job *job, const char *name, struct quality_request *out)
{
    struct declaration d;
    struct relation *relation = scope_alloc(s, sizeof *relation);
    struct quality_spec *spec = scope_alloc(s, sizeof *spec);
    if (!catalogue_get(s, job->db, name, &d) || !relation_of_table(s, job->db, name, relation))
        return false;
    const struct json *root = json_parse(s, d.json, strlen(d.json));
    if (root == NULL || !quality_spec_read(s, root, "quality", relation, spec))
        return explain(s, "the declaration of table \"%s\"", name);
    *out = (struct quality_request){
        .spec = spec,
        .relation = relation,
        .subject = scope_print(s, "table.%s", name),
    };
    return true;
}

static void
report_say(const struct job *job, const struct quality_report *r)
{
    for (size_t i = 0; i < r->n_checks; i++) {
        const struct quality_check *c = &r->checks[i];
        job_say(job, "%-4s  %-20s %-18s %6.2f s  %s", c->verdict, c->expectation->name,
                expectation_kind_name(c->expectation->kind), c->seconds, c->detail);
    }
}

bool
job_check(struct scope *s, struct job *job)
{
    const char *table = NULL;
    const struct option options[] = {
        {"table", OPTION_TEXT, &table, "NAME", "check a declared table instead of a recipe's data"},
        {0},
    };
    struct recipe recipe;
    struct quality_request request;
    struct quality_report got;
    if (!job_begin(s, job, options, "[RECIPE.json]", 1))
        return false;
    if ((table != NULL) == (job->n_words > 0))
        return fail(s, ERROR_USAGE, "give either a recipe or --table");
    if (!(table != NULL ? table_take(s, job, table, &request)
                        : recipe_take(s, job, &recipe, &request)))
        return false;
    request.as_of = job->as_of;
    request.is_dry_run = job->is_dry_run;
    if (!quality_run(s, job->db, job->store, &request, &got))
        return false;

    json_pair_int(job->result, "quality_id", got.quality_id);
    json_pair_text(job->result, "key", got.key);
    json_pair_text(job->result, "first_failure", got.first_failure);
    json_put_key(job->result, "report");
    history_document(&got, job->result);
    report_say(job, &got);
    job->has_report = true;
    if (got.n_failures > 0)
        return fail(s, ERROR_GATE, "%s%s", quality_refusal(s, &got),
                    got.n_failures > 1 ? " (and more)" : "");
    job_say(job, "%zu expectations: %zu warnings, no failure (%.1f s)", got.n_checks,
            got.n_warnings, got.seconds);
    return true;
}
