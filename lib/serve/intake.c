#include "serve/intake.h"

#include "serve/intake.sql.h"
#include "serve/refused.h"

#define FEW_BYTES 2048 // of a part; below, records are tried one by one

bool
intake_rows(struct scope *s, struct db *db, const struct buf *lines, int64_t *n_rows)
{
    if (!db_run(s, db, &sql_intake_staging, 0, NULL) || !db_copy_open(s, db, &sql_intake_copy) ||
        !db_copy_put(s, db, lines->text, lines->n) || !db_copy_close(s, db, NULL) ||
        !db_run(s, db, &sql_intake_months, 0, NULL))
        return false;
    const struct rows *r = db_query(s, db, &sql_intake_rows, 0, NULL);
    if (r == NULL)
        return false;
    *n_rows = rows_touched(r);
    return true;
}

static bool
part_take(struct scope *s, struct db *db, const struct intake *in, int64_t *n_rows,
          struct segment_part *part)
{
    struct buf lines = buf_open(s, 64 * 1024);

    if (!db_begin(s, db) || !DB_RUN(s, db, &sql_intake_segment_add, in->name))
        return false;
    const struct rows *r = DB_QUERY(s, db, &sql_intake_segment_lock, in->name);
    if (r == NULL)
        return false;
    if (rows_count(r) != 1)
        return fail(s, ERROR_CONFLICT, "segment \"%s\" was dropped meanwhile", in->name);
    if (!segment_read(s, in->fd, rows_int(r, 0, "at_byte"), in->upto, in->enough_bytes, &lines,
                      part))
        return false;
    if (part->n_records > 0 && !intake_rows(s, db, &lines, n_rows))
        return false;
    return DB_RUN(s, db, &sql_intake_segment_move, in->name, db_int(s, part->next)) &&
           db_commit(s, db);
}

// Sets one record aside and moves past it, so that those behind it are not held up.
static bool
record_refuse(struct scope *s, struct db *db, const struct intake *in, const char *reason,
              struct segment_part *part)
{
    struct buf lines = buf_open(s, 4096);
    const char *path = scope_print(s, "%s.refused", in->path);

    if (!db_begin(s, db) || !DB_RUN(s, db, &sql_intake_segment_add, in->name))
        return false;
    const struct rows *r = DB_QUERY(s, db, &sql_intake_segment_lock, in->name);
    if (r == NULL || rows_count(r) != 1 ||
        !segment_read(s, in->fd, rows_int(r, 0, "at_byte"), in->upto, 1, &lines, part))
        return s->kind == ERROR_NONE ? fail(s, ERROR_CONFLICT, "segment is gone") : false;
    return refused_keep(s, db, path, (struct str){lines.text, lines.n}, reason) &&
           DB_RUN(s, db, &sql_intake_segment_move, in->name, db_int(s, part->next)) &&
           db_commit(s, db);
}

// Whether it is the record that is wrong, so that trying again would not help. A deadlock, a full
// disk or a missing table is not its fault.
static bool
is_refused(const struct scope *one)
{
    return one->kind == ERROR_INPUT;
}

bool
intake_part(struct scope *s, struct db *db, const struct intake *in, int64_t *n_rows,
            struct segment_part *part)
{
    struct scope one = {0};
    struct intake less = *in;

    *n_rows = 0;
    bool ok = part_take(&one, db, in, n_rows, part);
    while (is_refused(&one)) { // closes in on the record, a fraction at a time
        const bool is_single = less.enough_bytes == 1;
        const char *reason = scope_copy(s, one.message);
        scope_close(&one); // rolls back
        less.enough_bytes = less.enough_bytes > FEW_BYTES ? less.enough_bytes / 8 : 1;
        ok = is_single ? record_refuse(&one, db, in, reason, part)
                       : part_take(&one, db, &less, n_rows, part);
        if (is_single)
            break;
    }
    if (!ok)
        fail_as(s, &one);
    scope_close(&one);
    return ok;
}

bool
intake_forget(struct scope *s, struct db *db, const char *name)
{
    return DB_RUN(s, db, &sql_intake_segment_drop, name);
}
