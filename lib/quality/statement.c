#include "quality/statement.h"

struct statement
statement_open(struct scope *s, struct day today)
{
    struct statement st = statement_begin(s);
    st.today = today;
    return st;
}

void
statement_value(struct statement *st, struct buf *out, enum field_type type, const char *value)
{
    static const char *const casts[] = {
        [FIELD_INTEGER] = "bigint", [FIELD_NUMBER] = "double precision", [FIELD_TEXT] = "text",
        [FIELD_DAY] = "date",       [FIELD_TIME] = "timestamptz",        [FIELD_BOOL] = "boolean",
    };
    statement_put(st, out, casts[type], value);
}

void
statement_number(struct statement *st, struct buf *out, double value)
{
    statement_value(st, out, FIELD_NUMBER, db_number(st->s, value));
}

void
statement_int(struct statement *st, struct buf *out, int64_t value)
{
    statement_value(st, out, FIELD_INTEGER, db_int(st->s, value));
}
