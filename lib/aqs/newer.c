// aqs/newer.c: what a daily feed would have brought, cut out of a station CSV.
#include "aqs/ingest_object.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aqs/ingest.sql.h"
#include "aqs/table.h"
#include "base/file.h"

#define SOURCE_BYTES ((int64_t)1 << 30) // a slice is made in memory

struct mapping {
    char *at;
    size_t n;
};

struct slice {
    struct str text; // the whole file
    int parameter;
    size_t site, day; // columns
};

static void
mapping_close(void *thing)
{
    const struct mapping *m = thing;
    munmap(m->at, m->n);
}

static bool
file_map(struct scope *s, int fd, struct str *out)
{
    struct stat about;
    struct mapping *m = scope_alloc(s, sizeof *m);
    if (fstat(fd, &about) != 0)
        return fail(s, ERROR_UNAVAILABLE, "could not look at it: %s", strerror(errno));
    if (about.st_size > SOURCE_BYTES)
        return fail(s, ERROR_LIMIT, "it has more than %lld bytes; ingest it whole, by --file",
                    (long long)SOURCE_BYTES);
    m->n = (size_t)about.st_size;
    m->at = mmap(NULL, m->n, PROT_READ, MAP_PRIVATE, fd, 0);
    if (m->at == MAP_FAILED)
        return fail(s, ERROR_UNAVAILABLE, "could not map it: %s", strerror(errno));
    scope_defer(s, mapping_close, m);
    *out = (struct str){m->at, m->n};
    return true;
}

static struct str
line_take(struct str *rest)
{
    const char *end = memchr(rest->at, '\n', rest->n);
    const size_t n = end == NULL ? rest->n : (size_t)(end - rest->at) + 1;
    const struct str line = {rest->at, n};
    *rest = (struct str){rest->at + n, rest->n - n};
    return line;
}

// The i-th column of a line without quotes; empty where there is none.
static struct str
column_of(struct str line, size_t i)
{
    const char *at = line.at, *end = line.at + line.n;
    for (;; i--) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        if (i == 0) {
            const char *to = comma == NULL ? end : comma;
            while (to > at && (to[-1] == '\n' || to[-1] == '\r'))
                to--;
            return (struct str){at, (size_t)(to - at)};
        }
        if (comma == NULL)
            return (struct str){end, 0};
        at = comma + 1;
    }
}

// The number of the line that a byte stands in.
static size_t
line_of(struct str text, const char *byte)
{
    size_t line = 1;
    for (const char *c = text.at; c < byte; c++)
        line += *c == '\n';
    return line;
}

static bool
header_read(struct scope *s, int fd, struct slice *out)
{
    const struct table *table = table_open(s, fd); // which also refuses an empty file
    if (table == NULL || !file_map(s, fd, &out->text))
        return false;
    struct str rest = out->text;
    if (table_kind(table) != TABLE_STATION || feed_is_zip(table_feed(table)))
        return fail(s, ERROR_INPUT, "newer rows can only be taken from a station,date,value CSV");
    const char *quote = memchr(rest.at, '"', rest.n);
    if (quote != NULL)
        return fail(s, ERROR_INPUT,
                    "newer rows can only be taken from lines without quotes: line %zu",
                    line_of(rest, quote));
    out->parameter = table_parameter(table);
    const struct str header = line_take(&rest);
    for (size_t i = 0;; i++) {
        const struct str name = column_of(header, i);
        if (name.n == 0)
            return true;
        if (str_is(name, "station") || str_is(name, "site"))
            out->site = i;
        if (str_is(name, "date"))
            out->day = i;
    }
}

// Nine digits, as record.c reads them.
static bool
is_aqs_code(struct str site)
{
    size_t i = 0;
    while (i < site.n && site.at[i] >= '0' && site.at[i] <= '9')
        i++;
    return i == site.n && i == 9;
}

