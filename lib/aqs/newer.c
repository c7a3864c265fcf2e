// aqs/newer.c: what a daily feed would have brought, cut out of a station CSV.
#include "aqs/ingest_object.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aqs/ingest.sql.h"
#include "aqs/record.h"
#include "base/file.h"
#include "base/sorted.h"

#define SLICE_BYTES ((size_t)1 << 30) // it is made in memory

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

// The codes as an array literal.
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

struct kept { // a line that may be newer
    size_t at, n;
    char day[DAY_TEXT];
};

struct cut {                   // one way through the file
    struct sites sites;        // that it has named so far
    const struct rows *recent; // the newest days of the month before, by site
    char until[DAY_TEXT];      // the last day that is asked for
    char newest[DAY_TEXT];     // of the sites named so far; "" for none
    struct buf text;           // of the lines kept
    struct kept *kept;
    size_t n, room;
};

// Looks a site up among the recent ones, which are sorted.
static void
newest_raise(struct cut *cut, const char *site)
{
    size_t from = 0, to = rows_count(cut->recent);
    while (from < to) {
        const size_t middle = from + (to - from) / 2;
        const int order = strcmp(rows_text(cut->recent, middle, "site"), site);
        if (order == 0) {
            const char *day = rows_text(cut->recent, middle, "day");
            if (strcmp(day, cut->newest) > 0)
                snprintf(cut->newest, sizeof cut->newest, "%s", day);
            return;
        }
        from = order < 0 ? middle + 1 : from;
        to = order < 0 ? to : middle;
    }
}

static void
line_keep(struct scope *s, struct cut *cut, const struct line *line)
{
    if (cut->n == cut->room) {
        cut->room = 2 * cut->room + 1024;
        struct kept *more = scope_array(s, cut->room, sizeof *more);
        if (cut->n > 0)
            memcpy(more, cut->kept, cut->n * sizeof *more);
        cut->kept = more;
    }
    struct kept *kept = &cut->kept[cut->n++];
    *kept = (struct kept){.at = cut->text.n, .n = line->raw.n + 1};
    memcpy(kept->day, line->fields[FIELD_DAY].at, DAY_TEXT - 1);
    buf_add(&cut->text, line->raw.at, line->raw.n);
    buf_char(&cut->text, '\n');
}

// Reads the file, keeping what is newer than the sites named so far. Days are compared as text,
// which is their order; what is not a day is left to the whole file's own ingest. Most files have
// their lines in runs of one station.
static bool
lines_read(struct scope *s, struct table *table, struct cut *cut)
{
    char last[RECORD_SITE_BYTES], code[RECORD_SITE_BYTES];
    size_t n_last = 0;
    for (const struct line *line; cut->text.n <= SLICE_BYTES;) {
        if (!line_next(s, table, &line))
            return false;
        if (line == NULL)
            return true;
        const struct str site = line->fields[FIELD_SITE], day = line->fields[FIELD_DAY];
        if ((site.n != n_last || memcmp(site.at, last, n_last) != 0) &&
            record_station(site, code)) {
            site_put(s, &cut->sites, code);
            newest_raise(cut, code);
            memcpy(last, site.at, n_last = site.n);
        }
        if (day.n == DAY_TEXT - 1 && memcmp(day.at, cut->newest, day.n) > 0 &&
            memcmp(day.at, cut->until, day.n) <= 0)
            line_keep(s, cut, line);
    }
    return fail(s, ERROR_LIMIT, "they have more than %zu bytes; ingest the file whole, by --file",
                SLICE_BYTES);
}

// Where no station of the file has a recent value, an older one decides.
static bool
older_find(struct scope *s, struct db *db, int parameter, struct cut *cut)
{
    if (cut->newest[0] != '\0')
        return true;
    const struct rows *r = DB_QUERY(s, db, &sql_newer_older, db_int(s, parameter), cut->until,
                                    sites_list(s, &cut->sites));
    if (r == NULL)
        return false;
    snprintf(cut->newest, sizeof cut->newest, "%s", rows_text(r, 0, "day"));
    return true;
}

static bool
slice_make(struct scope *s, struct db *db, const struct ingest_request *request, struct buf *out,
           size_t *n)
{
    struct cut cut = {.text = buf_open(s, 1 << 13)};
    struct table *table = station_open(s, request->fd, request->parameter);
    if (table == NULL)
        return false;
    const int parameter = table_format(table)->values[0].parameter;
    day_format(time_day(request->as_of), cut.until);
    cut.recent = DB_QUERY(s, db, &sql_newer_recent, db_int(s, parameter), cut.until);
    if (cut.recent == NULL || !lines_read(s, table, &cut) || !older_find(s, db, parameter, &cut))
        return false;
    const struct str header = table_header(table);
    buf_add(out, header.at, header.n);
    buf_char(out, '\n');
    *n = 0;
    for (size_t i = 0; i < cut.n; i++)
        if (strcmp(cut.kept[i].day, cut.newest) > 0) {
            buf_add(out, cut.text.text + cut.kept[i].at, cut.kept[i].n);
            ++*n;
        }
    return true;
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
