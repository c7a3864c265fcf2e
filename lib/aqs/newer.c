// aqs/newer.c: what a daily feed would have brought, cut out of a station CSV.
#include "aqs/ingest_object.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aqs/ingest.sql.h"
#include "aqs/record.h"
#include "base/file.h"
#include "base/sorted.h"

#define SLICE_BYTES ((size_t)1 << 30) // it is made in memory

// Opens the file; every pass over it does so anew.
static struct table *
station_open(struct scope *s, int fd, int parameter)
{
    struct table *table = table_open(s, fd, parameter);
    if (table != NULL &&
        (table_format(table)->kind != TABLE_STATION || feed_is_zip(table_feed(table))))
        return fail_null(s, ERROR_INPUT,
                         "newer rows can only be taken from a station,date,value CSV");
    if (table != NULL && table_format(table)->n_values > 1)
        return fail_null(s, ERROR_INPUT,
                         "newer rows can only be taken of one value column, not %zu",
                         table_format(table)->n_values);
    return table;
}

// Reads the next line; one that cannot be told from others' parts has no day to judge it by.
static bool
line_next(struct scope *s, struct table *table, const struct line **line)
{
    if (!table_next(s, table, line))
        return false;
    if (*line != NULL && !(*line)->has_fields)
        return fail(s, ERROR_INPUT, "line %lld cannot be read: %s", (long long)(*line)->number,
                    (*line)->fault);
    return true;
}

struct sites { // distinct codes, sorted
    const char **codes;
    size_t n, room;
};

static void
site_put(struct scope *s, struct sites *sites, const char *code)
{
    size_t at;
    if (sorted_find(sites->n, sites->codes, code, &at))
        return;
    if (sites->n == sites->room) {
        sites->room = 2 * sites->room + 128;
        const char **more = scope_array(s, sites->room, sizeof *more);
        if (sites->n > 0)
            memcpy(more, sites->codes, sites->n * sizeof *more);
        sites->codes = more;
    }
    memmove(sites->codes + at + 1, sites->codes + at, (sites->n - at) * sizeof *sites->codes);
    sites->codes[at] = scope_copy(s, code);
    sites->n++;
}

// The file's station codes. Most files have their lines in runs of one station.
static bool
sites_find(struct scope *s, struct table *table, struct sites *out)
{
    char last[RECORD_SITE_BYTES], code[RECORD_SITE_BYTES];
    size_t n_last = 0;
    *out = (struct sites){0};
    for (const struct line *line;;) {
        if (!line_next(s, table, &line))
            return false;
        if (line == NULL)
            return true;
        const struct str site = line->fields[FIELD_SITE];
        if ((site.n == n_last && memcmp(site.at, last, n_last) == 0) || !record_station(site, code))
            continue;
        site_put(s, out, code);
        memcpy(last, site.at, n_last = site.n);
    }
}

// The same as an array literal.
static const char *
sites_list(struct scope *s, const struct sites *sites)
{
    struct buf list = buf_open(s, 1 << 12);
    buf_char(&list, '{');
    for (size_t i = 0; i < sites->n; i++) {
        buf_text(&list, i > 0 ? ",\"" : "\"");
        for (const char *c = sites->codes[i]; *c != '\0'; c++) {
            if (*c == '"' || *c == '\\')
                buf_char(&list, '\\');
            buf_char(&list, *c);
        }
        buf_char(&list, '"');
    }
    buf_char(&list, '}');
    return list.text;
}

// The newest day up to `last` that any of the file's stations has.
static bool
newest_find(struct scope *s, struct db *db, struct table *table, struct day last, struct day *out)
{
    char text[DAY_TEXT];
    struct sites sites;
    if (!sites_find(s, table, &sites))
        return false;
    const struct rows *r =
        DB_QUERY(s, db, &sql_newer_day, db_int(s, table_format(table)->values[0].parameter),
                 day_format(last, text), sites_list(s, &sites));
    if (r == NULL)
        return false;
    *out = (struct day){INT32_MIN};
    return rows_is_null(r, 0, "day") || day_parse(s, rows_text(r, 0, "day"), out);
}

