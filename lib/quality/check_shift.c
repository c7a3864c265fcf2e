// quality/check_shift.c: whether the days looked at are distributed as the days before them.
#include "quality/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "quality/check.sql.h"
#include "quality/shift.h"

#define GROUPS_MOST 100000
#define P_LEAST 1e-30 // jsonb writes all the zeros of a smaller one
#define DISTINCT_FEW 20 // different values to which each is a bin of its own

struct side { // one group
    const char *name;
    int64_t n_before, n_now;
    double low, high;
    int n_bins; // 0: a bin for each value
    double psi, d, p;
    bool is_judged;
};

struct shift {
    struct suite *suite;
    struct quality_check *c;
    const char *since, *middle; // the last day of those before
    size_t n;
    struct side *sides; // by name
};

static struct side *
side_find(const struct shift *f, const char *name)
{
    size_t low = 0, high = f->n;
    while (low < high) {
        const size_t at = low + (high - low) / 2;
        const int order = strcmp(f->sides[at].name, name);
        if (order == 0)
            return &f->sides[at];
        if (order < 0)
            low = at + 1;
        else
            high = at;
    }
    return NULL;
}

// Runs one of the three statements: they read the same rows, in the same groups.
static const struct rows *
shift_query(const struct shift *f, struct statement *st, const struct query *q)
{
    const struct suite *suite = f->suite;
    const struct expectation *x = f->c->expectation;
    const struct hole holes[] = {
        {"by", x->by == NULL ? "''::text" : check_column(suite->s, x->by)},
        {"column", check_column(suite->s, x->column)},
        {"rows", check_rows(suite, st, f->since, x->condition)},
        {"counted", check_is_there(suite->s, x->column)},
        {0},
    };
    return statement_query(st, suite->db, q, holes);
}

static struct statement
shift_open(const struct shift *f)
{
    struct statement st = statement_open(f->suite->s, f->suite->today);
    struct buf unused = buf_open(st.s, 16);
    statement_value(&st, &unused, FIELD_DAY, f->middle); // $1
    return st;
}

static int
side_order(const void *a, const void *b)
{
    return strcmp(((const struct side *)a)->name, ((const struct side *)b)->name);
}

static bool
sides_find(struct shift *f)
{
    struct scope *s = f->suite->s;
    struct statement st = shift_open(f);
    const struct rows *r = shift_query(f, &st, &sql_check_shift_sides);
    if (r == NULL)
        return false;
    f->n = rows_count(r);
    if (f->n > GROUPS_MOST)
        return fail(s, ERROR_LIMIT, "there are %zu groups, more than %d", f->n, GROUPS_MOST);
    f->sides = scope_array(s, f->n + 1, sizeof *f->sides);
    for (size_t i = 0; i < f->n; i++) {
        struct side *side = &f->sides[i];
        *side = (struct side){.name = rows_text(r, i, "name"),
                              .n_before = rows_int(r, i, "n_before"),
                              .n_now = rows_int(r, i, "n_now"),
                              .low = rows_number(r, i, "lowest"),
                              .high = rows_number(r, i, "highest"),
                              .psi = NAN,
                              .d = NAN,
                              .p = NAN};
        side->is_judged = side->n_before >= f->c->expectation->at_least &&
                          side->n_now >= f->c->expectation->at_least;
        if (rows_int(r, i, "n_distinct") > DISTINCT_FEW)
            side->n_bins = shift_bins(side->n_before + side->n_now, side->low, side->high);
    }
    qsort(f->sides, f->n, sizeof *f->sides, side_order);
    return true;
}

// Adds an array's member as PostgreSQL reads it.
static void
member_add(struct buf *out, const char *text)
{
    buf_text(out, out->n == 1 ? "\"" : ",\"");
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\')
            buf_char(out, '\\');
        buf_char(out, *c);
    }
    buf_char(out, '"');
}

