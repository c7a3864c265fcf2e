#include "aqs/ingest.h"

#include <string.h>

#include "aqs/ingest.sql.h"
#include "aqs/ingest_object.h"
#include "aqs/stage.h"
#include "cli/progress.h"
#include "text/json.h"

#define REJECT_MOST 1000 // kept of one object; all are counted

struct reject {
    int64_t line;
    const char *reason, *content;
};

struct reading { // of one object
    struct db *db;
    const struct ingest_request *request;
    const char *name; // the request's, as UTF-8
    struct table *table;
    struct rules rules;
    int64_t object_id;
    int64_t n_rows, n_rejected, skipped[SKIP_MOST];
    struct day first, last;
    struct reject *rejects; // the first ones
    struct stage_tally tally;
};

static bool
rules_load(struct scope *s, struct db *db, int64_t as_of, struct rules *out)
{
    const struct rows *r = db_query(s, db, &sql_ingest_parameters, 0, NULL);
    if (r == NULL)
        return false;
    const struct day today = time_day(as_of), end = day_from(RECORD_LAST_YEAR, 12, 31);
    out->last = today.n < end.n ? today : end;
    for (size_t i = 0; i < rows_count(r) && i < RECORD_PARAMETER_MOST; i++) {
        out->parameters[i].parameter = (int)rows_int(r, i, "parameter");
        out->parameters[i].floor = rows_number(r, i, "floor");
        out->parameters[i].ceiling = rows_number(r, i, "ceiling");
        out->n_parameters++;
    }
    return true;
}

static void
reject_note(struct scope *s, struct reading *reading, const struct line *line, const char *reason)
{
    if (reading->n_rejected < REJECT_MOST)
        reading->rejects[reading->n_rejected] = (struct reject){
            .line = line->number,
            .reason = ingest_object_clean(s, (struct str){reason, strlen(reason)}),
            .content = ingest_object_clean(s, line->raw),
        };
    reading->n_rejected++;
}

static void
day_note(struct reading *reading, struct day day)
{
    if (day.n < reading->first.n)
        reading->first = day;
    if (day.n > reading->last.n)
        reading->last = day;
}

// Streams all lines through the rules into the stage. What must outlive a line is kept in `s`;
// what a line needs for itself goes with `one`.
static bool
lines_read(struct scope *s, struct scope *one, struct reading *reading, struct stage *stage)
{
    char reason[RECORD_REASON_BYTES];
    struct record record;
    const struct line *line;
    enum skip skip;
    const struct feed *feed = table_feed(reading->table);
    struct progress *bar = progress_open(s, reading->request->name, feed_size(feed), "bytes",
                                         reading->request->is_quiet);
    for (;;) {
        const struct scope_mark mark = scope_mark(one);
        if (!table_next(one, reading->table, &line))
            return false;
        if (line == NULL)
            break;
        if ((reading->n_rows++ & 4095) == 0)
            progress_move(bar, feed_position(feed), NULL);
        switch (record_read(&reading->rules, reading->table, line, &record, &skip, reason)) {
        case RECORD_KEPT:
            day_note(reading, record.day);
            if (!stage_add(one, stage, &record, line->number))
                return false;
            break;
        case RECORD_SKIPPED:
            reading->skipped[skip]++;
            break;
        case RECORD_REJECTED:
            reject_note(s, reading, line, reason);
            scope_release(one, mark);
            break;
        }
    }
    progress_finish(bar);
    return true;
}

// Reads the whole object once, in a transaction of its own inside the caller's.
static bool
pass_run(struct scope *s, struct reading *reading, int fd, bool is_direct)
{
    struct scope one = {0};
    reading->n_rows = reading->n_rejected = 0;
    memset(reading->skipped, 0, sizeof reading->skipped);
    reading->first = (struct day){INT32_MAX};
    reading->last = (struct day){INT32_MIN};
    if (!db_begin(s, reading->db))
        return false;
    reading->table = table_open(s, fd);
    struct stage *stage =
        reading->table == NULL ? NULL : stage_open(s, reading->db, reading->object_id, is_direct);
    if (stage == NULL)
        return false;
    const bool ok = lines_read(s, &one, reading, stage) &&
                    stage_settle(&one, stage, reading->request->as_of, &reading->tally);
    if (!ok)
        fail_as(s, &one);
    scope_close(&one);
    return ok && db_commit(s, reading->db);
}

// A first reading copies straight into the observations, which is right as long as no row of them
// is there yet and none comes twice; the first that does undoes the copy and the slow way is taken.
static bool
passes_run(struct scope *s, struct reading *reading, int fd, bool is_known)
{
    if (!is_known) {
        const struct scope_mark mark = scope_mark(s);
        if (pass_run(s, reading, fd, true))
            return true;
        if (s->kind != ERROR_CONFLICT)
            return false;
        scope_forgive(s);
        scope_release(s, mark);
    }
    return pass_run(s, reading, fd, false);
}

