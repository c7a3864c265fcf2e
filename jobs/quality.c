#include "quality/history.h"

#include <string.h>

#include "jobs/job.h"
#include "text/number.h"

struct choices {
    const char *subject;
    int64_t limit;
};

static bool
list(struct scope *s, struct job *job, const struct choices *c)
{
    if (c->limit < 1 || c->limit > 10000)
        return fail(s, ERROR_USAGE, "--limit is not from 1 to 10000");
    const struct rows *r = history_find(s, job->db, c->subject, NULL, db_int(s, c->limit));
    if (r == NULL)
        return false;
    json_put_key(job->result, "runs");
    history_list(r, job->result);
    for (size_t i = 0; i < rows_count(r); i++)
        job_say(job, "%6s  %-4s  %s  %3s checks, %s failed, %s warned  %s",
                rows_text(r, i, "quality_id"), rows_text(r, i, "verdict"), rows_text(r, i, "as_of"),
                rows_text(r, i, "n_checks"), rows_text(r, i, "n_failures"),
                rows_text(r, i, "n_warnings"), rows_text(r, i, "subject"));
    if (rows_count(r) == 0)
        job_say(job, "nothing was checked yet: airwatch check RECIPE.json");
    return true;
}

static bool
show(struct scope *s, struct job *job)
{
    int id;
    const char *word = job->n_words > 1 ? job->words[1] : "";
    if (!number_read_whole((struct str){word, strlen(word)}, INT32_MAX, &id))
        return fail(s, ERROR_USAGE, "show needs a run's number, which list tells");
    struct buf text = buf_open(s, 4096);
    struct json_writer w = {.out = &text};
    const struct json *list;
    if (!history_show(s, job->db, id, &w))
        return false;
    json_put_key(job->result, "run");
    json_put_raw(job->result, text.text);
    const struct json *root = json_parse(s, text.text, text.n);
    if (root == NULL || !json_array(s, root, "expectations", &list))
        return false;
    for (const struct json *c = json_first(list); c != NULL; c = json_next(c)) {
        const char *name, *verdict, *detail;
        if (!json_text(s, c, "name", &name) || !json_text(s, c, "verdict", &verdict) ||
            !json_text(s, c, "detail", &detail))
            return false;
        job_say(job, "%-4s  %-20s %s", verdict, name, detail);
    }
    job_say(job, "(rows that do not hold: --json)");
    return true;
}

bool
job_quality(struct scope *s, struct job *job)
{
    struct choices c = {.limit = 30};
    const struct option options[] = {
        {"subject", OPTION_TEXT, &c.subject, "NAME",
         "list: of this recipe, or of table.NAME, only"},
        {"limit", OPTION_INT, &c.limit, "N", "list: so many runs, the newest (default: 30)"},
        {0},
    };
    if (!job_begin(s, job, options, "[list | show ID]", 2))
        return false;
    const char *what = job->n_words == 0 ? "list" : job->words[0];
    if (strcmp(what, "list") == 0)
        return list(s, job, &c);
    if (strcmp(what, "show") == 0)
        return show(s, job);
    return fail(s, ERROR_USAGE, "\"%.40s\" is none of list and show", what);
}
