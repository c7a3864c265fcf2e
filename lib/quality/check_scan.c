// quality/check_scan.c: expectations that count rows: one pass over the same days answers all.
#include "quality/check.h"

#include <math.h>
#include <string.h>

#include "quality/check.sql.h"

bool
check_is_scan(const struct expectation *x)
{
    return x->kind == EXPECT_RANGE || x->kind == EXPECT_NULL_SHARE ||
           x->kind == EXPECT_ALLOWED_VALUES ||
           (x->kind == EXPECT_ROW_COUNT && x->by == NULL && x->days != 0) ||
           (x->kind == EXPECT_FRESHNESS && x->by == NULL);
}

static void
range_write(const struct suite *suite, struct statement *st, const struct expectation *x,
            struct buf *out)
{
    WORDS(out, "(true");
    if (x->low.is_set) {
        WORDS(out, " AND ");
        statement_name(out, x->column->name);
        if (x->low.is_open)
            WORDS(out, " > ");
        else
            WORDS(out, " >= ");
        check_limit(suite, st, &x->low, out);
    }
    if (x->high.is_set) {
        WORDS(out, " AND ");
        statement_name(out, x->column->name);
        if (x->high.is_open)
            WORDS(out, " < ");
        else
            WORDS(out, " <= ");
        check_limit(suite, st, &x->high, out);
    }
    WORDS(out, ") IS NOT TRUE");
}

// The rows that do not hold, of those that count.
static void
bad_write(const struct suite *suite, struct statement *st, const struct expectation *x,
          struct buf *out)
{
    if (x->kind == EXPECT_RANGE) {
        range_write(suite, st, x, out);
    } else if (x->kind == EXPECT_NULL_SHARE) {
        statement_name(out, x->column->name);
        WORDS(out, " IS NULL");
    } else {
        statement_name(out, x->column->name);
        WORDS(out, " NOT IN (");
        for (size_t i = 0; i < x->n_values; i++) {
            if (i > 0)
                WORDS(out, ", ");
            statement_value(st, out, x->column->type, x->values[i]);
        }
        WORDS(out, ")");
    }
}

// The rows that count: those of the condition that have a value; a missing one counts where it is
// what is looked for.
static void
counted_write(struct statement *st, const struct expectation *x, struct buf *out)
{
    WORDS(out, "true");
    if (x->kind == EXPECT_RANGE || x->kind == EXPECT_ALLOWED_VALUES) {
        WORDS(out, " AND ");
        statement_name(out, x->column->name);
        WORDS(out, " IS NOT NULL");
    }
    if (x->condition != NULL) {
        WORDS(out, " AND ");
        condition_write(x->condition, st, out);
    }
}

// count(*) FILTER (WHERE …) AS n_3, … AS bad_3, … AS low_3, … AS high_3
static void
sums_write(const struct suite *suite, struct statement *st, size_t i, struct buf *out)
{
    const struct expectation *x = suite->checks[i].expectation;
    struct buf counted = buf_open(st->s, 256);
    counted_write(st, x, &counted);
    WORDS(out, "count(*) FILTER (WHERE ");
    buf_text(out, counted.text);
    buf_print(out, ") AS n_%zu", i);
    if (x->kind == EXPECT_RANGE || x->kind == EXPECT_NULL_SHARE ||
        x->kind == EXPECT_ALLOWED_VALUES) {
        WORDS(out, ", count(*) FILTER (WHERE ");
        buf_text(out, counted.text);
        WORDS(out, " AND ");
        bad_write(suite, st, x, out);
        buf_print(out, ") AS bad_%zu", i);
    }
    if (x->kind == EXPECT_RANGE) {
        WORDS(out, ", min(");
        statement_name(out, x->column->name);
        WORDS(out, ") FILTER (WHERE ");
        buf_text(out, counted.text);
        buf_print(out, ") AS low_%zu, max(", i);
        statement_name(out, x->column->name);
        WORDS(out, ") FILTER (WHERE ");
        buf_text(out, counted.text);
        buf_print(out, ") AS high_%zu", i);
    }
    if (x->kind == EXPECT_FRESHNESS) {
        WORDS(out, ", max(day) FILTER (WHERE ");
        buf_text(out, counted.text);
        buf_print(out, ") AS high_%zu", i);
    }
}

