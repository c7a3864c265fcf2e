#include "table/delivery.h"

#include <stdio.h>
#include <string.h>

#include "aqs/ingest.sql.h"
#include "aqs/ingest_object.h"
#include "aqs/reject.h"
#include "cli/progress.h"
#include "table/catalogue.h"
#include "table/cell.h"
#include "table/delivery.sql.h"
#include "table/sheet.h"
#include "text/json.h"

#define PIECE_BYTES ((size_t)1 << 16)
#define KEY_BYTES 2400 // a third of PostgreSQL's page, less what an index adds to 32 columns

struct taking { // of one file
    struct db *db;
    const struct ingest_request *request;
    const struct declaration *d;
    int64_t object_id, n_rows, n_blank;
    int64_t n_new, n_changed, n_same, n_removed, n_repeated, n_older;
    struct rejects *rejects;
    struct buf row, bytes;
};

// Encodes a row for COPY's binary form; false with the reason where the declaration refuses it.
static bool
row_encode(struct taking *t, const struct sheet_row *row, char reason[CELL_REASON_BYTES])
{
    const struct declaration *d = t->d;
    const char n_fields[2] = {(char)((d->n_columns + 1) >> 8), (char)(d->n_columns + 1)};
    size_t key_bytes = 0;
    buf_clear(&t->row);
    buf_add(&t->row, n_fields, sizeof n_fields);
    for (size_t i = 0; i < d->n_columns; i++) {
        const size_t before = t->row.n;
        if (!cell_put(&t->row, d, &d->columns[i], row->fields[i], reason))
            return false;
        key_bytes += d->columns[i].is_key ? t->row.n - before : 0;
    }
    cell_put_int(&t->row, row->line);
    if (key_bytes > KEY_BYTES)
        snprintf(reason, CELL_REASON_BYTES, "its key has %zu bytes, more than %d", key_bytes,
                 KEY_BYTES);
    return key_bytes <= KEY_BYTES;
}

static bool
bytes_send(struct scope *s, struct taking *t)
{
    const bool ok = t->bytes.n == 0 || db_copy_put(s, t->db, t->bytes.text, t->bytes.n);
    buf_clear(&t->bytes);
    return ok;
}

static bool
row_take(struct scope *s, struct taking *t, const struct sheet_row *row)
{
    char reason[CELL_REASON_BYTES];
    t->n_rows++;
    if (row->is_blank) {
        t->n_blank++;
        return true;
    }
    if (row->fault != NULL || !row_encode(t, row, reason)) {
        rejects_note(t->rejects, row->line, row->fault != NULL ? row->fault : reason, row->raw);
        return true;
    }
    buf_add(&t->bytes, t->row.text, t->row.n);
    return t->bytes.n < PIECE_BYTES || bytes_send(s, t);
}

// Streams all rows into the stage. What must outlive a row is kept in `s`.
static bool
rows_copy(struct scope *s, struct taking *t, struct sheet *sheet, const struct feed *feed)
{
    static const char header[19] = "PGCOPY\n\377\r\n\0"; // then flags and the extension's length, 0
    const struct sheet_row *row;
    struct scope one = {0}; // of what the feed needs for itself
    bool ok =
        db_copy_open(s, t->db, &sql_delivery_copy) && db_copy_put(s, t->db, header, sizeof header);
    struct progress *bar =
        progress_open(s, t->request->name, feed_size(feed), "bytes", t->request->is_quiet);
    while (ok) {
        const struct scope_mark mark = scope_mark(&one);
        ok = sheet_next(&one, sheet, &row) || fail_as(s, &one);
        if (!ok || row == NULL)
            break;
        if ((t->n_rows & 4095) == 0)
            progress_move(bar, feed_position(feed), NULL);
        ok = row_take(s, t, row);
        scope_release(&one, mark);
    }
    progress_finish(bar);
    scope_close(&one);
    return ok && bytes_send(s, t) && db_copy_put(s, t->db, "\377\377", 2) &&
           db_copy_close(s, t->db, NULL);
}

static bool
settle(struct scope *s, struct taking *t)
{
    const struct rows *r = DB_QUERY(s, t->db, &sql_delivery_settle, t->d->name,
                                    db_int(s, t->object_id), db_time(s, t->request->as_of));
    if (r == NULL)
        return false;
    t->n_new = rows_int(r, 0, "n_new");
    t->n_changed = rows_int(r, 0, "n_changed");
    t->n_same = rows_int(r, 0, "n_same");
    t->n_removed = rows_int(r, 0, "n_removed");
    t->n_repeated = rows_int(r, 0, "n_repeated");
    t->n_older = rows_int(r, 0, "n_older");
    return t->n_removed == 0 || t->n_new + t->n_changed + t->n_same > 0 ||
           fail(s, ERROR_INPUT,
                "none of its %lld lines is a good row, and as a snapshot it would remove all %lld "
                "that are there%s%s",
                (long long)t->n_rows, (long long)t->n_removed,
                rejects_count(t->rejects) > 0 ? "; " : "",
                rejects_count(t->rejects) > 0 ? rejects_first(s, t->rejects) : "");
}

static const char *
skipped_write(struct scope *s, const struct taking *t)
{
    struct buf text = buf_open(s, 128);
    struct json_writer w = {.out = &text};
    json_object_begin(&w);
    if (t->n_blank > 0)
        json_pair_int(&w, "blank line", t->n_blank);
    if (t->n_repeated > 0)
        json_pair_int(&w, "another line of the same key", t->n_repeated);
    if (t->n_older > 0)
        json_pair_int(&w, "a later file said otherwise", t->n_older);
    json_object_end(&w);
    return text.text;
}

