// source/source_url.c: one file at an address, in any format that ingest takes, or of a declared
// table.
#include <string.h>

#include "source/fetch.h"
#include "source/kind.h"
#include "source/words.h"
#include "table/catalogue.h"

static const char *const settings[] = {"url", "table", NULL};

static bool
url_settle(struct scope *s, const struct source_given given[], int64_t as_of,
           struct json_writer *out)
{
    const char *url = source_given_find(given, "url"), *table = source_given_find(given, "table");
    (void)as_of;
    if (url == NULL)
        return fail(s, ERROR_USAGE, "option --url is missing");
    if (!words_address(s, "url", url))
        return false;
    json_pair_text(out, "url", url);
    if (table != NULL) // declared now or later; an ingest says so where it is not
        json_pair_text(out, "table", table);
    return true;
}

static bool
url_plan(struct scope *s, const struct source_work *work, const struct source_span *span,
         struct source_units *out)
{
    source_unit_add(s, out,
                    &(struct source_unit){
                        .unit = "file",
                        .parameter = "",
                        .area = "",
                        .first = span->is_backfill ? span->first : span->last,
                        .last = span->last,
                    });
    (void)work;
    return true;
}

// What the last reading had, where the server may be asked for something else than that. A date
// alone does not tell two versions of one second apart, and a table may have been filled by others.
static const char *
etag_of(const struct source_work *work, const struct source_unit *unit)
{
    const bool is_named = unit->etag[0] == '"' || strncmp(unit->etag, "W/", 2) == 0;
    return is_named && json_find(work->source->settings, "table") == NULL ? unit->etag : "";
}

static bool
url_fetch(struct scope *s, const struct source_work *work, size_t n,
          const struct source_unit units[], struct source_catch *out, bool *is_local)
{
    struct download_answer got;
    (void)n;
    if (!json_text(s, work->source->settings, "url", &out->name))
        return false;
    const bool ok = fetch_version(s, work, etag_of(work, &units[0]), out, &got);
    *is_local = got.is_local;
    if (!ok || got.status < 400)
        return ok;
    return fetch_refused(s, out->name, got.status);
}

static bool
url_taken(struct scope *s, const struct source_work *work, const struct source_unit *unit)
{
    const char *url;
    (void)unit;
    return json_text(s, work->source->settings, "url", &url) && fetch_forget(s, work, url);
}

// A little of the file, and whether the table is there.
static bool
url_test(struct scope *s, const struct source_work *work, struct source_checks *out)
{
    const struct json *set = work->source->settings;
    const char *url, *table;
    struct scope one = {0};
    struct declaration d;
    if (json_find(set, "table") != NULL) {
        if (!json_text(s, set, "table", &table))
            return false;
        const bool is_good = catalogue_get(&one, work->db, table, &d);
        source_check_add(out, "table", is_good,
                         is_good ? scope_print(s, "\"%s\" is declared", table)
                                 : scope_copy(s, one.message));
        scope_close(&one);
    }
    return json_text(s, set, "url", &url) && fetch_look(s, url, out);
}

const struct source_kind source_url = {
    .name = "url",
    .summary = "one file at an address, in any format that ingest takes, or CSV for --table",
    .settings = settings,
    .n_together = 1,
    .settle = url_settle,
    .plan = url_plan,
    .fetch = url_fetch,
    .taken = url_taken,
    .test = url_test,
};
