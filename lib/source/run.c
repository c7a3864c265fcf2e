#include "source/run.h"

#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "source/bar.h"
#include "source/claim.h"
#include "source/run.sql.h"
#include "table/delivery.h"

#define AWAY_MOST 3 // units in a row for which a service does not answer

struct reading { // of one source
    struct scope *s;
    const struct source_run *run;
    const struct source *source;
    struct db *db;
    struct source_tally *tally;
    struct bar *bar;
    const char *since; // units done since then need not be done again
    int n_away;        // failures in a row
};

struct group { // units that are fetched together
    size_t n;
    struct source_unit units[SOURCE_TOGETHER_MOST];
};

// Notes an answer for each unit of the group. Without an object nothing was kept.
static bool
group_done(struct scope *s, const struct reading *r, const struct group *g,
           const struct source_catch *got, const char *sha256)
{
    char first[DAY_TEXT], last[DAY_TEXT], newest[DAY_TEXT];
    for (size_t i = 0; i < g->n; i++) {
        const struct source_unit *u = &g->units[i];
        const bool has_newest = got->newest[i].n != INT32_MIN;
        if (!DB_RUN(s, r->db, &sql_run_done, r->source->name, u->unit,
                    got->is_empty ? "empty" : "done", day_format(u->first, first),
                    day_format(u->last, last),
                    has_newest ? day_format(got->newest[i], newest) : NULL,
                    got->etag == NULL ? u->etag : got->etag,
                    got->digest == NULL ? u->digest : got->digest,
                    got->is_unchanged ? NULL : db_int(s, got->n_rows), sha256))
            return false;
    }
    return true;
}

// Into the declared table that the source names, else into the observations.
static bool
file_take(struct scope *s, const struct reading *r, const struct ingest_request *request,
          struct ingest_summary *out)
{
    const struct json *table = json_find(r->source->settings, "table");
    if (table == NULL)
        return ingest_file(s, r->db, r->run->store, request, out);
    return delivery_take(s, r->db, r->run->store, request, json_as_text(table), out);
}

// An answer with the same rows as the last is counted, and kept only if it would change something
// after all, because another source has spoken in between.
static bool
answer_ingest(struct scope *s, const struct reading *r, const struct source_catch *got,
              struct ingest_summary *out, bool *is_kept)
{
    struct ingest_request request = {
        .fd = got->fd,
        .name = got->name,
        .as_of = r->run->work.as_of,
        .is_quiet = true,
        .is_dry_run = got->is_again,
    };
    *is_kept = !got->is_again;
    if (!file_take(s, r, &request, out))
        return false;
    if (*is_kept || out->n_new + out->n_changed == 0)
        return true;
    *is_kept = true;
    request.is_dry_run = false;
    return file_take(s, r, &request, out);
}

// Takes an answer in: rows and the units' records in one transaction.
static bool
answer_take(struct scope *one, const struct reading *r, const struct group *g,
            struct source_catch *got)
{
    struct ingest_summary sum = {0};
    struct stat file;
    bool is_kept;
    if (got->is_empty || got->is_unchanged) {
        if (!group_done(one, r, g, got, NULL))
            return false;
        *(got->is_empty ? &r->tally->n_empty : &r->tally->n_done) += (int64_t)g->n;
        r->tally->n_unchanged += got->is_empty ? 0 : (int64_t)g->n;
        return true;
    }
    if (!db_begin(one, r->db) || !answer_ingest(one, r, got, &sum, &is_kept))
        return false;
    got->n_rows = sum.n_rows;
    if (g->n == 1 && got->newest[0].n == INT32_MIN && sum.first.n <= sum.last.n)
        got->newest[0] = sum.last; // of a kind that does not look into what it brings
    if (!group_done(one, r, g, got, is_kept ? sum.sha256 : NULL) || !db_commit(one, r->db) ||
        !tally_add(r->s, r->tally, &sum))
        return false;
    r->tally->n_done += (int64_t)g->n;
    r->tally->n_bytes += fstat(got->fd, &file) == 0 ? (int64_t)file.st_size : 0;
    return true;
}

static void
note_tell(const struct reading *r, const struct group *g, const char *note)
{
    for (size_t i = 0; i < g->n; i++)
        tally_note(r->s, r->tally, g->units[i].unit, note);
    log_info("source.noted", "source=%s unit=\"%s\" n=%zu note=\"%s\"", r->source->name,
             g->units[0].unit, g->n, note);
}

// Lets the kind let go of what it kept, now that it is taken in.
static bool
answer_drop(struct scope *one, const struct reading *r, const struct group *g)
{
    const struct source_kind *kind = r->source->kind;
    for (size_t i = 0; kind->taken != NULL && i < g->n; i++)
        if (!kind->taken(one, &r->run->work, &g->units[i]))
            return false;
    return true;
}

