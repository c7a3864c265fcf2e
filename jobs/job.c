#define _DEFAULT_SOURCE // setgroups

#include "jobs/job.h"

#include <errno.h>
#include <grp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "db/job.sql.h"

// The job's own options, then the common ones.
static const struct option *
table_join(struct scope *s, struct job *job, const struct option own[])
{
    const struct option common[] = {
        {"as-of", OPTION_TIME, &job->as_of, "TIME",
         "pretend that it is this moment (default: now)"},
        {"dry-run", OPTION_FLAG, &job->is_dry_run, NULL, "do all but change anything"},
        {"json", OPTION_FLAG, &job->is_json, NULL, "report as one JSON object"},
        {"quiet", OPTION_FLAG, &job->is_quiet, NULL, "say nothing unless it fails"},
        {"help", OPTION_FLAG, NULL, NULL, "show this"},
    };
    const size_t n_common = sizeof common / sizeof *common;
    size_t n = 0;
    while (own != NULL && own[n].name != NULL)
        n++;
    struct option *all = scope_array(s, n + n_common + 1, sizeof *all);
    if (n > 0)
        memcpy(all, own, n * sizeof *all);
    memcpy(all + n, common, sizeof common);
    return all;
}

static void
help_exit(struct scope *s, const struct job *job, const struct option table[], const char *usage)
{
    struct buf text = buf_open(s, 1024);
    buf_print(&text, "usage: airwatch %s %s%s[OPTION]...\n\n%s\n\n", job->name, usage,
              *usage == '\0' ? "" : " ", job->summary);
    option_help(&text, table);
    fwrite(text.text, 1, text.n, stdout);
    exit(fflush(stdout) == 0 ? 0 : error_exit_code(ERROR_UNAVAILABLE));
}

static bool
options_take(struct scope *s, struct job *job, const struct option own[], const char *usage,
             size_t n_words)
{
    const struct option *table = table_join(s, job, own);
    job->as_of = time_now();
    if (option_help_wanted(job->argc, job->argv))
        help_exit(s, job, table, usage);
    if (!option_parse(s, table, job->argc, job->argv, n_words, job->words, &job->n_words))
        return explain(s, "wrong call (see airwatch %s --help)", job->name);
    if (job->is_quiet)
        setenv("LOG_LEVEL", "warn", 1);
    if (job->n_words < n_words && *usage != '[')
        return fail(s, ERROR_USAGE, "wrong call: usage: airwatch %s %s [OPTION]...", job->name,
                    usage);
    return true;
}

// As root, becomes the home's owner, for whom services and database run.
static bool
root_leave(struct scope *s, const struct stat *home)
{
    if (geteuid() != 0 || home->st_uid == 0)
        return true;
    if (setgroups(0, NULL) != 0 || setgid(home->st_gid) != 0 || setuid(home->st_uid) != 0)
        return fail(s, ERROR_UNAVAILABLE, "could not become the home's owner: %s", strerror(errno));
    return true;
}

static bool
database_open(struct scope *s, struct job *job)
{
    job->db = db_open(s, job->config->database_url, scope_print(s, "airwatch %s", job->name));
    if (job->db != NULL)
        return true;
    const char *run = scope_print(s, "host='%s/run'", job->config->home);
    const char *const refused = "could not connect"; // else it runs, and does not answer
    if (strncmp(job->config->database_url, run, strlen(run)) != 0 ||
        strncmp(s->message, refused, strlen(refused)) != 0)
        return false;
    scope_forgive(s);
    return fail(s, ERROR_UNAVAILABLE,
                "could not reach the database of \"%s\": it does not run; start it by: make run",
                job->config->home);
}

bool
job_begin_bare(struct scope *s, struct job *job, const struct option table[])
{
    struct stat home;
    if (!options_take(s, job, table, "", 0))
        return false;
    if (stat(job->config->home, &home) == 0 && !root_leave(s, &home))
        return false;
    const bool ok = database_open(s, job);
    job->begun = scope_mark(s);
    return ok;
}

bool
job_record(struct scope *s, struct job *job)
{
    job->title = job->about == NULL || *job->about == NULL
                     ? job->name
                     : scope_print(s, "%s %s", job->name, *job->about);
    job->is_recorded = DB_RUN(s, job->db, &sql_job_start, job->title, db_time(s, job->as_of));
    return job->is_recorded;
}

// The job's lock, or that of what it is about; then whoever locks the whole job is kept out as
// well.
static bool
lock_take(struct scope *s, const struct job *job)
{
    if (job->about == NULL)
        return db_lock(s, job->db, job->name);
    return db_lock_shared(s, job->db, job->name) &&
           db_lock(
               s, job->db,
               scope_print(s, "%s %s", job->name, *job->about == NULL ? "of files" : *job->about));
}

static bool
schema_check(struct scope *s, struct job *job)
{
    const struct rows *r = db_query(s, job->db, &sql_job_ready, 0, NULL);
    if (r == NULL)
        return false;
    return rows_bool(r, 0, "is_ready") ||
           fail(s, ERROR_UNAVAILABLE,
                "the database has no schema yet; make it by: airwatch migrate");
}

bool
job_begin(struct scope *s, struct job *job, const struct option table[], const char *usage,
          size_t n_words)
{
    struct stat home;
    if (!options_take(s, job, table, usage, n_words))
        return false;
    if (!job_words_open(s, job)) // words may name files that only the caller may read
        return false;
    if (stat(job->config->home, &home) != 0)
        return fail(s, ERROR_UNAVAILABLE, "there is no home at \"%s\"; make one by: make run (or AIRWATCH_HOME says where it is)",
                    job->config->home);
    if (!root_leave(s, &home) || !database_open(s, job) || !schema_check(s, job))
        return false;
    job->store = store_open(s, job->config);
    if (job->store == NULL)
        return false;
    const bool ok =
        job->only_reads || (lock_take(s, job) && (job->is_dry_run || job_record(s, job)));
    job->begun = scope_mark(s);
    return ok;
}

void
job_say(const struct job *job, const char *format, ...)
{
    if (job->is_json || job->is_quiet)
        return;
    va_list args;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
}
