#include "quality/quality.h"

#include "base/file.h"
#include "folder.h"
#include "quality/history.h"
#include "quality/panel.h"

// The usual eight, and how runs are kept.

static const struct query find_alert = {
    "t_alert", "SELECT severity, message, closed_as_of::text AS closed FROM ops.alert "
               "WHERE cause = 'quality:pm' ORDER BY alert_id"};
static const struct query count_runs = {"t_runs",
                                        "SELECT (SELECT count(*) FROM data.quality_run) AS n_runs,"
                                        " (SELECT count(*) FROM data.quality_result) AS n_results"};

static struct quality_report
usual_of(struct scope *s, struct db *db, const char *day)
{
    struct quality_report report;
    struct quality_spec spec;
    int64_t as_of;
    const struct json *root = json_parse(s, "{}", 2);
    CHECK(quality_spec_read(s, root, "quality", &relation_observations, &spec));
    CHECK(time_parse(s, day, &as_of));
    const struct quality_request request = {
        .spec = &spec,
        .relation = &relation_observations,
        .parameter = 81102,
        .subject = "pm",
        .as_of = as_of,
        .is_dry_run = true,
    };
    CHECK(quality_run(s, db, NULL, &request, &report));
    return report;
}

static const struct quality_check *
check_named(struct scope *s, const struct quality_report *r, const char *name)
{
    for (size_t i = 0; i < r->n_checks; i++)
        if (strcmp(r->checks[i].expectation->name, name) == 0)
            return &r->checks[i];
    TEST_DIE("no check \"%s\" (%s)", name, s->message);
    return NULL;
}

TEST_DB(quality_of_a_good_panel_passes)
{
    CHECK(db_script(s, db, panel));

    const struct quality_report r = usual_of(s, db, "2009-04-30");

    CHECK(r.n_checks == 8 && r.n_warnings == 0 && r.n_failures == 0);
    CHECK(r.first_failure == NULL && quality_refusal(s, &r) == NULL);
    CHECK_TEXT(r.verdict, "pass");
    CHECK_TEXT(check_named(s, &r, "rows")->detail, "at least 1000 rows");
    CHECK_TEXT(check_named(s, &r, "flat")->detail,
               "none of 10 stations repeats one value for 7 days");
}

TEST_DB(quality_fails_where_the_newest_value_is_old)
{
    CHECK(db_script(s, db, panel));

    const struct quality_report r = usual_of(s, db, "2009-05-04");

    CHECK(r.n_failures == 1);
    CHECK_TEXT(quality_refusal(s, &r),
               "the quality gate of \"pm\" is closed: freshness: the newest row is of 2009-04-30, "
               "4 days before 2009-05-04 (at most 3)");
}

TEST_DB(quality_fails_without_any_value)
{
    const struct quality_report r = usual_of(s, db, "2009-04-30");

    CHECK(r.n_checks == 8 && r.n_failures == 3);
    CHECK_TEXT(check_named(s, &r, "rows")->detail, "0 rows, fewer than 1000");
    CHECK_TEXT(check_named(s, &r, "freshness")->detail, "there is no row at all");
    CHECK_TEXT(check_named(s, &r, "completeness")->detail, "no station is active");
}

TEST_DB(quality_fails_where_the_unit_cannot_be_right)
{
    CHECK(db_script(s, db, panel));
    CHECK(db_script(s, db, "UPDATE data.observation SET value = -value"));

    const struct quality_report r = usual_of(s, db, "2009-04-30");

    CHECK_TEXT(check_named(s, &r, "unit")->verdict, "fail");
    CHECK_TEXT(check_named(s, &r, "range")->verdict, "pass");
}

TEST_DB(quality_warns_of_one_stuck_sensor_and_fails_on_many)
{
    CHECK(db_script(s, db, panel));
    CHECK(db_script(s, db,
                    "UPDATE data.observation SET value = 7 WHERE site_id = 3 AND day > "
                    "'2009-04-23'"));
    struct quality_report r = usual_of(s, db, "2009-04-30");
    CHECK(r.n_failures == 0 && r.n_warnings == 1);
    CHECK_TEXT(check_named(s, &r, "flat")->verdict, "warn");

    CHECK(db_script(s, db, "UPDATE data.observation SET value = 7 WHERE day > '2009-04-23'"));
    CHECK(usual_of(s, db, "2009-04-30").n_failures == 1);
}

struct kept {
    struct store *store;
    const char *folder;
};

static struct quality_report
kept_run(struct scope *s, struct db *db, const struct kept *k, const char *list, const char *day)
{
    struct quality_report report;
    int64_t as_of;
    const struct quality_spec spec = spec_of(s, &relation_observations, list);
    CHECK(time_parse(s, day, &as_of));
    const struct quality_request request = {
        .spec = &spec,
        .relation = &relation_observations,
        .parameter = 81102,
        .subject = "pm",
        .as_of = as_of,
    };
    CHECK(quality_run(s, db, k->store, &request, &report));
    return report;
}

