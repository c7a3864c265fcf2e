// jobs/main.c: the one program `airwatch`: finds the job, runs it, reports how it ended.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "db/job.sql.h"
#include "jobs/job.h"

struct row {
    const char *name;
    bool (*run)(struct scope *s, struct job *job);
    bool only_reads;
    const char *summary;
};

// clang-format off
static const struct row rows[] = {
    {"token",    job_token,    false, "make, list and revoke tokens"},
    {"database-user", job_database_user, false, "make, list and drop scientists' logins to the database"},
    {"migrate",  job_migrate,  false, "bring the database to this program's schema"},
    {"ingest",   job_ingest,   false, "take in measurements: a file, an address, a daily slice"},
    {"source",   job_source,   false, "configure where measurements come from, test it, look codes up"},
    {"backfill", job_backfill, false, "read days of the past from a source, going on where it stopped"},
    {"table",    job_table,    false, "declare, list, show and drop the tables that CSV files fill"},
    {"rejects",  job_rejects,  false, "list and show rejected lines; try them again with today's rules"},
    {"lake",     job_lake,     false, "list, get, put, copy, verify and expire objects"},
    {"check",    job_check,    false, "hold a recipe's or a table's expectations against the data"},
    {"quality",  job_quality,  true,  "list past checks, or show one"},
    {"train",    job_train,    false, "train a recipe, register and promote the best of its candidates"},
    {"dataset",  job_dataset,  false, "make the dataset version that a recipe would train on"},
    {"predict",  job_predict,  false, "publish the next day's predictions for every station"},
    {"outcomes", job_outcomes, false, "join what happened to what was predicted; accuracy"},
    {"render",   job_render,   false, "write the static site: pages and charts"},
    {"replay",   job_replay,   false, "run the whole loop over days of history"},
    {"model",    job_model,    true,  "list, show, compare, promote, roll back and publish versions of models"},
    {"export",   job_export,   true,  "write experiments, runs, models and files out into a folder"},
    {"import",   job_import,   false, "bring what another MLflow server has"},
    {"run",      job_run,      true,  "list, show and compare runs"},
};
// clang-format on

#define N_ROWS (sizeof rows / sizeof *rows)

static void
help(FILE *to)
{
    fputs("usage: airwatch JOB [OPTION]...\n\n", to);
    for (size_t i = 0; i < N_ROWS; i++)
        fprintf(to, "  %-14s %s\n", rows[i].name, rows[i].summary);
    fputs(
        "\n  airwatch JOB --help shows a job's options; --version this program's revision.\n"
        "  The home is $AIRWATCH_HOME (default: var). Exit codes: 0 done, 64 wrong call, 65 wrong\n"
        "  data, 66 not found, 69 a gate refused, 73 conflict, 75 try again later, 77 not\n"
        "  allowed, 70 our own fault.\n",
        to);
}

static void
error_put(struct json_writer *w, const struct scope *failed)
{
    json_put_key(w, "error");
    json_object_begin(w);
    json_pair_text(w, "code", error_name(failed->kind));
    json_pair_text(w, "message", failed->message);
    json_object_end(w);
}

// The --json report and the summary in ops.job: of a failure its words, and what was reported if
// the job says that it holds.
static const char *
summary_make(struct scope *s, const struct job *job, const struct scope *outcome)
{
    struct buf text = buf_open(s, 256);
    struct json_writer w = {.out = &text};
    if (outcome->kind == ERROR_NONE || job->has_report) {
        if (outcome->kind != ERROR_NONE)
            error_put(job->result, outcome);
        json_object_end(job->result);
        return scope_copy(s, job->result->out->text);
    }
    json_object_begin(&w);
    error_put(&w, outcome);
    json_object_end(&w);
    return text.text;
}

// Ends the row in ops.job; that this fails is told, but the job's own end decides the exit code.
static void
record_end(struct scope *s, const struct job *job, int exit_code, const char *summary)
{
    if (job->is_recorded && !DB_RUN(s, job->db, &sql_job_finish, job->title, db_time(s, job->as_of),
                                    db_int(s, exit_code), summary))
        fprintf(stderr, "airwatch %s: could not record its end: %s\n", job->name, s->message);
}

static int
work(struct scope *s, struct job *job, const struct row *row)
{
    struct config *config = scope_alloc(s, sizeof *config);
    struct buf *text = scope_alloc(s, sizeof *text);
    struct json_writer *w = scope_alloc(s, sizeof *w);
    struct scope end = {0}; // reports use a scope of their own, as `s` keeps the failure
    *text = buf_open(s, 1024);
    w->out = text;
    job->result = w;
    json_object_begin(w);

    for (int i = 0; i < job->argc; i++) // even when the settings or another option are wrong
        job->is_json = job->is_json || strcmp(job->argv[i], "--json") == 0;
    job->config = config;
    bool ok = config_load(s, config);
    if (ok) {
        setenv("LOG_LEVEL", config->log_level, 1); // .env has a say too
        ok = row->run(s, job);
    }
    if (!ok)
        fprintf(stderr, "airwatch %s: %s\n", job->name, s->message);
    const int exit_code = error_exit_code(s->kind);
    const char *summary = summary_make(&end, job, s);
    if (job->db != NULL)
        scope_release(s, job->begun); // rolls back what a failure left open
    record_end(&end, job, exit_code, summary);
    if (job->is_json)
        puts(summary);
    scope_close(&end);
    if (fflush(stdout) == 0)
        return exit_code;
    fprintf(stderr, "airwatch %s: could not write the report\n", job->name);
    return exit_code != 0 ? exit_code : error_exit_code(ERROR_UNAVAILABLE);
}

static bool
is_word(int argc, char **argv, const char *word)
{
    return argc == 2 && strcmp(argv[1], word) == 0;
}

int
main(int argc, char **argv)
{
    if (is_word(argc, argv, "--help")) {
        help(stdout);
        return fflush(stdout) == 0 ? 0 : error_exit_code(ERROR_UNAVAILABLE);
    }
    if (is_word(argc, argv, "--version")) {
        puts("airwatch " REVISION);
        return 0;
    }
    size_t i = 0;
    while (argc > 1 && i < N_ROWS && strcmp(rows[i].name, argv[1]) != 0)
        i++;
    if (argc < 2 || i == N_ROWS) {
        if (argc > 1)
            fprintf(stderr, "airwatch: unknown job \"%s\"\n", argv[1]);
        help(stderr);
        return error_exit_code(ERROR_USAGE);
    }
    signal(SIGPIPE, SIG_IGN); // a reader that left shows as a failed write
    signal(SIGXFSZ, SIG_IGN); // as does a limit on files

    struct scope s = {0};
    struct job job = {.name = rows[i].name,
                      .summary = rows[i].summary,
                      .argc = argc - 2,
                      .argv = argv + 2,
                      .only_reads = rows[i].only_reads};
    const int exit_code = work(&s, &job, &rows[i]);
    scope_close(&s);
    return exit_code;
}
