#include "table/extract.h"

#include <string.h>

#include "aqs/ingest_object.h"
#include "base/file.h"
#include "table/catalogue.h"
#include "table/extract.sql.h"

#define PIECE_BYTES ((size_t)1 << 16)

struct writing { // of the rows
    int fd;
    struct hash *hash;
    struct buf piece;
    int64_t size_bytes;
};

static bool
piece_write(struct scope *s, struct writing *w)
{
    hash_add(w->hash, w->piece.text, w->piece.n);
    w->size_bytes += (int64_t)w->piece.n;
    const bool ok = file_put(s, w->fd, w->piece.text, w->piece.n);
    buf_clear(&w->piece);
    return ok;
}

static bool
row_write(struct scope *s, void *context, const char *bytes, size_t n)
{
    struct writing *w = context;
    buf_add(&w->piece, bytes, n);
    return w->piece.n < PIECE_BYTES || piece_write(s, w);
}

static bool
rows_write(struct scope *s, struct db *db, const char *table, int64_t as_of, int fd,
           struct extract *out)
{
    struct writing w = {.fd = fd, .hash = hash_open(s), .piece = buf_open(s, 2 * PIECE_BYTES)};
    const struct rows *r = DB_QUERY(s, db, &sql_extract_view, table, db_time(s, as_of));
    if (r == NULL)
        return false;
    if (!rows_is_null(r, 0, "later"))
        return fail(s, ERROR_INPUT, "table \"%s\" has rows of %s, which is after --as-of", table,
                    rows_text(r, 0, "later"));
    if (!db_copy_out(s, db, &sql_extract_copy, row_write, &w, &out->n_rows) ||
        !piece_write(s, &w) || !db_run(s, db, &sql_extract_view_drop, 0, NULL))
        return false;
    hash_finish(w.hash, out->sha256);
    out->size_bytes = w.size_bytes;
    return ingest_object_rewind(s, fd);
}

static bool
version_record(struct scope *s, struct db *db, const char *table, int64_t as_of,
               struct extract *out)
{
    char day[DAY_TEXT];
    const struct rows *r =
        DB_QUERY(s, db, &sql_extract_add, table, day_format(time_day(as_of), day), out->sha256,
                 out->key, db_int(s, out->n_rows), db_int(s, out->size_bytes));
    if (r == NULL)
        return false;
    out->dataset_id = rows_int(r, 0, "dataset_id");
    return DB_RUN(s, db, &sql_extract_lineage, db_int(s, out->dataset_id), table);
}

bool
extract_make(struct scope *s, struct db *db, struct store *store, const char *table, int64_t as_of,
             int fd, struct extract *out)
{
    struct declaration d;
    struct store_kept kept = {0};
    *out = (struct extract){0};
    if (!catalogue_get(s, db, table, &d) || !db_begin(s, db) ||
        !rows_write(s, db, table, as_of, fd, out))
        return false;
    if (store == NULL)
        return true;
    const char *prefix = scope_print(s, "processed_data/tables/%s", table);
    if (!store_put_stream(s, store, fd, prefix, ".csv", &kept))
        return false;
    out->key = kept.key;
    return version_record(s, db, table, as_of, out) && db_commit(s, db);
}
