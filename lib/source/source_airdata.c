// source/source_airdata.c: EPA's pre-generated files, a zip for each parameter and calendar year.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aqs/feed.h"
#include "base/log.h"
#include "source/fetch.h"
#include "source/words.h"

#define YEAR_FIRST 1980 // of EPA's files
#define PIECE_BYTES ((size_t)64 * 1024)

static const char *const settings[] = {"parameter", "years", "hourly", "url", NULL};

// Files that hold several parameters.
//
//   source  https://aqs.epa.gov/aqsweb/airdata/download_files.html
static const char *const groups[] = {"SPEC",  "PM10SPEC", "WIND", "TEMP",     "PRESS",
                                     "RH_DP", "HAPS",     "VOCS", "NONOxNOy", "LEAD"};

// Parameters that people ask for and that have no file of their own.
static const struct {
    const char *code, *group;
} members[] = {{"61103", "WIND"},  {"61104", "WIND"},  {"62101", "TEMP"},
               {"62103", "RH_DP"}, {"62201", "RH_DP"}, {"64101", "PRESS"}};

static bool
parameter_check(struct scope *s, const char *word)
{
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        if (strcmp(word, groups[i]) == 0)
            return true;
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (strcmp(word, members[i].code) == 0)
            return fail(s, ERROR_USAGE,
                        "option --parameter: %s has no file of its own, it is in %s", word,
                        members[i].group);
    if (strlen(word) == 5 && strspn(word, "0123456789") == 5)
        return true;
    return fail(s, ERROR_USAGE,
                "option --parameter: \"%.40s\" is neither a code of 5 digits nor one of SPEC, "
                "PM10SPEC, WIND, TEMP, PRESS, RH_DP, HAPS, VOCS, NONOxNOy and LEAD",
                word);
}

static bool
parameters_settle(struct scope *s, const struct source_given given[], struct json_writer *out)
{
    const char *text = source_given_find(given, "parameter");
    struct words words;
    if (text == NULL)
        return fail(s, ERROR_USAGE, "option --parameter is missing");
    if (!words_split(s, "parameter", text, &words))
        return false;
    for (size_t i = 0; i < words.n; i++)
        if (!parameter_check(s, words.word[i]))
            return false;
    words_put(out, "parameter", &words);
    return true;
}

// Reads four digits, and moves past them.
static bool
year_read(const char **at, int64_t *out)
{
    if (strspn(*at, "0123456789") != 4)
        return false;
    *out = strtoll(*at, NULL, 10);
    *at += 4;
    return true;
}

// "2019", "2019-2025", or "2019-" for all from then on.
static bool
years_settle(struct scope *s, const char *text, int64_t as_of, struct json_writer *out)
{
    const int64_t this_year = day_year(time_day(as_of));
    int64_t first, last = 0;
    if (text == NULL)
        return fail(s, ERROR_USAGE, "option --years is missing");
    const char *at = text;
    bool ok = year_read(&at, &first);
    if (ok && *at == '\0')
        last = first;
    else
        ok = ok && *at++ == '-' && (*at == '\0' || (year_read(&at, &last) && *at == '\0'));
    if (!ok)
        return fail(s, ERROR_USAGE,
                    "option --years: \"%.40s\" is not a year, nor two as in 2019-2025, nor one to "
                    "begin with as in 2019-",
                    text);
    if (first < YEAR_FIRST || first > this_year ||
        (last != 0 && (last < first || last > this_year)))
        return fail(s, ERROR_USAGE, "option --years: \"%.40s\" is not within %d-%lld, in order",
                    text, YEAR_FIRST, (long long)this_year);
    json_pair_int(out, "first_year", first);
    if (last != 0)
        json_pair_int(out, "last_year", last);
    return true;
}

static bool
base_settle(struct scope *s, const char *url, struct json_writer *out)
{
    if (url == NULL)
        return true; // AIRDATA_URL then
    if (!words_address(s, "url", url))
        return false;
    json_pair_text(out, "url", url);
    return true;
}

static bool
airdata_settle(struct scope *s, const struct source_given given[], int64_t as_of,
               struct json_writer *out)
{
    if (!parameters_settle(s, given, out) ||
        !years_settle(s, source_given_find(given, "years"), as_of, out))
        return false;
    json_pair_text(out, "files", source_given_find(given, "hourly") != NULL ? "hourly" : "daily");
    return base_settle(s, source_given_find(given, "url"), out);
}

// The years that are wanted: the source's own, or those of a backfill's days.
static bool
years_find(struct scope *s, const struct json *set, const struct source_span *span, int *first,
           int *last)
{
    int64_t from, to = day_year(span->last);
    if (span->is_backfill) {
        *first = day_year(span->first) < YEAR_FIRST ? YEAR_FIRST : day_year(span->first);
        *last = (int)to;
        return true;
    }
    if (!json_int(s, set, "first_year", &from) ||
        (json_find(set, "last_year") != NULL && !json_int(s, set, "last_year", &to)))
        return false;
    *first = (int)from;
    *last = (int)to < day_year(span->last) ? (int)to : day_year(span->last);
    return true;
}