// Fetches and takes in. What must not be tried with the next units either is *is_final.
static bool
group_bring(struct scope *one, struct reading *r, const struct group *g, bool *is_final)
{
    struct source_catch got = {0};
    bool is_local = false;
    for (size_t i = 0; i < SOURCE_TOGETHER_MOST; i++)
        got.newest[i] = (struct day){INT32_MIN};
    *is_final = false;
    for (size_t i = 0; i < g->n; i++)
        if (!DB_RUN(one, r->db, &sql_run_try, r->source->name, g->units[i].unit))
            return !(*is_final = true);
    if (!r->source->kind->fetch(one, &r->run->work, g->n, g->units, &got, &is_local)) {
        r->n_away = one->kind == ERROR_UNAVAILABLE ? r->n_away + 1 : 0;
        *is_final = is_local && one->kind == ERROR_UNAVAILABLE;
        return false;
    }
    r->n_away = 0;
    if (got.note != NULL)
        note_tell(r, g, got.note);
    if (answer_take(one, r, g, &got) && answer_drop(one, r, g))
        return true;
    *is_final = one->kind == ERROR_UNAVAILABLE;
    return false;
}

// Records a failed group, and ends the run where going on would not help.
static bool
failure_note(struct scope *s, struct reading *r, const struct group *g, const struct scope *failed,
             bool is_final)
{
    if (is_final || failed->kind == ERROR_BUG)
        return fail_as(s, failed) || explain(s, "could not go on at \"%s\"", g->units[0].unit);
    for (size_t i = 0; i < g->n; i++) {
        if (!DB_RUN(s, r->db, &sql_run_failed, r->source->name, g->units[i].unit, failed->message))
            return false;
        tally_fail(r->s, r->tally, g->units[i].unit, failed);
    }
    log_warn("source.failed", "source=%s unit=\"%s\" n=%zu reason=\"%s\"", r->source->name,
             g->units[0].unit, g->n, failed->message);
    return true;
}

// Keeps of a group what is to be done, and fills in what is known of it; `s` holds the texts.
static bool
group_sift(struct scope *s, struct reading *r, struct group *g)
{
    char first[DAY_TEXT], last[DAY_TEXT];
    size_t n = 0;
    for (size_t i = 0; i < g->n; i++) {
        struct source_unit u = g->units[i];
        const struct rows *known =
            DB_QUERY(s, r->db, &sql_run_unit, r->source->name, u.unit, r->since,
                     day_format(u.first, first), day_format(u.last, last));
        if (known == NULL)
            return false;
        if (rows_count(known) == 0)
            return fail(s, ERROR_CONFLICT, "source \"%s\" was removed meanwhile", r->source->name);
        if (rows_bool(known, 0, "is_paused"))
            return fail(s, ERROR_CONFLICT, "source \"%s\" was paused meanwhile", r->source->name);
        if (rows_bool(known, 0, "is_past")) {
            r->tally->n_past++;
            continue;
        }
        u.etag = r->run->is_afresh ? "" : rows_text(known, 0, "etag");
        u.digest = rows_text(known, 0, "digest");
        g->units[n++] = u;
    }
    g->n = n;
    return true;
}

// Does a group that is claimed.
static bool
group_do(struct scope *s, struct reading *r, struct group *g)
{
    struct scope one = {0};
    bool is_final = false;
    if (!group_sift(s, r, g))
        return false;
    if (g->n == 0)
        return true;
    bool ok = group_bring(&one, r, g, &is_final);
    const struct scope failed = one;
    struct scope words = {.kind = failed.kind};
    memcpy(words.message, failed.message, sizeof words.message);
    scope_close(&one); // rolls back what was begun, before anything is recorded
    if (!ok)
        ok = failure_note(s, r, g, &words, is_final);
    return ok;
}

static bool
group_run(struct reading *r, struct group *g)
{
    struct scope one = {0};
    const struct group claimed = *g;
    bool is_mine = false;
    bool ok = claim_take(&one, r->db, r->source->name, g->n, g->units, &is_mine);
    if (ok && !is_mine)
        r->tally->n_busy += (int64_t)g->n;
    if (ok && is_mine)
        ok = group_do(&one, r, g) &&
             claim_drop(&one, r->db, r->source->name, claimed.n, claimed.units);
    if (!ok)
        fail_as(r->s, &one);
    scope_close(&one);
    bar_units(r->bar, r->tally);
    return ok;
}

static bool
is_together(const struct source_unit *a, const struct source_unit *b)
{
    return !a->is_alone && strcmp(a->area, b->area) == 0 && a->year == b->year && a->first.n == b->first.n &&
           a->last.n == b->last.n;
}

static bool
groups_run(struct reading *r, const struct source_units *plan)
{
    size_t most = r->source->kind->n_together;
    for (size_t i = 0; i < plan->n;) {
        struct group g = {0};
        if (r->n_away >= AWAY_MOST)
            return true; // what is left is told by the tally
        for (; i < plan->n && g.n < most; i++) {
            if (g.n > 0 && !is_together(&g.units[0], &plan->units[i]))
                break;
            g.units[g.n++] = plan->units[i];
        }
        if (!group_run(r, &g))
            return false;
    }
    return true;
}

