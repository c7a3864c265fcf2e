// source/source_aqs.c: the EPA AQS API: parameters of areas, a calendar year at a time.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "source/client.h"
#include "source/kind.h"
#include "source/source_aqs.sql.h"
#include "source/words.h"

#define REVISE_DAYS 60

static const int64_t revise_range[2] = {0, 3660};
static const char *const settings[] = {"parameter", "state", "county",  "site",        "cbsa",
                                       "box",       "since", "service", "revise-days", NULL};

static bool
service_settle(struct scope *s, const char *service, struct json_writer *out)
{
    if (service == NULL)
        service = "dailyData";
    if (strcmp(service, "dailyData") != 0 && strcmp(service, "sampleData") != 0)
        return fail(s, ERROR_USAGE,
                    "option --service: \"%.40s\" is neither dailyData nor sampleData", service);
    json_pair_text(out, "service", service);
    return true;
}

// Puts the areas: each a state, county or site by its codes, "cbsa:39580" or "box:…".
static bool
places_settle(struct scope *s, const struct source_given given[], struct json_writer *out)
{
    struct words state, county, site;
    if (!words_codes(s, given, "state", 2, &state) ||
        !words_codes(s, given, "county", 3, &county) || !words_codes(s, given, "site", 4, &site))
        return false;
    if (county.n > 0 && state.n != 1)
        return fail(s, ERROR_USAGE, "option --county wants one --state, not %zu", state.n);
    if (site.n > 0 && county.n != 1)
        return fail(s, ERROR_USAGE, "option --site wants one --county, not %zu", county.n);
    const struct words *last = site.n > 0 ? &site : county.n > 0 ? &county : &state;
    for (size_t i = 0; i < last->n; i++) {
        if (site.n > 0)
            json_put_text(out,
                          scope_print(s, "%s-%s-%s", state.word[0], county.word[0], site.word[i]));
        else if (county.n > 0)
            json_put_text(out, scope_print(s, "%s-%s", state.word[0], county.word[i]));
        else
            json_put_text(out, state.word[i]);
    }
    return true;
}

static bool
box_settle(struct scope *s, const char *box, struct json_writer *out)
{
    static const double most[4] = {90, 180, 90, 180};
    struct words sides;
    double x[4];
    if (!words_split(s, "box", box, &sides))
        return false;
    bool ok = sides.n == 4;
    for (size_t i = 0; i < 4 && ok; i++) {
        char *end;
        x[i] = strtod(sides.word[i], &end);
        ok = *end == '\0' && strspn(sides.word[i], "-+.0123456789") == strlen(sides.word[i]) &&
             x[i] >= -most[i] && x[i] <= most[i];
    }
    if (!ok)
        return fail(s, ERROR_USAGE,
                    "option --box: \"%.60s\" is not MINLAT,MINLON,MAXLAT,MAXLON in degrees, west "
                    "negative",
                    box);
    if (x[0] >= x[2] || x[1] >= x[3])
        return fail(s, ERROR_USAGE, "option --box: \"%.60s\" has its smaller sides last", box);
    json_put_text(out, scope_print(s, "box:%s,%s,%s,%s", sides.word[0], sides.word[1],
                                   sides.word[2], sides.word[3]));
    return true;
}

static bool
areas_settle(struct scope *s, const struct source_given given[], struct json_writer *out)
{
    const char *box = source_given_find(given, "box");
    struct words cbsa;
    const int n = (source_given_find(given, "state") != NULL) +
                  (source_given_find(given, "cbsa") != NULL) + (box != NULL);
    if (n != 1)
        return fail(s, ERROR_USAGE,
                    "give one of --state (with --county, --site), --cbsa and --box%s",
                    n == 0 ? "" : ", not several");
    json_put_key(out, "area");
    json_array_begin(out);
    if (!words_codes(s, given, "cbsa", 5, &cbsa) || !places_settle(s, given, out) ||
        (box != NULL && !box_settle(s, box, out)))
        return false;
    for (size_t i = 0; i < cbsa.n; i++)
        json_put_text(out, scope_print(s, "cbsa:%s", cbsa.word[i]));
    json_array_end(out);
    return true;
}

