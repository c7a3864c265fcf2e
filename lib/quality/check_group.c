// quality/check_group.c: expectations that group rows: by station, day, key or another column.
#include "quality/check.h"

#include <math.h>
#include <string.h>

#include "quality/check.sql.h"

// What rows are grouped by; all in one group where there is no column.
static const char *
by_write(const struct suite *suite, const struct field *by)
{
    return by == NULL ? "''::text" : check_column(suite->s, by);
}

// Settles a check of groups, or of all rows as one.
static void
groups_settle(const struct suite *suite, struct quality_check *c, const struct rows *r,
              const char *what)
{
    struct scope *s = suite->s;
    const struct expectation *x = c->expectation;
    const double lowest = rows_number(r, 0, "lowest"), highest = rows_number(r, 0, "highest");
    const int64_t n = rows_int(r, 0, "n"), n_bad = rows_int(r, 0, "n_bad");
    check_share(c, n, n_bad);
    c->sample = rows_text(r, 0, "sample");
    if (x->by != NULL) {
        c->detail =
            n == 0
                ? scope_print(s, "there is no %s to look at", x->by->name)
                : scope_print(s, "%lld of %lld %ss do not hold; the %s goes from %.6g to %.6g",
                              (long long)n_bad, (long long)n, x->by->name, what, lowest, highest);
        return;
    }
    c->sample = "[]";
    c->observed = lowest;
    c->bound = x->high.is_set && !(lowest <= x->high.number) ? x->high.number : x->low.number;
    c->detail = n == 0 ? scope_print(s, "there is nothing to look at")
                       : scope_print(s, "the %s is %.6g%s", what, lowest,
                                     n_bad == 0 ? "" : ", out of its bounds");
}

static const char *
label_write(const struct suite *suite, const struct field *by)
{
    return by == NULL ? "\"all\"" : check_column(suite->s, by);
}

static void
bounds_add(struct statement *st, const struct expectation *x)
{
    struct buf unused = buf_open(st->s, 32);
    statement_number(st, &unused, x->low.is_set ? x->low.number : NAN);   // $1
    statement_number(st, &unused, x->high.is_set ? x->high.number : NAN); // $2
    statement_int(st, &unused, x->n_samples);                             // $3
}

// A number for each group, by an expression over its rows.
static bool
groups_run(const struct suite *suite, struct quality_check *c, struct statement *st,
           const char *number, const char *what)
{
    const struct expectation *x = c->expectation;
    const struct hole holes[] = {
        {"by", by_write(suite, x->by)},
        {"number", number},
        {"rows", check_rows(suite, st, check_since(suite, x->days), x->condition)},
        {"label", label_write(suite, x->by)},
        {0},
    };
    const struct rows *r = statement_query(st, suite->db, &sql_check_groups, holes);
    if (r == NULL)
        return false;
    groups_settle(suite, c, r, what);
    return true;
}

bool
check_row_count_by(struct suite *suite, struct quality_check *c)
{
    struct statement st = statement_open(suite->s, suite->today);
    bounds_add(&st, c->expectation);
    return groups_run(suite, c, &st, "count(*)", "number of rows");
}

bool
check_freshness_by(struct suite *suite, struct quality_check *c)
{
    struct statement st = statement_open(suite->s, suite->today);
    struct buf number = buf_open(suite->s, 64);
    struct expectation bounds = *c->expectation;
    bounds.high = (struct limit){.is_set = true, .number = bounds.max_age_days};
    bounds_add(&st, &bounds);
    statement_value(&st, &number, FIELD_DAY, suite->today_text);
    WORDS(&number, " - max(day)");
    return groups_run(suite, c, &st, number.text, "age in days");
}