static void
summary_fill(struct scope *s, const struct taking *t, struct ingest_summary *out)
{
    out->n_rows = t->n_rows;
    out->n_new = t->n_new;
    out->n_changed = t->n_changed;
    out->n_same = t->n_same;
    out->n_skipped = t->n_blank + t->n_repeated + t->n_older;
    out->n_rejected = rejects_count(t->rejects);
    out->skipped = skipped_write(s, t);
    out->first_reject = rejects_first(s, t->rejects);
    out->n_removed = t->n_removed;
}

static bool
outcome_record(struct scope *s, const struct taking *t, const struct ingest_object *object,
               const struct ingest_summary *out)
{
    const bool ok = DB_RUN(s, t->db, &sql_delivery_record, db_int(s, t->object_id),
                           db_time(s, t->request->as_of), db_int(s, t->n_rows), db_int(s, t->n_new),
                           db_int(s, t->n_changed), db_int(s, t->n_same), db_int(s, out->n_skipped),
                           db_int(s, out->n_rejected), out->skipped, t->d->name);
    if (!ok || t->n_new + t->n_changed + t->n_removed == 0)
        return ok;
    return DB_RUN(s, t->db, &sql_delivery_audit, t->d->name, object->sha256, db_int(s, t->n_new),
                  db_int(s, t->n_changed), db_int(s, t->n_removed));
}

static bool
object_note(struct scope *s, struct taking *t, const struct ingest_object *object)
{
    const char *name = t->request->name;
    const struct rows *r = DB_QUERY(s, t->db, &sql_ingest_object, object->sha256, object->key,
                                    ingest_object_clean(s, (struct str){name, strlen(name)}),
                                    db_int(s, object->size_bytes));
    if (r == NULL)
        return false;
    t->object_id = rows_int(r, 0, "object_id");
    return true;
}

// The declaration was read before the table's lock was had.
static bool
stage_make(struct scope *s, struct taking *t)
{
    const struct rows *r = DB_QUERY(s, t->db, &sql_delivery_lock, t->d->name, t->d->json);
    if (r == NULL)
        return false;
    if (rows_count(r) == 0 || !rows_bool(r, 0, "is_same"))
        return fail(s, ERROR_CONFLICT, "it was %s meanwhile: try again",
                    rows_count(r) == 0 ? "dropped" : "declared otherwise");
    return DB_RUN(s, t->db, &sql_delivery_stage, t->d->name);
}

// Runs in a scope of its own, whose end undoes what was not committed.
static bool
taking_run(struct scope *s, struct taking *t, const struct ingest_object *object,
           struct ingest_summary *out)
{
    t->rejects = rejects_open(s);
    t->row = buf_open(s, 1 << 12);
    t->bytes = buf_open(s, 2 * PIECE_BYTES);
    if (!db_begin(s, t->db) || !object_note(s, t, object) || !stage_make(s, t))
        return false;
    struct feed *feed = feed_open(s, object->fd);
    struct sheet *sheet = feed == NULL ? NULL : sheet_open(s, t->d, feed);
    if (sheet == NULL || !rows_copy(s, t, sheet, feed) || !settle(s, t))
        return false;
    summary_fill(s, t, out);
    return rejects_keep(s, t->db, t->object_id, t->rejects) && outcome_record(s, t, object, out) &&
           (t->request->is_dry_run || db_commit(s, t->db));
}

// Refuses what is no file of the table before anything is kept of it.
static bool
suffix_find(struct scope *s, const struct declaration *d, int fd, const char **suffix)
{
    struct scope one = {0};
    struct feed *feed = feed_open(&one, fd);
    const bool ok = feed != NULL && sheet_open(&one, d, feed) != NULL;
    if (!ok)
        fail_as(s, &one);
    *suffix = ok && feed_is_zip(feed) ? ".zip" : ".csv";
    scope_close(&one);
    return ok && ingest_object_rewind(s, fd);
}

static bool
object_take(struct scope *s, struct taking *t, struct store *store, struct ingest_summary *out)
{
    struct ingest_object object;
    const char *suffix;
    struct scope own = {0};
    if (!suffix_find(s, t->d, t->request->fd, &suffix) ||
        !ingest_object_keep(s, store, t->request, suffix, &object))
        return false;
    const bool ok = taking_run(&own, t, &object, out);
    if (ok) {
        out->skipped = scope_copy(s, out->skipped);
        out->first_reject = out->first_reject == NULL ? NULL : scope_copy(s, out->first_reject);
    } else {
        fail_as(s, &own);
    }
    scope_close(&own);
    out->sha256 = object.sha256;
    out->size_bytes = object.size_bytes;
    return ok;
}

bool
delivery_take(struct scope *s, struct db *db, struct store *store,
              const struct ingest_request *request, const char *table, struct ingest_summary *out)
{
    const double begun_s = time_monotonic_s();
    struct declaration d;
    struct taking t = {.db = db, .request = request, .d = &d};
    *out = (struct ingest_summary){.first = {INT32_MAX}, .last = {INT32_MIN}, .skipped = "{}"};
    if (!catalogue_get(s, db, table, &d))
        return false;
    if (!object_take(s, &t, store, out))
        return explain(s, "could not ingest \"%s\" into table \"%s\"", request->name, table);
    out->seconds = time_monotonic_s() - begun_s;
    return true;
}

bool
delivery_retry(struct scope *s, struct db *db, struct store *store, struct reread which,
               struct ingest_request request, struct ingest_summary *out)
{
    const char *table = rows_text(which.objects, which.i, "table_name");
    if (table[0] == '\0')
        return reread_object(s, db, store, which, request, out);
    request.name = rows_text(which.objects, which.i, "file");
    return store_open_object(s, store, rows_text(which.objects, which.i, "key"),
                             rows_text(which.objects, which.i, "sha256"), &request.fd) &&
           delivery_take(s, db, store, &request, table, out);
}