static int
site_order(struct str a, struct str b)
{
    const int order = memcmp(a.at, b.at, a.n < b.n ? a.n : b.n);
    return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

struct sites { // distinct codes, ascending
    struct str *codes;
    size_t n, room;
};

static void
site_put(struct scope *s, struct sites *sites, struct str code)
{
    size_t low = 0, high = sites->n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = site_order(sites->codes[middle], code);
        if (order == 0)
            return;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (sites->n == sites->room) {
        sites->room = 2 * sites->room + 128;
        struct str *more = scope_array(s, sites->room, sizeof *more);
        if (sites->n > 0)
            memcpy(more, sites->codes, sites->n * sizeof *more);
        sites->codes = more;
    }
    memmove(sites->codes + low + 1, sites->codes + low, (sites->n - low) * sizeof code);
    sites->codes[low] = code;
    sites->n++;
}

// The file's station codes.
static struct sites
sites_find(struct scope *s, const struct slice *slice)
{
    struct sites sites = {0};
    struct str rest = slice->text, last = {"", 0};
    line_take(&rest);
    while (rest.n > 0) {
        const struct str site = column_of(line_take(&rest), slice->site);
        if (site.n == last.n && memcmp(site.at, last.at, site.n) == 0)
            continue;
        last = site;
        site_put(s, &sites, site);
    }
    return sites;
}

// The same as an array literal.
static const char *
sites_list(struct scope *s, const struct slice *slice)
{
    const struct sites sites = sites_find(s, slice);
    struct buf list = buf_open(s, 1 << 12);
    buf_char(&list, '{');
    for (size_t k = 0; k < sites.n; k++) {
        const struct str site = sites.codes[k];
        const bool is_aqs = is_aqs_code(site);
        buf_text(&list, k > 0 ? ",\"" : "\"");
        for (size_t i = 0; i < site.n; i++) {
            if (is_aqs && (i == 2 || i == 5))
                buf_char(&list, '-');
            const char c = site.at[i];
            buf_char(&list, c <= ' ' || c > '~' || c == '\\' ? '?' : c);
        }
        buf_char(&list, '"');
    }
    buf_char(&list, '}');
    return list.text;
}

static bool
newest_find(struct scope *s, struct db *db, const struct slice *slice, struct day last,
            struct day *out)
{
    char text[DAY_TEXT];
    const struct rows *r = DB_QUERY(s, db, &sql_newer_day, db_int(s, slice->parameter),
                                    day_format(last, text), sites_list(s, slice));
    if (r == NULL)
        return false;
    *out = (struct day){INT32_MIN};
    return rows_is_null(r, 0, "day") || day_parse(s, rows_text(r, 0, "day"), out);
}

// Copies the header and the lines of days after `newest` up to `last`. Days are compared as text,
// which is their order; what is not a day is left to the whole file's own ingest.
static size_t
lines_cut(const struct slice *slice, struct day newest, struct day last, struct buf *out)
{
    char after[DAY_TEXT] = "0000-00-00", until[DAY_TEXT];
    struct str rest = slice->text;
    size_t n = 0;
    if (newest.n != INT32_MIN)
        day_format(newest, after);
    day_format(last, until);
    const struct str header = line_take(&rest);
    buf_add(out, header.at, header.n);
    while (rest.n > 0) {
        const struct str line = line_take(&rest), day = column_of(line, slice->day);
        if (day.n != DAY_TEXT - 1 || memcmp(day.at, after, day.n) <= 0 ||
            memcmp(day.at, until, day.n) > 0)
            continue;
        buf_add(out, line.at, line.n);
        n++;
    }
    return n;
}

static bool
slice_make(struct scope *s, struct db *db, const struct ingest_request *request, struct buf *out,
           size_t *n)
{
    struct slice slice = {0};
    struct day newest, last = time_day(request->as_of);
    if (!header_read(s, request->fd, &slice) || !newest_find(s, db, &slice, last, &newest))
        return false;
    *n = lines_cut(&slice, newest, last, out);
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
    return store_put(s, store, out->key, bytes) && store_open_object(s, store, out->key, &out->fd);
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
