#include "aqs/ingest.h"

#include <stdio.h>
#include <string.h>

#include "aqs/ingest.sql.h"
#include "aqs/ingest_object.h"
#include "aqs/reading.h"
#include "base/log.h"
#include "text/json.h"

#define EARLY_BYTES ((int64_t)4 << 20) // a smaller file is hashed in a moment

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
        out->parameters[i].hour_floor = rows_number(r, i, "hour_floor");
        out->parameters[i].hour_ceiling = rows_number(r, i, "hour_ceiling");
        out->n_parameters++;
    }
    return true;
}

// Writes how many rows were set aside, and why.
static void
skipped_write(const struct reading *reading, struct json_writer *w, int64_t *n_skipped)
{
    int64_t n_told = 0;
    char key[READING_REASON_BYTES + 16];
    json_object_begin(w);
    for (size_t i = 0; i < reading->n_reasons; i++)
        n_told += reading->reasons[i].n;
    for (int i = 0; i < SKIP_MOST; i++) {
        const int64_t n = reading->skipped[i] + reading->tally.skipped[i];
        const int64_t n_here = i == SKIP_NO_VALUE ? n - n_told : n;
        if (n_here > 0)
            json_pair_int(w, skip_name((enum skip)i), n_here);
        *n_skipped += n;
    }
    for (size_t i = 0; i < reading->n_reasons; i++) {
        snprintf(key, sizeof key, "%s: %s", skip_name(SKIP_NO_VALUE), reading->reasons[i].text);
        json_pair_int(w, key, reading->reasons[i].n);
    }
    json_object_end(w);
}

// Its texts go into the caller's scope.
static void
summary_fill(struct scope *s, const struct reading *reading, struct ingest_summary *out)
{
    struct buf *text = scope_alloc(s, sizeof *text);
    struct json_writer w = {.out = text};
    *text = buf_open(s, 256);
    out->n_rows = reading->n_rows;
    out->n_new = reading->tally.n_new;
    out->n_changed = reading->tally.n_changed;
    out->n_same = reading->tally.n_same;
    out->n_rejected = rejects_count(reading->rejects);
    out->first_reject = rejects_first(s, reading->rejects);
    out->first = reading->first;
    out->last = reading->last;
    out->has_hours = reading->has_hours;
    out->n_days_new = reading->days.n_new;
    out->n_days_changed = reading->days.n_changed;
    out->n_days_same = reading->days.n_same;
    skipped_write(reading, &w, &out->n_skipped);
    out->skipped = text->text;
}

static bool
outcome_record(struct scope *s, const struct reading *reading, const struct ingest_object *object,
               const struct ingest_summary *out)
{
    const bool has_news = out->n_new + out->n_changed > 0;
    const bool has_days = has_news && out->first.n <= out->last.n; // a list of sites has none
    const int margin = reading->has_hours ? 1 : 0; // an 8-hour mean reaches into the next day
    char first[DAY_TEXT], last[DAY_TEXT];
    const bool ok = DB_RUN(s, reading->db, &sql_ingest_record, db_int(s, reading->object_id),
                           db_time(s, reading->request->as_of), db_int(s, out->n_rows),
                           db_int(s, out->n_new), db_int(s, out->n_changed), db_int(s, out->n_same),
                           db_int(s, out->n_skipped), db_int(s, out->n_rejected), out->skipped,
                           has_days ? day_format(day_add(out->first, -margin), first) : NULL,
                           has_days ? day_format(day_add(out->last, margin), last) : NULL);
    if (!ok || !has_news)
        return ok;
    return DB_RUN(s, reading->db, &sql_ingest_audit, reading->name, object->sha256,
                  db_int(s, out->n_new), db_int(s, out->n_changed)) &&
           db_run(s, reading->db, &sql_ingest_notify, 0, NULL);
}

// Reads an object while it is still copied and hashed, under an id that is reserved for it.
static bool
early_try(struct scope *s, struct reading *reading, struct ingest_object *object, bool *is_read)
{
    struct feed *feed = feed_open_growing(s, object->fd, object->put, object->size_bytes);
    const struct rows *id = db_query(s, reading->db, &sql_ingest_object_reserve, 0, NULL);
    if (id == NULL || !db_begin(s, reading->db))
        return false;
    reading->object_id = rows_int(id, 0, "object_id");
    if (!reading_copy(s, reading, feed) || !ingest_object_hashed(s, object))
        return false;
    const struct rows *claimed =
        DB_QUERY(s, reading->db, &sql_ingest_object_claim, db_int(s, reading->object_id),
                 object->sha256, object->key, reading->name, db_int(s, object->size_bytes));
    *is_read = claimed != NULL && rows_count(claimed) == 1;
    return *is_read ? db_commit(s, reading->db) : claimed != NULL;
}

// What a copy that failed let the reader see is not the reader's fault.
static bool
fail_early(struct scope *s, struct ingest_object *object)
{
    struct scope other = {0};
    if (!ingest_object_hashed(&other, object)) {
        scope_forgive(s);
        fail_as(s, &other);
    }
    scope_close(&other);
    return false;
}

