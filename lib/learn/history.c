#include "learn/history.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "learn/history.sql.h"

struct reading {
    int32_t day;
    double value;
};

static int
reading_order(const void *a, const void *b)
{
    const struct reading *x = a, *y = b;
    if (x->day != y->day)
        return x->day < y->day ? -1 : 1;
    return (x->value > y->value) - (x->value < y->value);
}

// Reads the two arrays of one station, "{14245,14246}" and "{21.4,15.1}", into `out`.
static size_t
readings_read(struct scope *s, const char *days, const char *values, struct reading **out)
{
    size_t n = 1;
    for (const char *c = days; *c != '\0'; c++)
        n += *c == ',';
    *out = scope_array(s, n, sizeof **out);
    for (size_t i = 0; i < n; i++) { // each number stands behind a brace or a comma
        char *end;
        (*out)[i].day = (int32_t)strtol(days + 1, &end, 10);
        days = end;
        (*out)[i].value = strtod(values + 1, &end);
        values = end;
    }
    assert(*days == '}');
    assert(*values == '}');
    return n;
}

// Puts a station's readings into its column; a day with several instruments gets their mean,
// summed in ascending order, so that the order of the rows does not show in the last bit.
static void
column_fill(struct panel *p, size_t site, size_t n, struct reading *readings)
{
    bool has_several = false;
    for (size_t i = 0; i < n; i++) {
        double *cell = &p->value[(size_t)(readings[i].day - p->first.n) * p->n_sites + site];
        has_several = has_several || !isnan(*cell);
        *cell = readings[i].value;
    }
    if (!has_several)
        return;
    qsort(readings, n, sizeof *readings, reading_order);
    for (size_t i = 0, j; i < n; i = j) {
        double sum = 0;
        for (j = i; j < n && readings[j].day == readings[i].day; j++)
            sum += readings[j].value;
        p->value[(size_t)(readings[i].day - p->first.n) * p->n_sites + site] =
            sum / (double)(j - i);
    }
}

static bool
panel_fill(struct scope *s, const struct rows *r, struct day first, struct day last,
           struct panel *out)
{
    struct scope one = {0}; // what is needed for filling only
    const size_t n_sites = rows_count(r);
    const char **sites = scope_array(&one, n_sites, sizeof *sites);
    const bool from_oldest = first.n == INT32_MIN;
    for (size_t i = 0; i < n_sites; i++) {
        const int32_t oldest = (int32_t)rows_int(r, i, "first_day");
        sites[i] = rows_text(r, i, "site");
        if (from_oldest && (i == 0 || oldest < first.n))
            first.n = oldest;
    }
    const bool is_open = panel_open(s, first, last, n_sites, sites, out);
    for (size_t i = 0; is_open && i < n_sites; i++) {
        struct reading *readings;
        const size_t n =
            readings_read(&one, rows_text(r, i, "days"), rows_text(r, i, "values"), &readings);
        out->latitude[i] = rows_number(r, i, "latitude");
        out->longitude[i] = rows_number(r, i, "longitude");
        column_fill(out, i, n, readings);
    }
    scope_close(&one);
    return is_open;
}

bool
history_load(struct scope *s, struct db *db, int parameter, struct day first, struct day last,
             struct panel *out)
{
    char from[DAY_TEXT], to[DAY_TEXT];
    struct scope query = {0}; // the server's answer is as large as the panel: it goes early
    const bool from_oldest = first.n == INT32_MIN;
    const struct rows *r =
        DB_QUERY(&query, db, &sql_history_load, db_int(&query, parameter),
                 from_oldest ? "-infinity" : day_format(first, from), day_format(last, to));
    bool ok = r != NULL;
    if (!ok)
        fail_as(s, &query);
    else if (rows_count(r) == 0)
        ok = fail(s, ERROR_INPUT, "there is no observation of parameter %d%s%s up to %s", parameter,
                  from_oldest ? "" : " from ", from_oldest ? "" : from, to);
    else
        ok = panel_fill(s, r, first, last, out);
    scope_close(&query);
    return ok;
}