static bool
aqs_settle(struct scope *s, const struct source_given given[], int64_t as_of,
           struct json_writer *out)
{
    struct words parameters;
    char since[DAY_TEXT];
    int64_t revise_days;
    const struct day today = time_day(as_of);
    struct day first = day_from(day_year(today) - 1, 1, 1);
    if (!words_codes(s, given, "parameter", 5, &parameters))
        return false;
    if (parameters.n == 0)
        return fail(s, ERROR_USAGE, "option --parameter is missing, such as 88101,44201");
    if (!service_settle(s, source_given_find(given, "service"), out))
        return false;
    words_put(out, "parameter", &parameters);
    if (!areas_settle(s, given, out) || !words_day(s, given, "since", today, &first) ||
        !words_int(s, given, "revise-days", revise_range, REVISE_DAYS, &revise_days))
        return false;
    json_pair_text(out, "since", day_format(first, since));
    json_pair_int(out, "revise_days", revise_days);
    return true;
}

// How a source's years are divided, by its service and the kind of its areas.
//
//   source  https://aqs.epa.gov/aqsweb/documents/data_api.html, "Limits and Terms of Service": one
//           calendar year, and please at most 1,000,000 rows. A year of one parameter's hours has
//           1.5 million in California, which 180 monitors of ozone make.
struct division {
    int n_months;  // of a unit
    bool is_alone; // parameters do not share a request
};

static bool
division_find(struct scope *s, const struct source *source, struct division *out)
{
    const char *service, *area;
    const struct json *areas;
    if (!json_text(s, source->settings, "service", &service) ||
        !json_array(s, source->settings, "area", &areas))
        return false;
    area = json_as_text(json_first(areas));
    const bool is_box = strncmp(area, "box:", 4) == 0, is_cbsa = strncmp(area, "cbsa:", 5) == 0;
    const bool is_place = !is_box && !is_cbsa;
    const bool is_state = is_place && strchr(area, '-') == NULL;
    const bool is_site = is_place && strchr(area, '-') != strrchr(area, '-');
    const bool has_hours = strcmp(service, "sampleData") == 0;
    *out = (struct division){.n_months = has_hours && (is_state || is_box) ? 3 : 12,
                             .is_alone = has_hours && !is_site};
    return true;
}

// A unit is known by its year, and its quarter if it has one: "44201 06 2019 Q3".
static void
unit_plan(struct scope *s, const struct division *d, const char *parameter, const char *area,
          struct day first, struct day last, struct source_units *out)
{
    int year, month, day;
    day_parts(first, &year, &month, &day);
    const char *quarter = d->n_months < 12 ? scope_print(s, " Q%d", (month + 2) / 3) : "";
    source_unit_add(s, out,
                    &(struct source_unit){
                        .unit = scope_print(s, "%s %s %d%s", parameter, area, year, quarter),
                        .parameter = parameter,
                        .area = area,
                        .year = year,
                        .first = first,
                        .last = last,
                        .is_alone = d->is_alone,
                    });
}

// Units of the days asked for, each whole as far as it goes.
static bool
backfill_plan(struct scope *s, const struct source *source, const struct source_span *span,
              struct source_units *out)
{
    const struct json *parameters, *areas, *p, *a;
    struct division d;
    if (!json_array(s, source->settings, "parameter", &parameters) ||
        !json_array(s, source->settings, "area", &areas) || !division_find(s, source, &d))
        return false;
    const int n_first = 12 * day_year(span->first), n_last = 12 * day_year(span->last) + 11;
    for (a = json_first(areas); a != NULL; a = json_next(a))
        for (int n = n_first; n <= n_last; n += d.n_months) {
            const struct day begin = day_from(n / 12, n % 12 + 1, 1);
            const int next = n + d.n_months;
            const struct day end = {day_from(next / 12, next % 12 + 1, 1).n - 1};
            if (end.n < span->first.n || begin.n > span->last.n)
                continue;
            for (p = json_first(parameters); p != NULL; p = json_next(p))
                unit_plan(s, &d, json_as_text(p), json_as_text(a),
                          begin.n > span->first.n ? begin : span->first,
                          end.n < span->last.n ? end : span->last, out);
        }
    return true;
}

