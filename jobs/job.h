// jobs/job.h: what every job of `airwatch` shares: options, connection, lock, record, report.
#ifndef JOBS_JOB_H
#define JOBS_JOB_H

#include "base/config.h"
#include "cli/option.h"
#include "db/db.h"
#include "store/store.h"
#include "text/json.h"

#define JOB_WORDS 500 // files at once; each is open

struct job {
    const char *name;    // "ingest"
    const char *summary; // one line, for --help
    int argc;            // the words after the name
    char **argv;
    const struct config *config;
    struct db *db;       // open after job_begin, unless the job needs none
    struct store *store; // the lake, likewise
    int64_t as_of;       // --as-of, now by default
    bool is_dry_run, is_json, is_quiet;
    struct json_writer *result; // an open object: pairs put here are the --json report and
                                // the summary kept in ops.job
    size_t n_words;             // positional words
    const char *words[JOB_WORDS];
    int fds[JOB_WORDS]; // of words that name a file: open for reading as the caller; else -1,
    const char *whys[JOB_WORDS]; // and why not
    bool takes_folders;          // a word that names a folder becomes its files, by name;
    bool has_folder;             // which came to pass
    // What the job is about, once options and words are read, such as a source's name: its lock and
    // its record are of that alone, and of the rest where it stays NULL. Without it, of the job.
    const char *const *about;
    const char *subject;     // such a name where an option gives it, for `about` to point at
    const char *title;       // of the lock and the record: "backfill nc"; set by job_begin
    bool only_reads;         // takes no lock and leaves no record
    bool has_report;         // `result` tells what there is even when the job fails
    bool is_recorded;        // main is to end its row in ops.job
    struct scope_mark begun; // where its beginning ended; main undoes what the job left open
};

// Parses the job's own options together with the common ones (--help prints and exits 0), leaves
// root for the home's owner, connects, opens the lake, takes the job's lock and records its start
// in ops.job (not under --dry-run). `usage` shows the positional words, such as "RECIPE"; exactly
// `n_words` are wanted, or at most so many where it begins with "[".
//
//   errors  USAGE, CONFLICT when the same job is running, UNAVAILABLE without a home or database
bool job_begin(struct scope *s, struct job *job, const struct option table[], const char *usage,
               size_t n_words) MUST_CHECK;

// Connects as job_begin does, but to a database that may have no schema yet, and without the lake
// and the record; for migrate.
bool job_begin_bare(struct scope *s, struct job *job, const struct option table[]) MUST_CHECK;

// Records the job's start; job_begin has done so already.
bool job_record(struct scope *s, struct job *job) MUST_CHECK;

// Opens what positional words name; job_begin does, before root is left.
bool job_words_open(struct scope *s, struct job *job) MUST_CHECK;

// Tells whether the i-th word's file is open, and reads the whole of it.
//
//   errors  MISSING when it could not be opened, LIMIT when it is larger than `limit_bytes`
bool job_word_opened(struct scope *s, const struct job *job, size_t i) MUST_CHECK;
bool job_read_word(struct scope *s, const struct job *job, size_t i, size_t limit_bytes,
                   struct str *out) MUST_CHECK;

// Reports, on stderr too, what scientists' logins may do that only a superuser can end, and how.
bool job_scientists_open(struct scope *s, struct job *job) MUST_CHECK;

// Says one line to a person: on stdout, unless --json or --quiet.
void job_say(const struct job *job, const char *format, ...) __attribute__((format(printf, 2, 3)));

// The jobs; each is a file jobs/<name>.c. main ends their record in ops.job and reports failures.
bool job_ingest(struct scope *s, struct job *job);
bool job_source(struct scope *s, struct job *job);
bool job_backfill(struct scope *s, struct job *job);
bool job_rejects(struct scope *s, struct job *job);
bool job_lake(struct scope *s, struct job *job);
bool job_check(struct scope *s, struct job *job);
bool job_quality(struct scope *s, struct job *job);
bool job_dataset(struct scope *s, struct job *job);
bool job_train(struct scope *s, struct job *job);
bool job_predict(struct scope *s, struct job *job);
bool job_outcomes(struct scope *s, struct job *job);
bool job_render(struct scope *s, struct job *job);
bool job_replay(struct scope *s, struct job *job);
bool job_database_user(struct scope *s, struct job *job);
bool job_token(struct scope *s, struct job *job);
bool job_table(struct scope *s, struct job *job);
bool job_model(struct scope *s, struct job *job);
bool job_import(struct scope *s, struct job *job);
bool job_export(struct scope *s, struct job *job);
bool job_run(struct scope *s, struct job *job);
bool job_migrate(struct scope *s, struct job *job);

#endif