bool
check_distinct_share(struct suite *suite, struct quality_check *c)
{
    const struct expectation *x = c->expectation;
    struct statement st = statement_open(suite->s, suite->today);
    bounds_add(&st, x);
    const struct hole holes[] = {
        {"by", by_write(suite, x->by)},
        {"column", check_column(suite->s, x->column)},
        {"rows", check_rows(suite, &st, check_since(suite, x->days), x->condition)},
        {"counted", check_is_there(suite->s, x->column)},
        {"label", label_write(suite, x->by)},
        {0},
    };
    const struct rows *r = statement_query(&st, suite->db, &sql_check_distinct, holes);
    if (r == NULL)
        return false;
    groups_settle(suite, c, r, "share of different values");
    return true;
}

static bool
key_has(const struct expectation *x, const char *name)
{
    for (size_t i = 0; i < x->n_keys; i++)
        if (x->keys[i] == relation_find(&relation_observations, name, strlen(name)))
            return true;
    return false;
}

static void
key_add(struct buf *out, const char *name)
{
    if (out->n > 0)
        WORDS(out, ", ");
    statement_name(out, name);
}

// The key's columns as they are shown.
static const char *
key_shown(const struct suite *suite, const struct expectation *x)
{
    struct buf out = buf_open(suite->s, 128);
    for (size_t i = 0; i < x->n_keys; i++)
        key_add(&out, x->keys[i]->name);
    return out.text;
}

// The key's columns in the order of observations' own index, which then needs no sorting. Stations
// are told apart by number, which is as good.
static const char *
key_sorted(const struct suite *suite, const struct expectation *x)
{
    static const char *const index[] = {"site", "day", "poc"};
    struct buf out = buf_open(suite->s, 128);
    if (suite->relation->table != NULL)
        return key_shown(suite, x);
    for (size_t k = 0; k < sizeof index / sizeof *index; k++)
        if (key_has(x, index[k]))
            key_add(&out, k == 0 ? "site_id" : index[k]);
    for (size_t i = 0; i < x->n_keys; i++) {
        bool is_there = false;
        for (size_t k = 0; k < sizeof index / sizeof *index; k++)
            is_there = is_there || strcmp(index[k], x->keys[i]->name) == 0;
        if (!is_there)
            key_add(&out, x->keys[i]->name);
    }
    return out.text;
}

static const char *
key_there_write(const struct suite *suite, const struct expectation *x)
{
    struct buf out = buf_open(suite->s, 128);
    WORDS(&out, "true");
    for (size_t i = 0; i < x->n_keys; i++) {
        const struct field *site = relation_find(&relation_observations, "site", 4);
        if (x->keys[i] == site)
            continue; // each observation has one
        WORDS(&out, " AND ");
        statement_name(&out, x->keys[i]->name);
        WORDS(&out, " IS NOT NULL");
    }
    return out.text;
}

static bool
unique_sample_find(const struct suite *suite, struct quality_check *c)
{
    const struct expectation *x = c->expectation;
    struct statement st = statement_open(suite->s, suite->today);
    struct buf limit = buf_open(suite->s, 16);
    statement_int(&st, &limit, x->n_samples); // $1
    const bool shows_sites = suite->relation->table == NULL && !key_has(x, "site");
    const struct hole holes[] = {
        {"key", key_shown(suite, x)},
        {"more", shows_sites ? "min(site) AS site, max(site) AS other_site," : ""},
        {"rows", check_rows(suite, &st, check_since(suite, x->days), x->condition)},
        {"counted", key_there_write(suite, x)},
        {0},
    };
    const struct rows *r = statement_query(&st, suite->db, &sql_check_unique_sample, holes);
    if (r == NULL)
        return false;
    c->sample = rows_text(r, 0, "sample");
    return true;
}

bool
check_unique(struct suite *suite, struct quality_check *c)
{
    const struct expectation *x = c->expectation;
    struct statement st = statement_open(suite->s, suite->today);
    const struct hole holes[] = {
        {"rows", check_rows(suite, &st, check_since(suite, x->days), x->condition)},
        {"counted", key_there_write(suite, x)},
        {"key", key_sorted(suite, x)},
        {0},
    };
    const bool is_indexed =
        suite->relation->table == NULL && key_has(x, "site") && key_has(x, "day");
    if (is_indexed && !DB_RUN(suite->s, suite->db, &sql_check_hashing, "off"))
        return false;
    const struct rows *r = statement_query(&st, suite->db, &sql_check_unique, holes);
    if (r == NULL || (is_indexed && !DB_RUN(suite->s, suite->db, &sql_check_hashing, "on")))
        return false;
    check_share(c, rows_int(r, 0, "n"), rows_int(r, 0, "n_bad"));
    c->detail = scope_print(suite->s, "%lld of %lld rows share %s with another",
                            (long long)c->n_bad, (long long)c->n_rows, key_shown(suite, x));
    return c->n_bad == 0 || x->n_samples == 0 || unique_sample_find(suite, c);
}

