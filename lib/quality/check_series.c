// quality/check_series.c: expectations that follow stations through their days.
#include "quality/check.h"

#include "quality/check.sql.h"

bool
check_flat_line(struct suite *suite, struct quality_check *c)
{
    const struct expectation *x = c->expectation;
    struct statement st = statement_open(suite->s, suite->today);
    struct buf unused = buf_open(suite->s, 32);
    statement_int(&st, &unused, x->n_samples); // $1
    statement_int(&st, &unused, x->run_days);  // $2
    const struct hole holes[] = {
        {"rows", check_rows(suite, &st, check_since(suite, x->days), x->condition)}, {0}};
    const struct rows *r = statement_query(&st, suite->db, &sql_check_flat_line, holes);
    if (r == NULL)
        return false;
    check_share(c, rows_int(r, 0, "n"), rows_int(r, 0, "n_bad"));
    c->sample = rows_text(r, 0, "sample");
    c->detail = c->n_bad == 0
                    ? scope_print(suite->s, "none of %lld stations repeats one value for %d days",
                                  (long long)c->n_rows, x->run_days)
                    : scope_print(suite->s, "%lld of %lld stations repeat one value for %d days",
                                  (long long)c->n_bad, (long long)c->n_rows, x->run_days);
    return true;
}

static void
neighbours_add(struct statement *st, const struct expectation *x, const char *parameter)
{
    struct buf unused = buf_open(st->s, 64);
    statement_int(st, &unused, x->n_samples);               // $1
    statement_number(st, &unused, x->within_km);            // $2
    statement_int(st, &unused, x->nearest);                 // $3
    statement_int(st, &unused, x->at_least);                // $4
    statement_number(st, &unused, x->floor);                // $5
    statement_value(st, &unused, FIELD_INTEGER, parameter); // $6
    statement_number(st, &unused, x->z);                    // $7
}

static void
previous_add(struct statement *st, const struct expectation *x, const char *parameter)
{
    struct buf unused = buf_open(st->s, 64);
    statement_int(st, &unused, x->n_samples);               // $1
    statement_number(st, &unused, x->z);                    // $2
    statement_number(st, &unused, x->floor);                // $3
    statement_value(st, &unused, FIELD_INTEGER, parameter); // $4
}

bool
check_jump(struct suite *suite, struct quality_check *c)
{
    const struct expectation *x = c->expectation;
    struct statement st = statement_open(suite->s, suite->today);
    if (x->is_previous)
        previous_add(&st, x, suite->parameter);
    else
        neighbours_add(&st, x, suite->parameter);
    struct buf asked = buf_open(suite->s, 256); // neighbours need not be of the condition
    if (x->condition != NULL)
        condition_write(x->condition, &st, &asked);
    else
        WORDS(&asked, "true");
    const struct hole holes[] = {
        {"asked", asked.text},
        {"rows", check_rows(suite, &st, check_since(suite, x->days), NULL)},
        {0},
    };
    const struct rows *r = statement_query(
        &st, suite->db, x->is_previous ? &sql_check_jump_previous : &sql_check_jump_neighbours,
        holes);
    if (r == NULL)
        return false;
    check_share(c, rows_int(r, 0, "n"), rows_int(r, 0, "n_bad"));
    c->sample = rows_text(r, 0, "sample");
    const char *whom = x->is_previous ? "the day before" : "their neighbours";
    c->detail =
        c->n_rows == 0
            ? scope_print(suite->s, "no station-day can be held against %s", whom)
            : scope_print(suite->s,
                          "%lld of %lld station-days are more than %.4g robust standard deviations "
                          "from %s; the farthest %.4g",
                          (long long)c->n_bad, (long long)c->n_rows, x->z, whom,
                          rows_number(r, 0, "highest"));
    return true;
}
