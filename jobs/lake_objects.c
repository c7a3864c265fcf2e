#include <errno.h>
#include <fcntl.h>
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

// Copies a descriptor's bytes to a file, which appears whole or not at all, or to stdout.
static bool
bytes_out(struct scope *s, int fd, const char *path)
{
    const bool is_stdout = path == NULL || strcmp(path, "-") == 0;
    char *piece = scope_alloc(s, 1 << 17);
    const char *fresh = is_stdout ? "" : scope_print(s, "%s.new", path);
    const int to =
        is_stdout ? STDOUT_FILENO : open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (to < 0)
        return fail(s, ERROR_UNAVAILABLE, "could not write \"%s\": %s", fresh, strerror(errno));
    if (!is_stdout)
        file_defer_close(s, to);
    for (ssize_t n; (n = read(fd, piece, 1 << 17)) != 0;) {
        if (n < 0 && errno != EINTR)
            return fail(s, ERROR_UNAVAILABLE, "could not read: %s", strerror(errno));
        if (n > 0 && !file_put(s, to, piece, (size_t)n)) {
            unlink(fresh);
            return explain(s, "could not write \"%s\"", is_stdout ? "-" : path);
        }
    }
    if (!is_stdout && (fsync(to) != 0 || rename(fresh, path) != 0))
        return fail(s, ERROR_UNAVAILABLE, "could not write \"%s\": %s", path, strerror(errno));
    return true;
}

bool
lake_get(struct scope *s, struct job *job, const struct lake_choices *c)
{
    const char *key = job->words[1];
    int fd;
    if ((job->is_json || job->is_quiet) && c->out == NULL)
        return fail(s, ERROR_USAGE, "get with --json or --quiet needs --out FILE");
    const struct rows *r = DB_QUERY(s, job->db, &sql_lake_hash, key);
    if (r == NULL)
        return false;
    const char *sha256 = rows_text(r, 0, "sha256");
    if (!store_open_object(s, job->store, key, *sha256 == '\0' ? NULL : sha256, &fd) ||
        !bytes_out(s, fd, c->out))
        return false;
    json_pair_text(job->result, "key", key);
    return true;
}

bool
lake_put(struct scope *s, struct job *job, __attribute__((unused)) const struct lake_choices *c)
{
    const char *key = job->words[2];
    struct store_kept kept;
    if (!job_word_opened(s, job, 1))
        return false;
    if (job->is_dry_run)
        return true;
    if (!store_put_fd(s, job->store, key, job->fds[1], &kept))
        return false;
    json_pair_text(job->result, "key", key);
    json_pair_text(job->result, "sha256", kept.sha256);
    json_pair_int(job->result, "size_bytes", kept.size_bytes);
    job_say(job, "%s  %s", kept.sha256, key);
    return true;
}
