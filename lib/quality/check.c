#include "quality/check.h"

#include <math.h>
#include <stdlib.h>

const char *
check_column(struct scope *s, const struct field *column)
{
    struct buf out = buf_open(s, 64);
    statement_name(&out, column->name);
    return out.text;
}

const char *
check_is_there(struct scope *s, const struct field *column)
{
    struct buf out = buf_open(s, 64);
    statement_name(&out, column->name);
    WORDS(&out, " IS NOT NULL");
    return out.text;
}

const char *
check_since(const struct suite *suite, int days)
{
    char text[DAY_TEXT];
    return days == 0 ? "-infinity"
                     : scope_copy(suite->s, day_format(day_add(suite->today, -days), text));
}

// A table's columns, with what is not a number made missing, and the line of each row, for order.
static void
table_write(const struct relation *r, struct buf *out)
{
    WORDS(out, "(SELECT _line");
    for (size_t i = 0; i < r->n_columns; i++) {
        WORDS(out, ", ");
        if (r->columns[i].type == FIELD_NUMBER)
            WORDS(out, "nullif(");
        statement_name(out, r->columns[i].name);
        if (r->columns[i].type == FIELD_NUMBER) {
            WORDS(out, ", 'NaN') AS ");
            statement_name(out, r->columns[i].name);
        }
    }
    WORDS(out, " FROM declared.");
    statement_name(out, r->table);
    WORDS(out, ") AS t WHERE true");
}

const char *
check_rows(const struct suite *suite, struct statement *st, const char *since,
           const struct condition *condition)
{
    struct buf out = buf_open(suite->s, 512);
    WORDS(&out, "(SELECT * FROM ");
    if (suite->relation->table != NULL) {
        table_write(suite->relation, &out);
    } else {
        WORDS(&out, "data.observation_row WHERE parameter = ");
        statement_value(st, &out, FIELD_INTEGER, suite->parameter);
        WORDS(&out, "::int AND day > ");
        statement_value(st, &out, FIELD_DAY, since);
        WORDS(&out, " AND day <= ");
        statement_value(st, &out, FIELD_DAY, suite->today_text);
    }
    if (condition != NULL) {
        WORDS(&out, " AND ");
        condition_write(condition, st, &out);
    }
    WORDS(&out, ")");
    return out.text;
}

void
check_limit(const struct suite *suite, struct statement *st, const struct limit *limit,
            struct buf *out)
{
    if (limit->of == NULL) {
        statement_number(st, out, limit->number);
        return;
    }
    WORDS(out, "(SELECT ");
    statement_name(out, limit->of);
    WORDS(out, " FROM data.parameter WHERE parameter = ");
    statement_value(st, out, FIELD_INTEGER, suite->parameter);
    WORDS(out, "::int)");
}

#define SHARE_TOLERANCE 1e-12 // 1 - 0.001 is not quite 999 of 1000

void
check_settle(struct quality_check *c, bool holds, bool is_worrying)
{
    c->verdict = holds ? is_worrying ? "warn" : "pass" : c->expectation->is_fail ? "fail" : "warn";
}

void
check_share(struct quality_check *c, int64_t n_rows, int64_t n_bad)
{
    const struct expectation *x = c->expectation;
    c->n_rows = n_rows;
    c->n_bad = n_bad;
    c->bound = x->mostly;
    c->observed = n_rows == 0 ? NAN : (double)(n_rows - n_bad) / (double)n_rows;
    check_settle(c, n_rows == 0 || c->observed + SHARE_TOLERANCE >= x->mostly,
                 n_rows > 0 && c->observed + SHARE_TOLERANCE < x->warn_below);
}

const char *
check_percent(struct scope *s, double share)
{
    const double percent = share * 100;
    for (int digits = 0; digits < 6; digits++) {
        const char *text = scope_print(s, "%.*f", digits, percent);
        const double shown = strtod(text, NULL);
        if ((shown > 0 || percent <= 0) && (shown < 100 || percent >= 100) &&
            fabs(shown - percent) <= 0.05 * fmin(percent, 100 - percent) + 1e-12)
            return scope_print(s, "%s %%", text);
    }
    return scope_print(s, "%.3g %%", percent);
}