static struct kept
kept_open(struct scope *s)
{
    struct kept k = {.folder = test_folder(s)};
    k.store = store_open_dir(s, k.folder);
    CHECK(k.store != NULL);
    return k;
}

#define RANGE_LIST "[{\"expect\":\"range\",\"max\":100,\"where\":\"state = 'NC'\"}]"

TEST_DB(quality_keeps_each_run_in_rows_and_in_the_lake)
{
    struct str document;
    struct buf shown = buf_open(s, 1024), listed = buf_open(s, 1024);
    struct json_writer w = {.out = &shown}, list = {.out = &listed};
    const struct kept k = kept_open(s);
    CHECK(db_script(s, db, panel));
    CHECK(db_script(s, db,
                    "UPDATE data.observation SET value = 500 WHERE site_id = 1 AND day > "
                    "'2009-04-28'"));

    const struct quality_report first = kept_run(s, db, &k, RANGE_LIST, "2009-04-30");
    const struct quality_report second = kept_run(s, db, &k, RANGE_LIST, "2009-04-30");

    CHECK(first.quality_id > 0 && second.quality_id > first.quality_id);
    const struct rows *r = db_query(s, db, &count_runs, 0, NULL);
    CHECK(r != NULL && rows_int(r, 0, "n_runs") == 2 && rows_int(r, 0, "n_results") == 2);
    CHECK(strstr(first.key, "monitoring_reports/quality/pm/2009-04-30T235959Z-") == first.key);
    CHECK(store_get(s, k.store, first.key, 1 << 20, NULL, &document));
    const struct json *root = json_parse(s, document.at, document.n);
    const char *where, *site;
    int64_t n_bad;
    double seconds;
    CHECK(json_text(s, root, "expectations[0].where", &where));
    CHECK_TEXT(where, "state = 'NC'");
    CHECK(json_int(s, root, "expectations[0].n_bad", &n_bad) && n_bad == 2);
    CHECK(json_text(s, root, "expectations[0].sample[1].site", &site));
    CHECK(json_number(s, root, "expectations[0].seconds", &seconds) && seconds > 0);
    CHECK_TEXT(site, "S1");
    CHECK(history_show(s, db, first.quality_id, &w));
    CHECK(strstr(shown.text, "\"n_bad\":2") != NULL && strstr(shown.text, first.key) != NULL);
    history_list(history_find(s, db, "pm", NULL, "10"), &list);
    CHECK(strstr(listed.text, scope_print(s, "[{\"quality_id\":%lld,",
                                          (long long)second.quality_id)) == listed.text);
    CHECK_FAILS(history_show(s, db, 999999, &w), ERROR_MISSING, "there is no quality run 999999");
}

TEST_DB(quality_opens_an_alert_and_closes_it_again)
{
    const struct kept k = kept_open(s);
    CHECK(db_script(s, db, panel));
    CHECK(kept_run(s, db, &k, RANGE_LIST, "2009-04-28").n_failures == 0);
    CHECK(rows_count(db_query(s, db, &find_alert, 0, NULL)) == 0);

    CHECK(db_script(s, db, "UPDATE data.observation SET value = 500 WHERE site_id = 1"));
    CHECK(kept_run(s, db, &k, RANGE_LIST, "2009-04-29").n_failures == 1);
    const struct rows *open = db_query(s, db, &find_alert, 0, NULL);
    CHECK(rows_count(open) == 1 && rows_is_null(open, 0, "closed"));
    CHECK(strstr(rows_text(open, 0, "message"),
                 "the quality gate of \"pm\" is closed: range: 90 of "
                 "450 are not at most 100") != NULL);

    CHECK(db_script(s, db, "UPDATE data.observation SET value = 50 WHERE site_id = 1"));
    CHECK(kept_run(s, db, &k, RANGE_LIST, "2009-04-30").n_failures == 0);
    const struct rows *closed = db_query(s, db, &find_alert, 0, NULL);
    CHECK(rows_count(closed) == 1 && !rows_is_null(closed, 0, "closed"));
}

TEST_DB(quality_of_a_dry_run_keeps_nothing)
{
    CHECK(db_script(s, db, panel));

    CHECK(report_of(s, db, "[{\"expect\":\"range\",\"max\":1}]", "2009-04-30").n_failures == 1);

    const struct rows *r = db_query(s, db, &count_runs, 0, NULL);
    CHECK(rows_int(r, 0, "n_runs") == 0);
    CHECK(rows_count(db_query(s, db, &find_alert, 0, NULL)) == 0);
}