static bool
news_plan(struct scope *s, const struct source_work *work, const struct source_span *span,
          struct source_units *out)
{
    const struct json *settled = work->source->settings;
    const char *parameters, *areas, *since;
    char last[DAY_TEXT];
    int64_t revise_days;
    struct division d;
    if (!division_find(s, work->source, &d) || !words_array(s, settled, "parameter", &parameters) ||
        !words_array(s, settled, "area", &areas) || !json_text(s, settled, "since", &since) ||
        !json_int(s, settled, "revise_days", &revise_days))
        return false;
    const struct rows *r =
        DB_QUERY(s, work->db, &sql_source_aqs_due, work->source->name, parameters, areas, since,
                 day_format(span->last, last), db_int(s, revise_days), db_int(s, d.n_months));
    for (size_t i = 0; r != NULL && i < rows_count(r); i++) {
        struct day from, to;
        if (!day_parse(s, rows_text(r, i, "first"), &from) ||
            !day_parse(s, rows_text(r, i, "last"), &to))
            return false;
        unit_plan(s, &d, rows_text(r, i, "parameter"), rows_text(r, i, "area"), from, to, out);
    }
    return r != NULL;
}

static bool
aqs_plan(struct scope *s, const struct source_work *work, const struct source_span *span,
         struct source_units *out)
{
    return span->is_backfill ? backfill_plan(s, work->source, span, out)
                             : news_plan(s, work, span, out);
}

static void
days_add(struct buf *query, struct day first, struct day last)
{
    int year, month, day;
    day_parts(first, &year, &month, &day);
    buf_print(query, "&bdate=%04d%02d%02d", year, month, day);
    day_parts(last, &year, &month, &day);
    buf_print(query, "&edate=%04d%02d%02d", year, month, day);
}

// The query for an area; its codes were checked when the source was made.
static const char *
query_make(struct scope *s, const char *service, size_t n, const struct source_unit units[])
{
    static const char *const by[] = {"byState", "byCounty", "bySite"};
    static const char *const names[] = {"state", "county", "site"};
    static const char *const sides[] = {"minlat", "minlon", "maxlat", "maxlon"};
    const char *area = units[0].area;
    const bool is_box = strncmp(area, "box:", 4) == 0, is_cbsa = strncmp(area, "cbsa:", 5) == 0;
    struct words parts;
    struct buf query = buf_open(s, 128);
    words_cut(s, is_box ? area + 4 : is_cbsa ? area + 5 : area, is_box ? ',' : '-', &parts);
    assert(parts.n > 0 && parts.n <= (is_box ? 4 : is_cbsa ? 1 : 3));
    buf_print(&query, "%s/%s?param=", service,
              is_box    ? "byBox"
              : is_cbsa ? "byCBSA"
                        : by[parts.n - 1]);
    for (size_t i = 0; i < n; i++)
        buf_print(&query, "%s%s", i == 0 ? "" : ",", units[i].parameter);
    days_add(&query, units[0].first, units[0].last);
    for (size_t i = 0; i < parts.n; i++)
        buf_print(&query, "&%s=%s", is_box ? sides[i] : is_cbsa ? "cbsa" : names[i], parts.word[i]);
    return query.text;
}