// The columns of a row that is shown, and the order in which rows are.
static const char *
columns_write(const struct suite *suite, const struct expectation *x)
{
    static const char *const usual[] = {"site", "day", "poc", "value"};
    const struct relation *r = suite->relation;
    struct buf out = buf_open(suite->s, 256);
    size_t n = 0;
    for (size_t i = 0; i < r->n_columns; i++) {
        const struct field *c = &r->columns[i];
        bool is_shown = c == x->column || (r->table != NULL && n < 12);
        for (size_t k = 0; r->table == NULL && k < sizeof usual / sizeof *usual; k++)
            is_shown = is_shown || strcmp(usual[k], c->name) == 0;
        if (!is_shown)
            continue;
        if (n++ > 0)
            WORDS(&out, ", ");
        if (c->type == FIELD_TEXT)
            WORDS(&out, "left(");
        statement_name(&out, c->name);
        if (c->type == FIELD_TEXT) {
            WORDS(&out, ", 200) AS ");
            statement_name(&out, c->name);
        }
    }
    return out.text;
}

static bool
sample_find(const struct suite *suite, struct quality_check *c)
{
    const struct expectation *x = c->expectation;
    struct statement st = statement_open(suite->s, suite->today);
    struct buf limit = buf_open(suite->s, 16), bad = buf_open(suite->s, 256);
    if (c->n_bad == 0 || x->n_samples == 0)
        return true;
    statement_int(&st, &limit, x->n_samples); // $1
    counted_write(&st, x, &bad);
    WORDS(&bad, " AND ");
    bad_write(suite, &st, x, &bad);
    const struct hole holes[] = {
        {"columns", columns_write(suite, x)},
        {"rows", check_rows(suite, &st, check_since(suite, x->days), NULL)},
        {"bad", bad.text},
        {"order", suite->relation->table == NULL ? "day DESC, site, poc" : "_line"},
        {0},
    };
    const struct rows *r = statement_query(&st, suite->db, &sql_check_sample, holes);
    if (r == NULL)
        return false;
    c->sample = rows_text(r, 0, "sample");
    return true;
}

static const char *
limit_words(struct scope *s, const struct limit *limit)
{
    return limit->of != NULL ? scope_print(s, "the parameter's %s", limit->of)
                             : scope_print(s, "%.10g", limit->number);
}

static void
range_settle(const struct suite *suite, struct quality_check *c, const struct rows *r, size_t i)
{
    struct scope *s = suite->s;
    const struct expectation *x = c->expectation;
    struct buf words = buf_open(s, 128);
    if (x->low.is_set)
        buf_print(&words, "%s %s", x->low.is_open ? "above" : "at least", limit_words(s, &x->low));
    if (x->low.is_set && x->high.is_set)
        buf_text(&words, " and ");
    if (x->high.is_set)
        buf_print(&words, "%s %s", x->high.is_open ? "below" : "at most", limit_words(s, &x->high));
    c->detail = c->n_rows == 0
                    ? scope_print(s, "there is no %s to look at", x->column->name)
                    : scope_print(s, "%lld of %lld are not %s; they go from %.6g to %.6g",
                                  (long long)c->n_bad, (long long)c->n_rows, words.text,
                                  rows_number(r, 0, scope_print(s, "low_%zu", i)),
                                  rows_number(r, 0, scope_print(s, "high_%zu", i)));
}

static void
row_count_settle(const struct suite *suite, struct quality_check *c)
{
    const struct expectation *x = c->expectation;
    const double n = (double)c->n_rows;
    const bool is_low = x->low.is_set && n < x->low.number;
    const bool is_high = x->high.is_set && n > x->high.number;
    c->observed = n;
    c->bound = is_high || !x->low.is_set ? x->high.number : x->low.number;
    c->n_bad = is_low || is_high;
    const long long shown = (long long)c->n_rows;
    if (is_low)
        c->detail = scope_print(suite->s, "%lld rows, fewer than %.0f", shown, c->bound);
    else if (is_high)
        c->detail = scope_print(suite->s, "%lld rows, more than %.0f", shown, c->bound);
    else if (x->high.is_set)
        c->detail = scope_print(suite->s, "%lld rows, at most %.0f", shown, x->high.number);
    else
        c->detail = scope_print(suite->s, "at least %.0f rows", c->bound);
    check_settle(c, !is_low && !is_high, false);
}

// Where the days looked at hold no row, the newest before them is sought, to say how old it is.
static bool
freshness_settle(const struct suite *suite, struct quality_check *c, const char *newest)
{
    struct scope *s = suite->s;
    const struct expectation *x = c->expectation;
    struct day day;
    c->bound = x->max_age_days;
    if (*newest == '\0') {
        struct statement st = statement_open(s, suite->today);
        const struct hole holes[] = {{"rows", check_rows(suite, &st, "-infinity", x->condition)},
                                     {0}};
        const struct rows *r = statement_query(&st, suite->db, &sql_check_newest, holes);
        if (r == NULL)
            return false;
        newest = rows_text(r, 0, "day");
    }
    if (*newest == '\0') {
        c->observed = NAN;
        c->n_bad = 1;
        c->detail = "there is no row at all";
        check_settle(c, false, false);
        return true;
    }
    if (!day_parse(s, newest, &day))
        return false;
    const int age = suite->today.n - day.n;
    c->observed = age;
    c->n_bad = age > x->max_age_days;
    c->detail = scope_print(s, "the newest row is of %s, %d days before %s (at most %d)", newest,
                            age, suite->today_text, x->max_age_days);
    check_settle(c, age <= x->max_age_days, false);
    return true;
}

