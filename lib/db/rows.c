#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/time.h"
#include "db/db.h"
#include "db/result.h"

const char *
db_int(struct scope *s, int64_t x)
{
    return scope_print(s, "%lld", (long long)x);
}

const char *
db_number(struct scope *s, double x)
{
    if (x != x)
        return NULL;
    return scope_print(s, "%.17g", x);
}

const char *
db_time(struct scope *s, int64_t t)
{
    char text[TIME_TEXT];
    return scope_copy(s, time_format(t, text));
}

size_t
rows_count(const struct rows *r)
{
    return (size_t)PQntuples(r->result);
}

static int
column_find(const struct rows *r, const char *column)
{
    const int i = PQfnumber(r->result, column);
    assert(i >= 0);
    return i;
}

bool
rows_is_null(const struct rows *r, size_t i, const char *column)
{
    return PQgetisnull(r->result, (int)i, column_find(r, column)) == 1;
}

const char *
rows_text(const struct rows *r, size_t i, const char *column)
{
    assert(i < rows_count(r));
    return PQgetvalue(r->result, (int)i, column_find(r, column));
}

int64_t
rows_int(const struct rows *r, size_t i, const char *column)
{
    return (int64_t)strtoll(rows_text(r, i, column), NULL, 10);
}

double
rows_number(const struct rows *r, size_t i, const char *column)
{
    const char *text = rows_text(r, i, column);
    return *text == '\0' ? NAN : strtod(text, NULL);
}

bool
rows_bool(const struct rows *r, size_t i, const char *column)
{
    return rows_text(r, i, column)[0] == 't';
}

int64_t
rows_touched(const struct rows *r)
{
    return (int64_t)strtoll(PQcmdTuples(r->result), NULL, 10);
}

struct str
rows_bytes(const struct rows *r, size_t i, const char *column)
{
    const int j = column_find(r, column);
    assert(PQfformat(r->result, j) == 1);
    return (struct str){PQgetvalue(r->result, (int)i, j),
                        (size_t)PQgetlength(r->result, (int)i, j)};
}