static bool
plan_record(struct scope *s, const struct reading *r, const struct source_units *plan)
{
    struct buf text = buf_open(s, 1024);
    struct json_writer w = {.out = &text};
    json_array_begin(&w);
    for (size_t i = 0; i < plan->n; i++) {
        const struct source_unit *u = &plan->units[i];
        json_object_begin(&w);
        json_pair_text(&w, "unit", u->unit);
        json_pair_text(&w, "parameter", u->parameter);
        json_pair_text(&w, "area", u->area);
        if (u->year != 0)
            json_pair_int(&w, "year", u->year);
        json_object_end(&w);
    }
    json_array_end(&w);
    return DB_RUN(s, r->db, &sql_run_plan, r->source->name, text.text);
}

// The last day of a backfill, as it is known by: with an open end that is the same on every day.
static const char *
backfill_last(const struct source_span *span, char out[DAY_TEXT])
{
    return span->is_open ? "infinity" : day_format(span->last, out);
}

// Finds since when units count as done: now, or the beginning of the backfill that goes on.
static bool
since_find(struct scope *s, struct reading *r)
{
    char first[DAY_TEXT], last[DAY_TEXT];
    const struct source_span *span = &r->run->span;
    const struct rows *found =
        span->is_backfill
            ? DB_QUERY(s, r->db, &sql_run_backfill, r->source->name, day_format(span->first, first),
                       backfill_last(span, last), r->run->is_afresh ? "true" : "false")
            : db_query(s, r->db, &sql_run_clock, 0, NULL);
    if (found == NULL)
        return false;
    r->since = rows_text(found, 0, span->is_backfill ? "started_at" : "now");
    r->tally->is_resumed = span->is_backfill && rows_bool(found, 0, "is_resumed");
    return true;
}

static bool
end_record(struct scope *s, const struct reading *r)
{
    char first[DAY_TEXT], last[DAY_TEXT];
    const struct source_tally *t = r->tally;
    if (!r->run->span.is_backfill || t->n_failed + t->n_busy + t->n_left > 0)
        return true;
    return DB_RUN(s, r->db, &sql_run_backfilled, r->source->name,
                  day_format(r->run->span.first, first), backfill_last(&r->run->span, last));
}

// Turns failed units into the run's own failure.
static bool
failures_tell(struct scope *s, const struct source_tally *t)
{
    if (t->n_failed == 0)
        return true;
    const struct tally_failure *first = &t->failures[0];
    return fail(s, t->is_away ? ERROR_UNAVAILABLE : first->kind,
                "%lld of %lld units failed%s; the first, \"%s\": %s", (long long)t->n_failed,
                (long long)t->n_units,
                t->n_left > 0 ? scope_print(s, " and %lld were not tried", (long long)t->n_left)
                              : "",
                first->unit, first->error);
}

static bool
plan_make(struct scope *s, const struct source_run *run, struct source_units *plan)
{
    struct source_span span = run->span;
    const struct source *source = run->work.source;
    const struct day today = time_day(run->work.as_of);
    if (*source->paused_at != '\0')
        return fail(s, ERROR_CONFLICT,
                    "source \"%s\" is paused since %s; go on by: airwatch source resume %s",
                    source->name, source->paused_at, source->name);
    if (span.is_backfill && span.first.n > span.last.n)
        return fail(s, ERROR_USAGE, "--from is after --to");
    if (span.last.n > today.n)
        span.last = today;
    if (span.is_backfill && span.first.n > today.n)
        return fail(s, ERROR_USAGE, "--from is after the as-of day");
    return source->kind->plan(s, &run->work, &span, plan);
}

bool
source_read(struct scope *s, const struct source_run *run, struct source_tally *out)
{
    const double begun_s = time_monotonic_s();
    struct source_units plan = {0};
    struct source_run seen = *run; // with the bar told of it
    struct reading r = {
        .s = s,
        .run = &seen,
        .source = run->work.source,
        .db = run->work.db,
        .tally = out,
    };
    *out = (struct source_tally){0};
    if (!plan_make(s, run, &plan))
        return false;
    out->n_units = out->n_left = (int64_t)plan.n;
    if (run->is_dry_run)
        return true;
    r.bar = bar_open(s, r.source->name, (int64_t)plan.n, run->is_quiet);
    seen.work.moved = bar_bytes;
    seen.work.context = r.bar;
    const bool ok = plan_record(s, &r, &plan) && since_find(s, &r) && groups_run(&r, &plan);
    out->n_left =
        out->n_units - out->n_done - out->n_empty - out->n_failed - out->n_past - out->n_busy;
    out->seconds = time_monotonic_s() - begun_s;
    if (!ok)
        return explain(s, "source \"%s\"", r.source->name);
    bar_finish(r.bar);
    return end_record(s, &r) &&
           (failures_tell(s, out) || explain(s, "source \"%s\"", r.source->name));
}
