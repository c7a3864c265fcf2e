// source/source_url.c: one file at an address, in any format that ingest takes, or of a declared
// table.
#include "source/fetch.h"
#include "source/kind.h"
#include "source/words.h"

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

static bool
url_fetch(struct scope *s, const struct source_work *work, size_t n,
          const struct source_unit units[], struct source_catch *out, bool *is_local)
{
    (void)n;
    (void)units;
    return json_text(s, work->source->settings, "url", &out->name) &&
           fetch_url(s, work->config, out->name, &out->fd, is_local);
}

static bool
url_test(struct scope *s, const struct source_work *work, struct source_checks *out)
{
    struct source_catch caught = {0};
    bool is_local;
    if (!url_fetch(s, work, 0, NULL, &caught, &is_local))
        return false;
    source_check_add(out, "file", true, scope_print(s, "\"%s\" is there", caught.name));
    return true;
}

const struct source_kind source_url = {
    .name = "url",
    .summary = "one file at an address, in any format that ingest takes, or CSV for --table",
    .settings = settings,
    .n_together = 1,
    .settle = url_settle,
    .plan = url_plan,
    .fetch = url_fetch,
    .test = url_test,
};