static void
year_add(struct scope *s, const char *files, const char *parameter, int year, struct day until,
         struct source_units *out)
{
    const struct day last = day_from(year, 12, 31);
    source_unit_add(s, out,
                    &(struct source_unit){
                        .unit = scope_print(s, "%s_%s_%d", files, parameter, year),
                        .parameter = parameter,
                        .area = "",
                        .year = year,
                        .first = day_from(year, 1, 1),
                        .last = last.n < until.n ? last : until,
                    });
}

static bool
airdata_plan(struct scope *s, const struct source_work *work, const struct source_span *span,
             struct source_units *out)
{
    const struct json *set = work->source->settings, *parameters;
    const char *files;
    int first, last;
    if (!json_array(s, set, "parameter", &parameters) || !json_text(s, set, "files", &files) ||
        !years_find(s, set, span, &first, &last))
        return false;
    for (int year = first; year <= last; year++)
        for (const struct json *p = json_first(parameters); p != NULL; p = json_next(p))
            year_add(s, files, json_as_text(p), year, span->last, out);
    return true;
}

static bool
address_make(struct scope *s, const struct source_work *work, const struct source_unit *unit,
             const char **out)
{
    const struct json *set = work->source->settings;
    const char *base = work->config->airdata_url;
    if (json_find(set, "url") != NULL && !json_text(s, set, "url", &base))
        return false;
    const size_t n = strlen(base);
    *out = scope_print(s, "%s%s%s.zip", base, n > 0 && base[n - 1] == '/' ? "" : "/", unit->unit);
    return true;
}

// Reads the zip to its end, which checks its sums.
static bool
zip_read(struct scope *s, int fd, const char *type)
{
    char *piece = scope_alloc(s, PIECE_BYTES);
    size_t n = 1;
    struct feed *feed = feed_open(s, fd);
    if (feed == NULL)
        return false;
    if (!feed_is_zip(feed) && strstr(type, "html") != NULL) // as during EPA's maintenance
        return fail(s, ERROR_UNAVAILABLE, "a web page, not a zip");
    if (!feed_is_zip(feed))
        return fail(s, ERROR_INPUT, "no zip");
    while (n > 0)
        if (!feed_read(s, feed, piece, PIECE_BYTES, &n))
            return false;
    return true;
}

// The same in a scope of its own, which lets go of the zip; leaves the descriptor at its beginning.
static bool
zip_check(struct scope *s, int fd, const char *type)
{
    struct scope one = {0};
    const bool ok = zip_read(&one, fd, type);
    if (!ok)
        fail_as(s, &one);
    scope_close(&one);
    if (lseek(fd, 0, SEEK_SET) != 0)
        return fail(s, ERROR_UNAVAILABLE, "could not rewind the file: %s", strerror(errno));
    return ok;
}

// Fetches the file, and checks it. What is damaged is deleted.
static bool
file_bring(struct scope *s, const struct source_work *work, const struct source_unit *unit,
           struct source_catch *out, bool *is_local)
{
    struct scope deleting = {0};
    struct download_answer got;
    const bool ok = fetch_version(s, work, unit->etag, out, &got);
    *is_local = got.is_local;
    if (!ok || got.status == 304)
        return ok;
    if (got.status == 404) {
        out->is_empty = true;
        out->note = "there is no such file (404)";
        return true;
    }
    if (got.status != 200)
        return fetch_refused(s, out->name, got.status);
    if (zip_check(s, got.fd, got.type))
        return true;
    if (!fetch_forget(&deleting, work, out->name))
        explain(s, "%s", deleting.message);
    scope_close(&deleting);
    return explain(s, "what came from \"%s\"", out->name);
}

// A file that came damaged is fetched once more, from its beginning.
static bool
airdata_fetch(struct scope *s, const struct source_work *work, size_t n,
              const struct source_unit units[], struct source_catch *out, bool *is_local)
{
    (void)n;
    if (!address_make(s, work, &units[0], &out->name))
        return false;
    if (file_bring(s, work, &units[0], out, is_local))
        return true;
    if (s->kind != ERROR_INPUT || out->etag == NULL)
        return false;
    log_warn("airdata.damaged", "unit=%s reason=\"%s\"", units[0].unit, s->message);
    scope_forgive(s);
    return file_bring(s, work, &units[0], out, is_local);
}

static bool
airdata_taken(struct scope *s, const struct source_work *work, const struct source_unit *unit)
{
    const char *url;
    return address_make(s, work, unit, &url) && fetch_forget(s, work, url);
}

// Looks for the first year's file of each parameter; a last year's may not have come yet.
static bool
airdata_test(struct scope *s, const struct source_work *work, struct source_checks *out)
{
    struct source_units plan = {0};
    const struct source_span span = {.last = time_day(work->as_of)};
    const char *url;
    if (!airdata_plan(s, work, &span, &plan))
        return false;
    for (size_t i = 0; i < plan.n && plan.units[i].year == plan.units[0].year; i++)
        if (!address_make(s, work, &plan.units[i], &url) || !fetch_look(s, url, out))
            return false;
    return true;
}

const struct source_kind source_airdata = {
    .name = "airdata",
    .summary = "EPA's pre-generated files: daily or hourly values of a parameter and year, in zips",
    .settings = settings,
    .n_together = 1,
    .settle = airdata_settle,
    .plan = airdata_plan,
    .fetch = airdata_fetch,
    .taken = airdata_taken,
    .test = airdata_test,
};
