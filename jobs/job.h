// jobs/job.h: what every job of `airwatch` shares: options, connection, lock, record, report.
#ifndef JOBS_JOB_H
#define JOBS_JOB_H

#include "base/config.h"
#include "cli/option.h"
#include "db/db.h"
#include "store/store.h"
#include "text/json.h"

struct job {
    const char *name;    // "ingest"
    const char *summary; // one line, for --help
    int argc;            // the words after the name
    char **argv;
    const struct config *config;
    struct db *db;       // open after job_begin, unless the job needs none
    struct store *store; // the home's lake, likewise
    int64_t as_of;       // --as-of, now by default
    bool is_dry_run, is_json, is_quiet;
    struct json_writer *result; // an open object: pairs put here are the --json report and
                                // the summary kept in ops.job
    size_t n_words;             // positional words
    const char *words[8];
};

// Parses the job's own options together with the common ones (--help prints and exits 0), leaves
// root for the home's owner, connects, opens the lake, takes the job's lock and records its start
// in ops.job. `usage` shows the positional words, such as "RECIPE"; exactly `n_words` are wanted.
//
//   errors  USAGE, CONFLICT when the same job is running, UNAVAILABLE without a database
bool job_begin(struct scope *s, struct job *job, const struct option table[], const char *usage,
               size_t n_words) MUST_CHECK;

// Says one line to a person: on stdout, unless --json or --quiet.
void job_say(const struct job *job, const char *format, ...) __attribute__((format(printf, 2, 3)));

// The jobs; each is a file jobs/<name>.c. main ends their record in ops.job and reports failures.
bool job_ingest(struct scope *s, struct job *job);
bool job_check(struct scope *s, struct job *job);
bool job_dataset(struct scope *s, struct job *job);
bool job_train(struct scope *s, struct job *job);
bool job_predict(struct scope *s, struct job *job);
bool job_outcomes(struct scope *s, struct job *job);
bool job_render(struct scope *s, struct job *job);
bool job_replay(struct scope *s, struct job *job);
bool job_token(struct scope *s, struct job *job);
bool job_model(struct scope *s, struct job *job);
bool job_migrate(struct scope *s, struct job *job);

#endif
