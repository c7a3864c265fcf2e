#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/time.h"
#include "jobs/lake.h"
#include "lake/lake.sql.h"

struct listing {
    struct job *job;
    bool is_long;
    int64_t n, size_bytes;
    size_t n_foreign;
};

static void
entry_tell(struct listing *l, const struct store_entry *e)
{
    char at[TIME_TEXT];
    time_format(e->put_at, at);
    l->n++;
    l->size_bytes += e->size_bytes;
    if (l->is_long)
        job_say(l->job, "%12lld  %s  %s", (long long)e->size_bytes, at, e->key);
    else
        job_say(l->job, "%s", e->key);
    if (!l->job->is_json)
        return;
    json_object_begin(l->job->result);
    json_pair_text(l->job->result, "key", e->key);
    json_pair_int(l->job->result, "size_bytes", e->size_bytes);
    json_pair_text(l->job->result, "put_at", at);
    json_object_end(l->job->result);
}

// Lists a page and finds where the next begins, NULL after the last.
static bool
page_list(struct scope *s, struct listing *l, const char *prefix, char **after)
{
    struct scope one = {0};
    struct store_page page;
    const bool ok = store_list(&one, l->job->store, prefix, *after, &page);
    for (size_t i = 0; ok && i < page.n; i++)
        entry_tell(l, &page.entries[i]);
    if (ok) {
        l->n_foreign += page.n_foreign;
        *after = page.next == NULL ? NULL : scope_copy(s, page.next);
    } else {
        fail_as(s, &one);
    }
    scope_close(&one);
    return ok;
}

bool
lake_list(struct scope *s, struct job *job, const struct lake_choices *c)
{
    struct listing l = {.job = job, .is_long = c->is_long};
    const char *prefix = job->n_words == 2 ? job->words[1] : "";
    json_put_key(job->result, "objects");
    json_array_begin(job->result);
    for (char *after = scope_copy(s, ""); after != NULL;)
        if (!page_list(s, &l, prefix, &after))
            return false;
    json_array_end(job->result);
    json_pair_int(job->result, "n_objects", l.n);
    json_pair_int(job->result, "size_bytes", l.size_bytes);
    json_pair_int(job->result, "n_foreign", (int64_t)l.n_foreign);
    if (l.n_foreign > 0)
        fprintf(stderr, "airwatch lake: passed over %zu whose names are no keys\n", l.n_foreign);
    return true;
}

static bool
bytes_out(struct scope *s, int fd, const char *path)
{
    if (path == NULL || strcmp(path, "-") == 0)
        return file_copy(s, fd, STDOUT_FILENO) || explain(s, "could not write \"-\"");
    return file_write_from(s, path, fd);
}

// The hash that the database knows of an object, NULL for none.
static bool
hash_find(struct scope *s, const struct job *job, const char *key, const char **out)
{
    const struct rows *r = DB_QUERY(s, job->db, &sql_lake_hash, key);
    *out = r == NULL ? "" : rows_text(r, 0, "sha256");
    *out = **out == '\0' ? NULL : *out;
    return r != NULL;
}

bool
lake_get(struct scope *s, struct job *job, const struct lake_choices *c)
{
    const char *sha256, *key = job->words[1];
    int fd;
    if ((job->is_json || job->is_quiet) && c->out == NULL)
        return fail(s, ERROR_USAGE, "get with --json or --quiet needs --out FILE");
    if (!hash_find(s, job, key, &sha256) || !store_open_object(s, job->store, key, sha256, &fd) ||
        !bytes_out(s, fd, c->out))
        return false;
    json_pair_text(job->result, "key", key);
    return true;
}

bool
lake_put(struct scope *s, struct job *job, __attribute__((unused)) const struct lake_choices *c)
{
    const char *sha256, *key = job->words[2];
    struct store_kept kept;
    bool is_mended;
    if (!job_word_opened(s, job, 1) || !hash_find(s, job, key, &sha256))
        return false;
    if (job->is_dry_run)
        return true;
    if (!store_mend(s, job->store, key, job->fds[1], sha256, &kept, &is_mended) ||
        !DB_RUN(s, job->db, &sql_lake_kept, key))
        return false;
    json_pair_text(job->result, "key", key);
    json_pair_text(job->result, "sha256", kept.sha256);
    json_pair_int(job->result, "size_bytes", kept.size_bytes);
    json_pair_bool(job->result, "is_mended", is_mended);
    job_say(job, "%s  %s%s", kept.sha256, key, is_mended ? "  (was damaged)" : "");
    return true;
}
