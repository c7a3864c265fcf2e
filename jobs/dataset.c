#include "learn/dataset.h"

#include "jobs/job.h"
#include "source/fetch.h"
#include "table/extract.h"

#define RECIPE_BYTES (1 << 20)

// Of a declared table's rows, as they stand.
static bool
of_table(struct scope *s, struct job *job, const char *table)
{
    struct extract made;
    int fd;
    if (!fetch_file(s, job->config, &fd) ||
        !extract_make(s, job->db, job->is_dry_run ? NULL : job->store, table, job->as_of, fd,
                      &made))
        return false;
    json_pair_text(job->result, "table", table);
    json_pair_text(job->result, "key", made.key);
    json_pair_text(job->result, "sha256", made.sha256);
    json_pair_int(job->result, "n_rows", made.n_rows);
    json_pair_int(job->result, "size_bytes", made.size_bytes);
    json_pair_int(job->result, "dataset_id", made.dataset_id);
    job_say(job, "%s: %lld rows of table \"%s\"", made.key == NULL ? "(not written)" : made.key,
            (long long)made.n_rows, table);
    return true;
}

bool
job_dataset(struct scope *s, struct job *job)
{
    const char *table = NULL;
    const struct option options[] = {
        {"table", OPTION_TEXT, &table, "NAME", "of a declared table's rows instead of a recipe"},
        {0},
    };
    struct str text;
    struct recipe recipe;
    struct dataset made;
    char first[DAY_TEXT], last[DAY_TEXT];
    if (!job_begin(s, job, options, "[RECIPE.json]", 1))
        return false;
    if ((table != NULL) == (job->n_words > 0))
        return fail(s, ERROR_USAGE, "give either a recipe or --table");
    if (table != NULL)
        return of_table(s, job, table);
    if (!job_read_word(s, job, 0, RECIPE_BYTES, &text))
        return false;
    if (!recipe_read(s, text, &recipe))
        return explain(s, "%s", job->words[0]);
    if (!dataset_make(s, job->db, job->is_dry_run ? NULL : job->store, &recipe,
                      time_day(job->as_of), &made))
        return false;

    json_pair_text(job->result, "model", recipe.name);
    json_pair_text(job->result, "key", made.key);
    json_pair_text(job->result, "sha256", made.sha256);
    json_pair_int(job->result, "n_rows", made.n_rows);
    json_pair_int(job->result, "n_sites", (int64_t)made.n_sites);
    json_pair_int(job->result, "size_bytes", made.size_bytes);
    json_pair_text(job->result, "first_day", day_format(made.first, first));
    json_pair_text(job->result, "last_day", day_format(made.last, last));
    json_pair_int(job->result, "dataset_id", made.dataset_id);
    json_pair_number(job->result, "read_seconds", made.read_s);
    json_pair_number(job->result, "write_seconds", made.write_s);
    json_pair_number(job->result, "keep_seconds", made.keep_s);
    job_say(job, "%s%s: %lld values of %zu stations, %s to %s", made.key,
            job->is_dry_run ? " (not written)" : "", (long long)made.n_rows, made.n_sites, first,
            last);
    return true;
}