static void
summary_fill(struct scope *s, const struct reading *reading, struct ingest_summary *out)
{
    struct buf text = buf_open(s, 256);
    struct json_writer w = {.out = &text};
    out->n_rows = reading->n_rows;
    out->n_new = reading->tally.n_new;
    out->n_changed = reading->tally.n_changed;
    out->n_same = reading->tally.n_same;
    out->n_rejected = reading->n_rejected;
    if (reading->n_rejected > 0)
        out->first_reject = scope_print(s, "line %lld: %s", (long long)reading->rejects[0].line,
                                        reading->rejects[0].reason);
    out->first = reading->first;
    out->last = reading->last;
    json_object_begin(&w);
    for (int i = 0; i < SKIP_MOST; i++) {
        const int64_t n = reading->skipped[i] + reading->tally.skipped[i];
        if (n > 0)
            json_pair_int(&w, skip_name((enum skip)i), n);
        out->n_skipped += n;
    }
    json_object_end(&w);
    out->skipped = text.text;
}

static bool
rejects_keep(struct scope *s, const struct reading *reading)
{
    const struct scope_mark mark = scope_mark(s);
    for (int64_t i = 0; i < reading->n_rejected && i < REJECT_MOST; i++)
        if (!DB_RUN(s, reading->db, &sql_ingest_reject, db_int(s, reading->object_id),
                    db_int(s, reading->rejects[i].line), reading->rejects[i].reason,
                    reading->rejects[i].content))
            return false;
    scope_release(s, mark);
    return true;
}

static bool
outcome_record(struct scope *s, const struct reading *reading, const struct ingest_object *object,
               const struct ingest_summary *out)
{
    const bool has_news = out->n_new + out->n_changed > 0;
    char first[DAY_TEXT], last[DAY_TEXT];
    const bool ok = DB_RUN(s, reading->db, &sql_ingest_record, db_int(s, reading->object_id),
                           db_time(s, reading->request->as_of), db_int(s, out->n_rows),
                           db_int(s, out->n_new), db_int(s, out->n_changed), db_int(s, out->n_same),
                           db_int(s, out->n_skipped), db_int(s, out->n_rejected), out->skipped,
                           has_news ? day_format(out->first, first) : NULL,
                           has_news ? day_format(out->last, last) : NULL);
    if (!ok || !has_news)
        return ok;
    return DB_RUN(s, reading->db, &sql_ingest_audit, reading->name, object->sha256,
                  db_int(s, out->n_new), db_int(s, out->n_changed)) &&
           db_run(s, reading->db, &sql_ingest_notify, 0, NULL);
}

// Makes the object's row, reads it, records what came of it.
static bool
object_read(struct scope *s, struct reading *reading, const struct ingest_object *object,
            struct ingest_summary *out)
{
    const char *name = reading->request->name;
    reading->name = ingest_object_clean(s, (struct str){name, strlen(name)});
    const struct rows *r = DB_QUERY(s, reading->db, &sql_ingest_object, object->sha256, object->key,
                                    reading->name, db_int(s, object->size_bytes));
    if (r == NULL)
        return false;
    reading->object_id = rows_int(r, 0, "object_id");
    reading->rejects = scope_array(s, REJECT_MOST, sizeof *reading->rejects);
    if (!passes_run(s, reading, object->fd, rows_bool(r, 0, "is_known")))
        return false;
    summary_fill(s, reading, out);
    return rejects_keep(s, reading) && outcome_record(s, reading, object, out);
}

// Runs in a scope of its own, whose end undoes what was not committed.
static bool
reading_run(struct scope *own, struct reading *reading, const struct ingest_object *object,
            struct ingest_summary *out)
{
    return db_begin(own, reading->db) &&
           rules_load(own, reading->db, reading->request->as_of, &reading->rules) &&
           object_read(own, reading, object, out) &&
           (reading->request->is_dry_run || db_commit(own, reading->db));
}

bool
ingest_object_run(struct scope *s, struct db *db, const struct ingest_request *request,
                  const struct ingest_object *object, struct ingest_summary *out)
{
    const double begun_s = time_monotonic_s();
    struct scope own = {0};
    struct reading reading = {.db = db, .request = request};
    *out = (struct ingest_summary){.size_bytes = object->size_bytes};
    const bool ok = reading_run(&own, &reading, object, out);
    if (ok) {
        out->skipped = scope_copy(s, out->skipped);
        out->first_reject = out->first_reject == NULL ? NULL : scope_copy(s, out->first_reject);
    } else {
        fail_as(s, &own);
    }
    scope_close(&own);
    out->sha256 = object->sha256;
    out->seconds = time_monotonic_s() - begun_s;
    return ok;
}

static const char *
suffix_of(const struct table *table)
{
    if (feed_is_zip(table_feed(table)))
        return ".zip";
    return table_kind(table) == TABLE_API ? ".json" : ".csv";
}

// Refuses what is no file of ours before anything is kept of it.
static bool
suffix_find(struct scope *s, int fd, const char **suffix)
{
    const struct scope_mark mark = scope_mark(s);
    const struct table *table = table_open(s, fd);
    if (table == NULL)
        return false;
    *suffix = suffix_of(table);
    scope_release(s, mark);
    return ingest_object_rewind(s, fd);
}

bool
ingest_file(struct scope *s, struct db *db, struct store *store,
            const struct ingest_request *request, struct ingest_summary *out)
{
    const double begun_s = time_monotonic_s();
    struct ingest_object object;
    const char *suffix;
    const bool ok = suffix_find(s, request->fd, &suffix) &&
                    ingest_object_keep(s, store, request, suffix, &object) &&
                    ingest_object_run(s, db, request, &object, out);
    if (!ok)
        return explain(s, "could not ingest \"%s\"", request->name);
    out->seconds = time_monotonic_s() - begun_s;
    return true;
}