// Counts what falls into the bins of every group and makes their indexes of it.
static bool
psi_find(struct shift *f)
{
    struct scope *s = f->suite->s;
    struct statement st = shift_open(f);
    struct buf names = buf_open(s, 1024), unused = buf_open(s, 64);
    struct buf lows = buf_open(s, 1024), highs = buf_open(s, 1024), bins = buf_open(s, 1024);
    buf_char(&names, '{');
    buf_char(&lows, '{');
    buf_char(&highs, '{');
    buf_char(&bins, '{');
    for (size_t i = 0; i < f->n; i++) {
        if (!f->sides[i].is_judged)
            continue;
        member_add(&names, f->sides[i].name);
        member_add(&lows, db_number(s, f->sides[i].low));
        member_add(&highs, db_number(s, f->sides[i].high));
        member_add(&bins, db_int(s, f->sides[i].n_bins));
    }
    buf_char(&names, '}');
    buf_char(&lows, '}');
    buf_char(&highs, '}');
    buf_char(&bins, '}');
    statement_value(&st, &unused, FIELD_TEXT, names.text); // $2
    statement_value(&st, &unused, FIELD_TEXT, lows.text);  // $3
    statement_value(&st, &unused, FIELD_TEXT, highs.text); // $4
    statement_value(&st, &unused, FIELD_TEXT, bins.text);  // $5
    const struct rows *r = shift_query(f, &st, &sql_check_shift_bins);
    if (r == NULL)
        return false;
    const size_t n = rows_count(r);
    int64_t *before = scope_array(s, n + 1, sizeof *before),
            *now = scope_array(s, n + 1, sizeof *now);
    for (size_t i = 0, first = 0; i < n; i++) {
        before[i] = rows_int(r, i, "n_before");
        now[i] = rows_int(r, i, "n_now");
        const char *name = rows_text(r, i, "name");
        if (i + 1 < n && strcmp(name, rows_text(r, i + 1, "name")) == 0)
            continue;
        side_find(f, name)->psi = shift_psi(i + 1 - first, before + first, now + first);
        first = i + 1;
    }
    return true;
}

static bool
distance_find(struct shift *f)
{
    struct statement st = shift_open(f);
    const struct rows *r = shift_query(f, &st, &sql_check_shift_distance);
    if (r == NULL)
        return false;
    for (size_t i = 0; i < rows_count(r); i++) {
        struct side *side = side_find(f, rows_text(r, i, "name"));
        if (side == NULL || !side->is_judged)
            continue;
        side->d = rows_number(r, i, "d");
        side->p = shift_ks_p(side->n_before, side->n_now, side->d);
    }
    return true;
}

static bool
side_is_bad(const struct expectation *x, const struct side *side)
{
    return side->psi > x->psi_max || side->d > x->ks_max || side->p < x->p_min;
}

static const char *
sample_write(const struct shift *f)
{
    const struct expectation *x = f->c->expectation;
    struct buf out = buf_open(f->suite->s, 512);
    struct json_writer w = {.out = &out};
    int n = 0;
    json_array_begin(&w);
    for (size_t i = 0; i < f->n && n < x->n_samples; i++) {
        const struct side *side = &f->sides[i];
        if (!side->is_judged || !side_is_bad(x, side))
            continue;
        n++;
        json_object_begin(&w);
        if (x->by != NULL)
            json_pair_text(&w, x->by->name, side->name);
        json_pair_int(&w, "n_before", side->n_before);
        json_pair_int(&w, "n_now", side->n_now);
        json_pair_number(&w, "psi", side->psi);
        json_pair_number(&w, "d", side->d);
        json_pair_number(&w, "p", side->p < P_LEAST ? 0 : side->p);
        json_object_end(&w);
    }
    json_array_end(&w);
    return out.text;
}

// Of one group, what is judged first stands as observed: PSI, else D, else p.
static void
shift_words(const struct shift *f, const struct side *only)
{
    struct quality_check *c = f->c;
    const struct expectation *x = c->expectation;
    struct scope *s = f->suite->s;
    if (c->n_rows == 0) {
        c->detail =
            scope_print(s, "too little to compare: fewer than %d values on a side", x->at_least);
    } else if (x->by != NULL) {
        c->detail =
            scope_print(s, "%lld of %lld %ss are distributed otherwise than in the %d days before",
                        (long long)c->n_bad, (long long)c->n_rows, x->by->name, x->reference_days);
    } else {
        const bool is_psi = !isnan(x->psi_max), is_d = !isnan(x->ks_max);
        c->observed = is_psi ? only->psi : is_d ? only->d : only->p;
        c->bound = is_psi ? x->psi_max : is_d ? x->ks_max : x->p_min;
        c->detail =
            scope_print(s,
                        "the last %d days (%lld values) against the %d before (%lld): PSI %.4g, "
                        "KS distance %.4g, p %.3g",
                        x->days, (long long)only->n_now, x->reference_days,
                        (long long)only->n_before, only->psi, only->d, only->p);
    }
}

bool
check_distribution_shift(struct suite *suite, struct quality_check *c)
{
    const struct expectation *x = c->expectation;
    char since[DAY_TEXT], middle[DAY_TEXT];
    struct side only = {0};
    int64_t n = 0, n_bad = 0;
    struct shift f = {
        .suite = suite,
        .c = c,
        .since = day_format(day_add(suite->today, -x->days - x->reference_days), since),
        .middle = day_format(day_add(suite->today, -x->days), middle),
    };
    if (!sides_find(&f) || !psi_find(&f) || !distance_find(&f))
        return false;
    for (size_t i = 0; i < f.n; i++) {
        n += f.sides[i].is_judged;
        n_bad += f.sides[i].is_judged && side_is_bad(x, &f.sides[i]);
        only = f.sides[i];
    }
    check_share(c, n, n_bad);
    c->sample = sample_write(&f);
    shift_words(&f, &only);
    return true;
}