static bool
aqs_fetch(struct scope *s, const struct source_work *work, size_t n,
          const struct source_unit units[], struct source_catch *out, bool *is_local)
{
    const char *service;
    struct client_answer got;
    if (!json_text(s, work->source->settings, "service", &service))
        return false;
    if (!client_get(s, work->config, work->db, query_make(s, service, n, units), &got)) {
        *is_local = got.is_local;
        return false;
    }
    out->fd = got.fd;
    out->name = got.name;
    out->is_empty = got.answer.n_rows == 0;
    out->n_rows = got.answer.n_rows;
    out->digest = scope_copy(s, got.answer.digest);
    out->is_again = strcmp(units[0].digest, got.answer.digest) == 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < got.answer.n_newest; k++)
            if (strcmp(got.answer.newest[k].parameter, units[i].parameter) == 0)
                out->newest[i] = got.answer.newest[k].day;
    return true;
}

// What the service knows of the source's first area: monitors since the beginning of last year. A
// code that lost its leading zero is no error to EPA, only an empty answer.
static bool
monitors_check(struct scope *s, const struct source_work *work, const struct source_units *units,
               struct source_checks *out)
{
    struct source_unit asked[SOURCE_TOGETHER_MOST];
    struct client_answer got;
    size_t n = 1;
    const struct day today = time_day(work->as_of), first = day_from(day_year(today) - 1, 1, 1);
    char since[DAY_TEXT];
    asked[0] = units->units[0];
    while (n < SOURCE_TOGETHER_MOST && n < units->n &&
           strcmp(units->units[n].area, asked[0].area) == 0) {
        asked[n] = units->units[n];
        n++;
    }
    asked[0].first = first;
    asked[0].last = today; // of all services this one may cross years
    day_format(first, since);
    if (!client_get(s, work->config, work->db, query_make(s, "monitors", n, asked), &got))
        return false;
    source_check_add(
        out, "monitors", got.answer.n_rows > 0,
        got.answer.n_rows > 0
            ? scope_print(s, "%lld monitors in the area \"%s\" since %s",
                          (long long)got.answer.n_rows, asked[0].area, since)
            : scope_print(s,
                          "EPA knows no monitor of these parameters in the area \"%s\" since %s: "
                          "look at the codes",
                          asked[0].area, since));
    return true;
}

// One day of the source's own service, of the first parameter and area.
static bool
day_check(struct scope *s, const struct source_work *work, const struct source_unit *unit,
          struct source_checks *out)
{
    struct source_unit asked = *unit;
    struct source_catch caught = {0};
    char day[DAY_TEXT];
    bool is_local;
    asked.digest = "";
    asked.first = asked.last = day_from(day_year(time_day(work->as_of)) - 1, 7, 1);
    if (!aqs_fetch(s, work, 1, &asked, &caught, &is_local))
        return false;
    source_check_add(out, "data", true,
                     scope_print(s, "%lld rows of %s in \"%s\" on %s", (long long)caught.n_rows,
                                 asked.parameter, asked.area, day_format(asked.first, day)));
    return true;
}

static bool
aqs_test(struct scope *s, const struct source_work *work, struct source_checks *out)
{
    struct client_answer got;
    struct source_units units = {0};
    const struct day today = time_day(work->as_of);
    const struct source_span span = {.is_backfill = true, .first = today, .last = today};
    if (!client_get(s, work->config, work->db, "metaData/isAvailable?", &got))
        return false;
    source_check_add(out, "service", true, got.answer.status);
    if (!backfill_plan(s, work->source, &span, &units))
        return false;
    assert(units.n > 0); // settings hold a parameter and an area
    return monitors_check(s, work, &units, out) && day_check(s, work, &units.units[0], out);
}

const struct source_kind source_aqs = {
    .name = "aqs",
    .summary = "EPA's AQS API: parameters of sites, counties, states, CBSAs or a box",
    .settings = settings,
    .n_together = SOURCE_TOGETHER_MOST,
    .settle = aqs_settle,
    .plan = aqs_plan,
    .fetch = aqs_fetch,
    .test = aqs_test,
};
