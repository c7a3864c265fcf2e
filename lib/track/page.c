#include "track/page.h"

#include "db/array.h"

void
comparison_write(struct statement *st, struct buf *out, const char *column,
                 const struct filter_clause *clause)
{
    buf_text(out, column);
    if (clause->op == FILTER_IN || clause->op == FILTER_NOT_IN) {
        struct db_array list = db_array_open(st->s, 256);
        for (size_t i = 0; i < clause->n_texts; i++)
            db_array_text(&list, clause->texts[i]);
        buf_text(out, clause->op == FILTER_IN ? " = ANY (" : " <> ALL (");
        STATEMENT_PUT(st, out, "text[]", db_array_end(&list));
        buf_char(out, ')');
        return;
    }
    buf_print(out, " %s ", filter_operator_sql(clause->op));
    if (clause->is_number)
        STATEMENT_PUT(st, out, "double precision", db_number(st->s, clause->number));
    else
        STATEMENT_PUT(st, out, "text", clause->text);
}

void
clause_write(struct statement *st, struct buf *out, const char *column,
             const struct filter_clause *clause)
{
    WORDS(out, " AND ");
    comparison_write(st, out, column, clause);
}