static void
completeness_words(const struct suite *suite, struct quality_check *c, double overall)
{
    struct scope *s = suite->s;
    const struct expectation *x = c->expectation;
    const bool is_enough = !(overall + 1e-12 < x->overall);
    if (c->n_rows == 0) { // without a station nothing is complete
        c->n_bad = 1;
        c->detail = "no station is active";
        check_settle(c, false, false);
        return;
    }
    const char *who = x->is_by_day ? "days have" : "active stations have";
    const char *whole =
        x->is_by_day ? "of the stations at work" : scope_print(s, "of the last %d days", x->days);
    c->detail =
        scope_print(s, "%lld of %lld %s %s %s; in all %s of the expected site-days are there",
                    (long long)(c->n_rows - c->n_bad), (long long)c->n_rows, who,
                    check_percent(s, x->share), whole, check_percent(s, overall));
    if (is_enough)
        return;
    c->observed = overall;
    c->bound = x->overall;
    c->detail = scope_print(s, "%s, fewer than %s", c->detail, check_percent(s, x->overall));
    check_settle(c, false, false);
}

bool
check_completeness(struct suite *suite, struct quality_check *c)
{
    const struct expectation *x = c->expectation;
    struct statement st = statement_open(suite->s, suite->today);
    struct buf unused = buf_open(suite->s, 64);
    char since[DAY_TEXT];
    day_format(day_add(suite->today, 1 - x->days), since);
    statement_int(&st, &unused, x->n_samples);                   // $1
    statement_value(&st, &unused, FIELD_DAY, since);             // $2
    statement_value(&st, &unused, FIELD_DAY, suite->today_text); // $3
    statement_int(&st, &unused, x->active_days);                 // $4
    statement_number(&st, &unused, x->share - 1e-12);            // $5
    const char *from = check_since(suite, x->days + x->active_days);
    const struct hole holes[] = {{"rows", check_rows(suite, &st, from, x->condition)}, {0}};
    const struct rows *r = statement_query(
        &st, suite->db, x->is_by_day ? &sql_check_complete_days : &sql_check_complete_sites, holes);
    if (r == NULL)
        return false;
    check_share(c, rows_int(r, 0, "n"), rows_int(r, 0, "n_bad"));
    c->sample = rows_text(r, 0, "sample");
    completeness_words(suite, c, rows_number(r, 0, "overall"));
    return true;
}

bool
check_instruments(struct suite *suite, struct quality_check *c)
{
    const struct expectation *x = c->expectation;
    struct statement st = statement_open(suite->s, suite->today);
    struct buf unused = buf_open(suite->s, 32);
    statement_int(&st, &unused, x->n_samples); // $1
    statement_number(&st, &unused, x->ratio);  // $2
    const struct hole holes[] = {
        {"rows", check_rows(suite, &st, check_since(suite, x->days), x->condition)}, {0}};
    const struct rows *r = statement_query(&st, suite->db, &sql_check_instruments, holes);
    if (r == NULL)
        return false;
    check_share(c, rows_int(r, 0, "n"), rows_int(r, 0, "n_bad"));
    c->sample = rows_text(r, 0, "sample");
    c->detail =
        c->n_rows == 0
            ? "no station has several instruments"
            : scope_print(suite->s,
                          "%lld of %lld station-days with several instruments differ by more "
                          "than %.4g times their middle",
                          (long long)c->n_bad, (long long)c->n_rows, x->ratio);
    return true;
}
