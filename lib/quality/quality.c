#include "quality/quality.h"

#include <math.h>
#include <string.h>

#include "quality/check.h"
#include "quality/check.sql.h"
#include "quality/history.h"
#include "registry/alert.h"

static bool (*const checks[EXPECT_KINDS])(struct suite *suite, struct quality_check *c) = {
    [EXPECT_ROW_COUNT] = check_row_count,
    [EXPECT_COMPLETENESS] = check_completeness,
    [EXPECT_FRESHNESS] = check_freshness_by,
    [EXPECT_UNIQUE] = check_unique,
    [EXPECT_DISTINCT_SHARE] = check_distinct_share,
    [EXPECT_FLAT_LINE] = check_flat_line,
    [EXPECT_JUMP] = check_jump,
    [EXPECT_DISTRIBUTION_SHIFT] = check_distribution_shift,
    [EXPECT_SCHEMA] = check_schema,
    [EXPECT_INSTRUMENTS] = check_instruments,
}; // the others are check_scan's

static bool
check_run(struct suite *suite, struct quality_check *c)
{
    const double began_s = time_monotonic_s();
    const struct expectation *x = c->expectation;
    const bool is_by = x->kind == EXPECT_ROW_COUNT && x->by != NULL;
    if (!(is_by ? check_row_count_by(suite, c) : checks[x->kind](suite, c)))
        return explain(suite->s, "could not check \"%s\"", x->name);
    c->seconds = time_monotonic_s() - began_s;
    return true;
}

static bool
suite_run(struct suite *suite)
{
    const struct rows *was = db_query(suite->s, suite->db, &sql_check_settings, 0, NULL);
    if (was == NULL || !check_scan(suite))
        return false;
    for (size_t i = 0; i < suite->n; i++)
        if (!check_is_scan(suite->checks[i].expectation) && !check_run(suite, &suite->checks[i]))
            return false;
    return DB_RUN(suite->s, suite->db, &sql_check_settings_back, rows_text(was, 0, "workers"),
                  rows_text(was, 0, "memory"), rows_text(was, 0, "partitionwise"),
                  rows_text(was, 0, "nested"), rows_text(was, 0, "jit"));
}

// Adds up the verdicts.
static void
report_settle(struct scope *s, struct quality_report *r)
{
    for (size_t i = 0; i < r->n_checks; i++) {
        const struct quality_check *c = &r->checks[i];
        const bool is_fail = strcmp(c->verdict, "fail") == 0;
        r->n_warnings += strcmp(c->verdict, "warn") == 0;
        r->n_failures += is_fail;
        if (is_fail && r->first_failure == NULL)
            r->first_failure = scope_print(s, "%s: %s", c->expectation->name, c->detail);
    }
    r->verdict = r->n_failures > 0 ? "fail" : r->n_warnings > 0 ? "warn" : "pass";
}

const char *
quality_refusal(struct scope *s, const struct quality_report *report)
{
    return report->n_failures == 0 ? NULL
                                   : scope_print(s, "the quality gate of \"%s\" is closed: %s",
                                                 report->subject, report->first_failure);
}

static bool
alert_settle(struct scope *s, struct db *db, const struct quality_report *r)
{
    const char *cause = scope_print(s, "quality:%s", r->subject);
    if (r->n_failures == 0)
        return alert_close(s, db, cause, r->as_of);
    const struct alert alert = {cause, "critical", quality_refusal(s, r)};
    return alert_open(s, db, &alert, r->as_of);
}

static bool
report_make(struct scope *s, struct db *db, const struct quality_request *request,
            struct quality_report *out)
{
    const double began_s = time_monotonic_s();
    const bool is_table = request->relation->table != NULL;
    char today[DAY_TEXT];
    struct suite suite = {
        .s = s,
        .db = db,
        .relation = request->relation,
        .parameter = is_table ? NULL : db_int(s, request->parameter),
        .today = time_day(request->as_of),
        .n = request->spec->n,
        .checks = scope_array(s, request->spec->n, sizeof *suite.checks),
    };
    suite.today_text = day_format(suite.today, today);
    for (size_t i = 0; i < suite.n; i++)
        suite.checks[i] = (struct quality_check){.expectation = &request->spec->items[i],
                                                 .verdict = "pass",
                                                 .observed = NAN,
                                                 .bound = NAN,
                                                 .sample = "[]"};
    *out = (struct quality_report){
        .subject = request->subject,
        .target = is_table ? scope_print(s, "table %s", request->relation->table)
                           : scope_print(s, "observations of %d", request->parameter),
        .as_of = request->as_of,
        .n_checks = suite.n,
        .checks = suite.checks,
    };
    if (!suite_run(&suite))
        return false;
    report_settle(s, out);
    out->seconds = time_monotonic_s() - began_s;
    return true;
}

bool
quality_run(struct scope *s, struct db *db, struct store *store,
            const struct quality_request *request, struct quality_report *out)
{
    struct scope change = {0}; // its close rolls back what was not committed, and a dry run
    bool ok = db_begin(&change, db) || fail_as(s, &change);
    ok = ok && report_make(s, db, request, out);
    if (ok && !request->is_dry_run)
        ok = history_keep(s, db, store, out) && alert_settle(s, db, out) && db_commit(s, db);
    scope_close(&change);
    return ok || explain(s, "could not check the data of \"%s\"", request->subject);
}
