#include "monitor/accuracy.sql.h"
#include "monitor/outcome.h"

bool
accuracy_update(struct scope *s, struct db *db, int64_t as_of, int64_t *n_rows)
{
    char today[DAY_TEXT];
    const struct rows *r =
        DB_QUERY(s, db, &sql_accuracy_update, day_format(time_day(as_of), today));
    if (r == NULL)
        return false;
    *n_rows = rows_touched(r);
    return true;
}