// The same; where the bytes or their rows are known already, all of it is undone.
static bool
early_read(struct scope *s, struct reading *reading, struct ingest_object *object, bool *is_read)
{
    const struct scope_mark mark = scope_mark(s);
    *is_read = false;
    if (!early_try(s, reading, object, is_read) && s->kind != ERROR_CONFLICT)
        return fail_early(s, object);
    if (*is_read)
        return true;
    scope_forgive(s);
    scope_release(s, mark);
    object->key = object->sha256 = NULL; // they went with the scope's memory
    return true;
}

// Reads an object whose hash is known; `is_tried` when its rows met others of the same keys.
static bool
late_read(struct scope *s, struct reading *reading, struct ingest_object *object, bool is_tried)
{
    if (!ingest_object_hashed(s, object))
        return false;
    const struct rows *r = DB_QUERY(s, reading->db, &sql_ingest_object, object->sha256, object->key,
                                    reading->name, db_int(s, object->size_bytes));
    if (r == NULL)
        return false;
    reading->object_id = rows_int(r, 0, "object_id");
    return reading_run(s, reading, object->fd, is_tried || rows_bool(r, 0, "is_known"));
}

// Makes the object's row, reads it, records what came of it; `out_s` is of the summary's texts.
static bool
object_read(struct scope *s, struct scope *out_s, struct reading *reading,
            struct ingest_object *object, struct ingest_summary *out)
{
    const int parameter = reading->request->parameter;
    const char *name = reading->request->name;
    bool is_read = false;
    reading->name = ingest_object_clean(s, (struct str){name, strlen(name)});
    if (object->is_early && !early_read(s, reading, object, &is_read))
        return false;
    if (!is_read && !late_read(s, reading, object, object->is_early))
        return false;
    summary_fill(out_s, reading, out);
    if (parameter != 0 && !DB_RUN(s, reading->db, &sql_ingest_object_parameter,
                                  db_int(s, reading->object_id), db_int(s, parameter)))
        return false;
    return rejects_keep(s, reading->db, reading->object_id, reading->rejects) &&
           outcome_record(s, reading, object, out);
}

// Waits for its turn, and says so: who has it may need it for minutes.
static bool
turn_take(struct scope *s, struct db *db)
{
    const struct rows *r = db_query(s, db, &sql_ingest_turn_try, 0, NULL);
    if (r == NULL || rows_bool(r, 0, "taken"))
        return r != NULL;
    log_info("ingest.waiting", "for=\"%s\" why=\"one takes in measurements at a time\"",
             rows_text(r, 0, "holder"));
    return db_run(s, db, &sql_ingest_turn, 0, NULL);
}

// Runs in a scope of its own, whose end undoes what was not committed.
static bool
object_run(struct scope *own, struct scope *out_s, struct reading *reading,
           struct ingest_object *object, struct ingest_summary *out)
{
    return db_begin(own, reading->db) && turn_take(own, reading->db) &&
           rules_load(own, reading->db, reading->request->as_of, &reading->rules) &&
           object_read(own, out_s, reading, object, out) &&
           (object->put == NULL || store_put_finish(own, object->put)) &&
           (reading->request->is_dry_run || db_commit(own, reading->db));
}

bool
ingest_object_run(struct scope *s, struct db *db, const struct ingest_request *request,
                  struct ingest_object *object, struct ingest_summary *out)
{
    const double begun_s = time_monotonic_s();
    struct scope own = {0};
    struct reading reading = {.db = db, .request = request};
    *out = (struct ingest_summary){0};
    const bool ok = object_run(&own, s, &reading, object, out);
    if (ok)
        out->sha256 = scope_copy(s, object->sha256);
    else
        fail_as(s, &own);
    scope_close(&own);
    out->size_bytes = object->size_bytes;
    out->seconds = time_monotonic_s() - begun_s;
    return ok;
}

static const char *
suffix_of(const struct table *table)
{
    if (feed_is_zip(table_feed(table)))
        return ".zip";
    return table_is_json(table) ? ".json" : ".csv";
}

// Refuses what is no file of ours before anything is kept of it.
static bool
file_look(struct scope *s, int fd, int parameter, const char **suffix, bool *is_early)
{
    const struct scope_mark mark = scope_mark(s);
    const struct table *table = table_open(s, fd, parameter);
    if (table == NULL)
        return false;
    *suffix = suffix_of(table);
    *is_early = reading_can_copy(table_format(table)->kind) && !feed_is_zip(table_feed(table)) &&
                feed_size(table_feed(table)) >= EARLY_BYTES;
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
    bool is_early;
    bool ok = file_look(s, request->fd, request->parameter, &suffix, &is_early) &&
              ingest_object_begin(s, store, request, suffix, &object);
    object.is_early = ok && is_early && object.put != NULL;
    ok = ok && ingest_object_run(s, db, request, &object, out);
    if (!ok)
        return explain(s, "could not ingest \"%s\"", request->name);
    out->seconds = time_monotonic_s() - begun_s;
    return true;
}
