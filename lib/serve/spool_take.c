#include "serve/spool_state.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "serve/intake.h"

#define PART_BYTES (4 * 1024 * 1024)

static int
is_segment(const struct dirent *entry)
{
    const size_t n = strlen(entry->d_name);
    return n > 4 && n < SPOOL_NAME_TEXT && strcmp(entry->d_name + n - 4, ".log") == 0;
}

bool
spool_segments(struct scope *s, const struct spool *spool, size_t *n, const char ***names)
{
    struct dirent **entries;
    const int count = scandir(spool->options.folder, &entries, is_segment, alphasort);
    if (count < 0)
        return fail(s, ERROR_UNAVAILABLE, "could not list \"%s\": %s", spool->options.folder,
                    strerror(errno));
    *n = (size_t)count;
    *names = scope_array(s, *n, sizeof **names);
    scope_defer(s, free, entries);
    for (size_t i = 0; i < *n; i++) {
        (*names)[i] = entries[i]->d_name;
        scope_defer(s, free, entries[i]);
    }
    return true;
}

// What is left of a segment that nobody writes any more.
static bool
segment_finish(struct scope *s, struct spool *spool, const struct intake *in, enum segment_end end)
{
    const char *damaged = scope_print(s, "%s.damaged", in->path);
    if (end == SEGMENT_TORN)
        log_warn("spool.torn_dropped", "segment=%s", in->name);
    if (end == SEGMENT_DAMAGED)
        log_error("spool.damaged", "segment=%s kept_as=%s", in->name, damaged);
    if ((end == SEGMENT_DAMAGED ? rename(in->path, damaged) : unlink(in->path)) != 0)
        return fail(s, ERROR_UNAVAILABLE, "could not remove \"%s\": %s", in->path, strerror(errno));
    return intake_forget(s, spool->db, in->name);
}

// Takes from one segment until it is done or the budget is. `is_active` is the one being written.
static bool
segment_take(struct scope *s, struct spool *spool, struct intake *in, bool is_active,
             int64_t *budget_bytes, int64_t *n_rows)
{
    struct segment_part part = {.end = SEGMENT_MORE};
    while (part.end == SEGMENT_MORE && *budget_bytes > 0) {
        int64_t n_new;
        in->enough_bytes = *budget_bytes < PART_BYTES ? *budget_bytes : PART_BYTES;
        if (!intake_part(s, spool->db, in, &n_new, &part))
            return false;
        *n_rows += n_new;
        *budget_bytes -= part.next - part.from;
        if (spool->options.counters != NULL)
            counter_add(counter_find(spool->options.counters, COUNTER_spool_rows_taken_total, ""),
                        (uint64_t)n_new);
        pthread_mutex_lock(&spool->lock);
        if (strcmp(spool->name, in->name) == 0)
            spool->taken = part.next;
        pthread_mutex_unlock(&spool->lock);
    }
    if (part.end == SEGMENT_MORE || (is_active && part.end == SEGMENT_WHOLE))
        return true;
    if (is_active) // its own writer is at work: what was written is whole, or the disk lies
        return fail(s, ERROR_BUG, "segment \"%s\" does not read as it was written", in->name);
    return segment_finish(s, spool, in, part.end);
}

// Opens a segment for taking; `*is_ours` is false when another program writes it, or when it is
// the active one and there is nothing new in it.
static bool
segment_open(struct scope *s, struct spool *spool, const char *name, bool *is_active, bool *is_ours,
             struct intake *out)
{
    struct stat st;

    *out = (struct intake){.name = name, .path = spool_path(s, spool, name)};
    if (!file_open(s, out->path, &out->fd))
        return false;
    pthread_mutex_lock(&spool->lock);
    *is_active = strcmp(spool->name, name) == 0;
    out->upto = spool->size;
    *is_ours = spool->size > spool->taken;
    pthread_mutex_unlock(&spool->lock);
    if (*is_active)
        return true;
    *is_ours = flock(out->fd, LOCK_EX | LOCK_NB) == 0;
    if (!*is_ours)
        return true;
    if (fstat(out->fd, &st) != 0)
        return fail(s, ERROR_UNAVAILABLE, "could not read \"%s\": %s", out->path, strerror(errno));
    out->upto = (int64_t)st.st_size;
    return true;
}

bool
spool_pass(struct scope *s, struct spool *spool, int64_t budget_bytes, int64_t *n_rows)
{
    size_t n;
    const char **names;
    int64_t other_bytes = 0;

    if (!spool_segments(s, spool, &n, &names))
        return false;
    for (size_t i = 0; i < n; i++) {
        struct intake in;
        struct stat st;
        bool is_active, is_ours;
        const struct scope_mark start = scope_mark(s);
        if (!segment_open(s, spool, names[i], &is_active, &is_ours, &in))
            return false;
        if (is_ours && budget_bytes > 0 &&
            !segment_take(s, spool, &in, is_active, &budget_bytes, n_rows))
            return false;
        if (is_ours && !is_active && stat(in.path, &st) == 0)
            other_bytes += (int64_t)st.st_size;
        scope_release(s, start);
    }
    pthread_mutex_lock(&spool->lock);
    spool->other_bytes = other_bytes;
    pthread_mutex_unlock(&spool->lock);
    return true;
}