static void
line_add(struct buf *out, struct str line)
{
    buf_add(out, line.at, line.n);
    buf_char(out, '\n');
}

// Copies the header and the lines of days after `newest` up to `last`. Days are compared as text,
// which is their order; what is not a day is left to the whole file's own ingest.
static bool
lines_cut(struct scope *s, struct table *table, struct day newest, struct day last, struct buf *out,
          size_t *n)
{
    char after[DAY_TEXT] = "0000-00-00", until[DAY_TEXT];
    const struct line *line;
    if (newest.n != INT32_MIN)
        day_format(newest, after);
    day_format(last, until);
    line_add(out, table_header(table));
    for (*n = 0; out->n <= SLICE_BYTES;) {
        if (!line_next(s, table, &line))
            return false;
        if (line == NULL)
            return true;
        const struct str day = line->fields[FIELD_DAY];
        if (day.n != DAY_TEXT - 1 || memcmp(day.at, after, day.n) <= 0 ||
            memcmp(day.at, until, day.n) > 0)
            continue;
        line_add(out, line->raw);
        ++*n;
    }
    return fail(s, ERROR_LIMIT, "they have more than %zu bytes; ingest the file whole, by --file",
                SLICE_BYTES);
}

static bool
slice_make(struct scope *s, struct db *db, const struct ingest_request *request, struct buf *out,
           size_t *n)
{
    struct day newest, last = time_day(request->as_of);
    struct table *table = station_open(s, request->fd, request->parameter);
    if (table == NULL || !newest_find(s, db, table, last, &newest))
        return false;
    table = station_open(s, request->fd, request->parameter);
    return table != NULL && lines_cut(s, table, newest, last, out, n);
}

// A dry run keeps nothing: its slice is read from an unnamed file.
static bool
file_unnamed(struct scope *s, int *fd)
{
    char path[] = "/tmp/airwatch-XXXXXX";
    *fd = mkstemp(path);
    if (*fd < 0)
        return fail(s, ERROR_UNAVAILABLE, "could not make a temporary file: %s", strerror(errno));
    unlink(path);
    file_defer_close(s, *fd);
    return true;
}

static bool
slice_keep(struct scope *s, struct store *store, bool is_dry_run, struct str bytes,
           struct ingest_object *out)
{
    char *sha256 = hash_bytes(bytes.at, bytes.n, scope_alloc(s, HASH_TEXT));
    *out = (struct ingest_object){
        .sha256 = sha256,
        .key = scope_print(s, "%s/%.2s/%s.csv", INGEST_PREFIX, sha256, sha256),
        .size_bytes = (int64_t)bytes.n,
    };
    if (is_dry_run)
        return file_unnamed(s, &out->fd) && file_put(s, out->fd, bytes.at, bytes.n);
    return store_put(s, store, out->key, bytes) &&
           store_open_object(s, store, out->key, out->sha256, &out->fd);
}

bool
ingest_newer(struct scope *s, struct db *db, struct store *store,
             const struct ingest_request *request, struct ingest_summary *out)
{
    const double begun_s = time_monotonic_s();
    struct ingest_object object;
    struct buf bytes = buf_open(s, 1 << 13);
    size_t n = 0;
    *out = (struct ingest_summary){.sha256 = "", .skipped = "{}"};
    const bool ok = slice_make(s, db, request, &bytes, &n) &&
                    (n == 0 || (slice_keep(s, store, request->is_dry_run,
                                           (struct str){bytes.text, bytes.n}, &object) &&
                                ingest_object_run(s, db, request, &object, out)));
    if (!ok)
        return explain(s, "could not ingest the newer rows of \"%s\"", request->name);
    out->seconds = time_monotonic_s() - begun_s;
    return true;
}
