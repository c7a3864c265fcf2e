#include "jobs/source.h"

#include <string.h>

struct choices {
    const char *kind, *parameter, *state, *county, *site, *cbsa, *box, *since, *service, *revise;
    const char *url, *table, *years;
    bool is_hourly;
};

static bool
add(struct scope *s, struct job *job, const struct choices *c, const char *name)
{
    const struct source_given all[] = {
        {"parameter", c->parameter},
        {"state", c->state},
        {"county", c->county},
        {"site", c->site},
        {"cbsa", c->cbsa},
        {"box", c->box},
        {"since", c->since},
        {"service", c->service},
        {"revise-days", c->revise},
        {"url", c->url},
        {"table", c->table},
        {"years", c->years},
        {"hourly", c->is_hourly ? "true" : NULL},
    };
    const size_t n_all = sizeof all / sizeof *all;
    struct source_given given[sizeof all / sizeof *all + 1] = {0};
    const struct source_kind *kind;
    struct source made;
    size_t n = 0;
    for (size_t i = 0; i < n_all; i++)
        if (all[i].value != NULL)
            given[n++] = all[i];
    if (c->kind == NULL)
        return fail(s, ERROR_USAGE, "option --kind is missing");
    if (!source_kind_find(s, c->kind, &kind) || !db_begin(s, job->db) ||
        !source_add(s, job->db, name, kind, given, job->as_of) ||
        !source_get(s, job->db, name, &made) || (!job->is_dry_run && !db_commit(s, job->db)))
        return false;
    json_pair_text(job->result, "source", name);
    json_pair_text(job->result, "kind", kind->name);
    json_put_key(job->result, "settings");
    json_put_raw(job->result, made.settings_text);
    job_say(job, "source \"%s\" of kind %s: %s%s", name, kind->name, made.settings_text,
            job->is_dry_run ? " (dry run: nothing kept)" : "");
    job_say(job, "try it by: airwatch source test %s; read it by: airwatch ingest --source %s",
            name, name);
    return true;
}

static bool
pause_or_resume(struct scope *s, struct job *job, const char *name, bool is_paused)
{
    bool was_so;
    if (!db_begin(s, job->db) || !source_pause(s, job->db, name, is_paused, &was_so) ||
        (!job->is_dry_run && !db_commit(s, job->db)))
        return false;
    json_pair_text(job->result, "source", name);
    json_pair_bool(job->result, "paused", is_paused);
    job_say(job, "source \"%s\" %s %s", name, was_so ? "was already" : "is",
            is_paused ? "paused" : "read again");
    return true;
}

static bool
named_run(struct scope *s, struct job *job, const struct choices *c, const char *what)
{
    const char *name = job->words[1];
    if (strcmp(what, "add") == 0)
        return add(s, job, c, name);
    if (strcmp(what, "show") == 0)
        return job_source_show(s, job, name);
    if (strcmp(what, "test") == 0)
        return job_source_test(s, job, name);
    if (strcmp(what, "pause") == 0 || strcmp(what, "resume") == 0)
        return pause_or_resume(s, job, name, what[0] == 'p');
    if (strcmp(what, "remove") == 0)
        return job_source_forget(s, job, name);
    return fail(s, ERROR_USAGE,
                "\"%.40s\" is none of add, list, show, test, pause, resume, remove and lookup",
                what);
}

// Those that change a source take the job's lock; the others may run beside a long one.
static bool
changes_any(const struct job *job)
{
    static const char *const words[] = {"add", "pause", "resume", "remove"};
    for (int i = 0; i < job->argc; i++)
        for (size_t k = 0; k < sizeof words / sizeof *words; k++)
            if (strcmp(job->argv[i], words[k]) == 0)
                return true;
    return false;
}

bool
job_source(struct scope *s, struct job *job)
{
    struct choices c = {0};
    const struct option options[] = {
        {"kind", OPTION_TEXT, &c.kind, "KIND", "add: airdata, aqs or url"},
        {"parameter", OPTION_TEXT, &c.parameter, "CODES",
         "airdata, aqs: 5 digits each, such as 88101,44201; airdata: or TEMP, WIND, RH_DP, …"},
        {"years", OPTION_TEXT, &c.years, "YEARS",
         "airdata: 2019-2025, or 2019- for all from then on"},
        {"hourly", OPTION_FLAG, &c.is_hourly, NULL, "airdata: hourly files, not the daily ones"},
        {"state", OPTION_TEXT, &c.state, "CODES", "aqs: 2 digits each, such as 37"},
        {"county", OPTION_TEXT, &c.county, "CODES", "aqs: of the state, 3 digits each"},
        {"site", OPTION_TEXT, &c.site, "CODES", "aqs: of the county, 4 digits each"},
        {"cbsa", OPTION_TEXT, &c.cbsa, "CODES", "aqs: 5 digits each, such as 39580"},
        {"box", OPTION_TEXT, &c.box, "SIDES", "aqs: MINLAT,MINLON,MAXLAT,MAXLON; also --box=…"},
        {"service", OPTION_TEXT, &c.service, "NAME", "aqs: dailyData (default) or sampleData"},
        {"since", OPTION_TEXT, &c.since, "DAY", "aqs: the first day (default: last year's first)"},
        {"revise-days", OPTION_TEXT, &c.revise, "N",
         "aqs: days before the last that are read again (60)"},
        {"url", OPTION_TEXT, &c.url, "URL",
         "url: where the file is; airdata: where the files are (AIRDATA_URL)"},
        {"table", OPTION_TEXT, &c.table, "NAME", "url: the declared table that it fills"},
        {0},
    };
    job->only_reads = !changes_any(job);
    if (!job_begin(s, job, options,
                   "[list | add|show|test|pause|resume|remove NAME | lookup WHAT CODE...]", 4))
        return false;
    const char *what = job->n_words == 0 ? "list" : job->words[0];
    if (strcmp(what, "lookup") == 0)
        return job_source_lookup(s, job);
    if (job->n_words > 2)
        return fail(s, ERROR_USAGE, "unexpected word \"%.60s\"", job->words[2]);
    if (strcmp(what, "list") == 0)
        return job_source_list(s, job);
    if (job->n_words < 2)
        return fail(s, ERROR_USAGE, "%.40s wants a source's name", what);
    return named_run(s, job, &c, what);
}