TEST_DB(quality_puts_the_session_back_as_it_was)
{
    static const struct query settings = {
        "t_settings", "SELECT current_setting('max_parallel_workers_per_gather') || ' ' || "
                      "current_setting('work_mem') || ' ' || current_setting('enable_nestloop') || "
                      "' ' || current_setting('enable_partitionwise_aggregate') || ' ' || "
                      "current_setting('jit') || ' ' || "
                      "current_setting('enable_hashagg') AS now"};
    const struct kept k = kept_open(s);
    CHECK(db_script(s, db, panel));
    const char *before = scope_copy(s, rows_text(db_query(s, db, &settings, 0, NULL), 0, "now"));

    kept_run(s, db, &k, RANGE_LIST, "2009-04-30");

    CHECK_TEXT(rows_text(db_query(s, db, &settings, 0, NULL), 0, "now"), before);
}

// ---- declared tables
// ------------------------------------------------------------------------------

static const char flowers[] =
    "CREATE TABLE declared.flower (_line bigint NOT NULL, _object_id integer NOT NULL, width "
    "double "
    "precision, kind text, \"select\" bigint);"
    "INSERT INTO declared.flower SELECT i, 1, CASE WHEN i = 3 THEN 'NaN'::float8 WHEN i = 4 THEN "
    "-1 ELSE i "
    "END, CASE WHEN i % 2 = 0 THEN 'a' ELSE 'b' END, i FROM generate_series(1, 10) i;";

TEST_DB(quality_of_a_declared_table)
{
    struct relation flower;
    struct quality_report r;
    CHECK(db_script(s, db, flowers));
    CHECK(relation_of_table(s, db, "flower", &flower));
    const struct quality_spec spec = spec_of(
        s, &flower,
        "[{\"expect\":\"row_count\",\"min\":10},"
        "{\"expect\":\"range\",\"column\":\"width\",\"min\":0},"
        "{\"expect\":\"null_share\",\"column\":\"width\"},"
        "{\"expect\":\"unique\",\"key\":[\"select\"]},"
        "{\"expect\":\"unique\",\"name\":\"kinds\",\"key\":[\"kind\"]},"
        "{\"expect\":\"allowed_values\",\"column\":\"kind\",\"values\":[\"a\"],"
        " \"where\":\"\\\"select\\\" > 5 and width is not null\"},"
        "{\"expect\":\"distinct_share\",\"column\":\"kind\",\"max\":0.2},"
        "{\"expect\":\"schema\",\"columns\":{\"width\":\"number\",\"kind\":\"text\",\"select\":"
        "\"integer\"},\"exact\":true}]");
    const struct quality_request request = {.spec = &spec,
                                            .relation = &flower,
                                            .subject = "table.flower",
                                            .as_of = 0,
                                            .is_dry_run = true};

    CHECK(quality_run(s, db, NULL, &request, &r));

    CHECK_TEXT(r.target, "table flower");
    CHECK_TEXT(r.checks[0].verdict, "pass");
    CHECK(r.checks[1].n_rows == 9 && r.checks[1].n_bad == 1);
    CHECK_TEXT(r.checks[1].sample, "[{\"width\":-1,\"kind\":\"a\",\"select\":4}]");
    CHECK(r.checks[2].n_bad == 1);
    CHECK_TEXT(r.checks[3].verdict, "pass");
    CHECK(r.checks[4].n_bad == 10 && strstr(r.checks[4].sample, "{\"kind\":\"a\",\"n_rows\":5}"));
    CHECK(r.checks[5].n_rows == 5 && r.checks[5].n_bad == 2);
    CHECK_TEXT(r.checks[6].verdict, "pass");
    CHECK(r.checks[7].n_rows == 3 && r.checks[7].n_bad == 0);
}

TEST_DB(quality_of_a_table_knows_its_own_columns_only)
{
    struct relation flower;
    struct quality_spec spec;
    CHECK(db_script(s, db, flowers));
    CHECK(relation_of_table(s, db, "flower", &flower));
    static const struct {
        const char *item, *message;
    } cases[] = {
        {"{\"expect\":\"range\",\"column\":\"value\",\"min\":0}",
         "quality[0]: column is \"value\", no column (known: width, kind, select)"},
        {"{\"expect\":\"range\",\"min\":0}", "quality[0]: column is missing"},
        {"{\"expect\":\"jump\"}",
         "quality[0]: expect is \"jump\", which is for observations, not for a table"},
        {"{\"expect\":\"null_share\",\"column\":\"_line\"}",
         "quality[0]: column is \"_line\", no column (known: width, kind, select)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *text = scope_print(s, "{\"quality\":[%s]}", cases[i].item);
        const struct json *root = json_parse(s, text, strlen(text));
        CHECK_FAILS(quality_spec_read(s, root, "quality", &flower, &spec), ERROR_INPUT,
                    cases[i].message);
    }
    CHECK_FAILS(relation_of_table(s, db, "x\"; DROP TABLE data.site; --", &flower), ERROR_MISSING,
                "there is no table \"x\"; DROP TABLE data.site; --\"");
}
