#include "aqs/reread.h"

#include "aqs/ingest_object.h"
#include "aqs/table.h"
#include "text/csv.h"
#include "text/json_stream.h"

static bool
feed_take(struct scope *s, void *feed, char *to, size_t room_bytes, size_t *n)
{
    return feed_read(s, feed, to, room_bytes, n);
}

static bool
csv_line(struct scope *s, struct feed *feed, int64_t line, struct str *out)
{
    const struct csv_record *r;
    struct csv *csv = csv_open(s, feed_take, feed, TABLE_LINE_BYTES);
    do {
        if (!csv_next(s, csv, &r))
            return false;
    } while (r != NULL && r->line < line);
    *out = r != NULL && r->line == line ? r->raw : (struct str){0};
    return true;
}

static bool
json_line(struct scope *s, struct table *table, int64_t line, struct str *out)
{
    const struct line *l;
    do {
        if (!table_next(s, table, &l))
            return false;
    } while (l != NULL && l->number < line);
    *out = l != NULL && l->number == line ? l->raw : (struct str){0};
    return true;
}

static bool
line_find(struct scope *s, int fd, int64_t line, struct str *out)
{
    struct str first;
    struct feed *feed = feed_open(s, fd);
    if (feed == NULL || !feed_peek(s, feed, 1, &first))
        return false;
    if (first.n == 0 || first.at[0] != '{')
        return csv_line(s, feed, line, out);
    struct table *table = table_open(s, fd, 0);
    return table != NULL && json_line(s, table, line, out);
}

bool
reread_line(struct scope *s, struct store *store, const char *key, const char *sha256, int64_t line,
            struct str *out)
{
    int fd;
    if (!store_open_object(s, store, key, sha256, &fd) || !line_find(s, fd, line, out))
        return false;
    return out->at != NULL ||
           fail(s, ERROR_MISSING, "object \"%s\" has no record on line %lld", key, (long long)line);
}

bool
reread_object(struct scope *s, struct db *db, struct store *store, struct reread which,
              struct ingest_request request, struct ingest_summary *out)
{
    struct ingest_object raw = {
        .key = rows_text(which.objects, which.i, "key"),
        .sha256 = rows_text(which.objects, which.i, "sha256"),
        .size_bytes = rows_int(which.objects, which.i, "size_bytes"),
    };
    request.name = rows_text(which.objects, which.i, "file");
    request.parameter = (int)rows_int(which.objects, which.i, "parameter");
    if (!store_open_object(s, store, raw.key, raw.sha256, &raw.fd) ||
        !ingest_object_run(s, db, &request, &raw, out))
        return explain(s, "could not read \"%s\" again", request.name);
    return true;
}