static bool
one_settle(const struct suite *suite, struct quality_check *c, const struct rows *r, size_t i)
{
    struct scope *s = suite->s;
    const struct expectation *x = c->expectation;
    c->n_rows = rows_int(r, 0, scope_print(s, "n_%zu", i));
    if (x->kind == EXPECT_ROW_COUNT) {
        row_count_settle(suite, c);
        return true;
    }
    if (x->kind == EXPECT_FRESHNESS)
        return freshness_settle(suite, c, rows_text(r, 0, scope_print(s, "high_%zu", i)));
    check_share(c, c->n_rows, rows_int(r, 0, scope_print(s, "bad_%zu", i)));
    if (x->kind == EXPECT_RANGE) {
        range_settle(suite, c, r, i);
    } else if (x->kind == EXPECT_NULL_SHARE) {
        c->observed = c->n_rows == 0 ? NAN : (double)c->n_bad / (double)c->n_rows;
        c->bound = 1 - x->mostly;
        c->detail =
            scope_print(s, "%lld of %lld rows lack a %s (at most %s may)", (long long)c->n_bad,
                        (long long)c->n_rows, x->column->name, check_percent(s, c->bound));
    } else {
        c->detail =
            scope_print(s, "%lld of %lld are none of the %zu allowed values of %s",
                        (long long)c->n_bad, (long long)c->n_rows, x->n_values, x->column->name);
    }
    return sample_find(suite, c);
}

#define PASS_MOST 40 // expectations that one statement answers

// Answers the expectations that look as far back as the one at `first`; taken[i] tells which pass
// has taken the i-th, 0 for none.
static bool
pass_run(struct suite *suite, size_t first, size_t taken[])
{
    const double began_s = time_monotonic_s();
    const int days = suite->checks[first].expectation->days;
    struct statement st = statement_open(suite->s, suite->today);
    struct buf sums = buf_open(suite->s, 2048);
    size_t n = 0;
    for (size_t i = first; i < suite->n && n < PASS_MOST; i++) {
        const struct expectation *x = suite->checks[i].expectation;
        if (taken[i] != 0 || !check_is_scan(x) || x->days != days)
            continue;
        if (n++ > 0)
            WORDS(&sums, ", ");
        sums_write(suite, &st, i, &sums);
        taken[i] = first + 1;
    }
    const struct hole holes[] = {
        {"sums", sums.text}, {"rows", check_rows(suite, &st, check_since(suite, days), NULL)}, {0}};
    const struct rows *r = statement_query(&st, suite->db, &sql_check_scan, holes);
    if (r == NULL)
        return false;
    const double each_s = (time_monotonic_s() - began_s) / (double)n;
    for (size_t i = first; i < suite->n; i++) {
        struct quality_check *c = &suite->checks[i];
        const double own_s = time_monotonic_s();
        if (taken[i] != first + 1)
            continue;
        if (!one_settle(suite, c, r, i))
            return explain(suite->s, "could not check \"%s\"", c->expectation->name);
        c->seconds = each_s + (time_monotonic_s() - own_s);
    }
    return true;
}

bool
check_scan(struct suite *suite)
{
    size_t *taken = scope_array(suite->s, suite->n, sizeof *taken);
    for (size_t i = 0; i < suite->n; i++)
        if (check_is_scan(suite->checks[i].expectation) && taken[i] == 0 &&
            !pass_run(suite, i, taken))
            return false;
    return true;
}

bool
check_row_count(struct suite *suite, struct quality_check *c)
{
    const struct expectation *x = c->expectation;
    struct statement st = statement_open(suite->s, suite->today);
    struct buf limit = buf_open(suite->s, 16);
    const double most = x->high.is_set ? x->high.number + 1 : x->low.number;
    statement_int(&st, &limit, (int64_t)ceil(most)); // $1
    const struct hole holes[] = {
        {"rows", check_rows(suite, &st, check_since(suite, x->days), x->condition)}, {0}};
    const struct rows *r = statement_query(&st, suite->db, &sql_check_rows_enough, holes);
    if (r == NULL)
        return false;
    c->n_rows = rows_int(r, 0, "n");
    row_count_settle(suite, c);
    return true;
}
