// tests/quality/panel.h: a small good panel, and one expectation held against what became of it.
#ifndef TESTS_QUALITY_PANEL_H
#define TESTS_QUALITY_PANEL_H

#include "db.h"

#include "quality/quality.h"

// Ten stations with a value a day from 2009-01-01 to 2009-04-30, never twice the same in a row;
// neighbours stand 11 km apart.
static const char panel[] =
    "SELECT data.observation_years('2008-01-01', '2009-01-01');"
    "INSERT INTO data.site (site, state, county, latitude, longitude)"
    " SELECT 'S' || i, CASE WHEN i <= 5 THEN 'NC' ELSE 'VA' END, 'c', 50 + i / 10.0, 10"
    " FROM generate_series(1, 10) i;"
    "INSERT INTO data.observation (parameter, site_id, day, poc, value, n_hours, object_id)"
    " SELECT 81102, site_id, d, 1, 20 + site_id % 7 + extract(doy FROM d)::int % 5, 24, 1"
    " FROM data.site, generate_series('2009-01-01'::date, '2009-04-30', '1 day') d;";

static inline struct quality_spec
spec_of(struct scope *s, const struct relation *relation, const char *list)
{
    struct quality_spec spec;
    const char *text = scope_print(s, "{\"quality\": %s}", list);
    const struct json *root = json_parse(s, text, strlen(text));
    CHECK(root != NULL);
    CHECK(quality_spec_read(s, root, "quality", relation, &spec));
    return spec;
}

// Holds a list of expectations against observations, and keeps nothing.
static inline struct quality_report
report_of(struct scope *s, struct db *db, const char *list, const char *day)
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
        .is_dry_run = true,
    };
    CHECK(quality_run(s, db, NULL, &request, &report));
    return report;
}

// One expectation, as of the panel's last day.
static inline struct quality_check
check_of(struct scope *s, struct db *db, const char *expectation)
{
    const struct quality_report r =
        report_of(s, db, scope_print(s, "[%s]", expectation), "2009-04-30");
    CHECK(r.n_checks == 1);
    return r.checks[0];
}

struct panel_case {
    const char *change; // of the panel, by SQL
    const char *expectation;
    const char *verdict;
    int64_t n_rows, n_bad;
    const char *sample; // part of it
};

static inline void
panel_cases_check(struct scope *s, struct db *db, const struct panel_case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct scope one = {0};
        CHECK(db_begin(&one, db));
        if (*cases[i].change != '\0' && !db_script(&one, db, cases[i].change))
            TEST_DIE("case %zu: %s", i, one.message);
        const struct quality_check got = check_of(s, db, cases[i].expectation);
        if (strcmp(got.verdict, cases[i].verdict) != 0 || got.n_rows != cases[i].n_rows ||
            got.n_bad != cases[i].n_bad || strstr(got.sample, cases[i].sample) == NULL)
            TEST_DIE("case %zu, %s: %s, %lld of %lld bad, \"%s\", sample %s", i,
                     cases[i].expectation, got.verdict, (long long)got.n_bad, (long long)got.n_rows,
                     got.detail, got.sample);
        scope_close(&one); // rolls back
    }
}

#define PANEL_CASES(...)                                                                           \
    do {                                                                                           \
        const struct panel_case cases_[] = {__VA_ARGS__};                                          \
        CHECK(db_script(s, db, panel));                                                            \
        panel_cases_check(s, db, cases_, sizeof cases_ / sizeof *cases_);                          \
    } while (0)

#endif
