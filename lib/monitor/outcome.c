#include "monitor/outcome.h"

#include "monitor/outcome.sql.h"

// Joins the outcomes of the days from..to and brings the sums of those that changed up to date.
static bool
days_join(struct scope *s, struct db *db, const char *from, const char *to, const char *as_of,
          int64_t *n_joined)
{
    const struct rows *r = DB_QUERY(s, db, &sql_outcome_join, from, to, as_of);
    if (r == NULL)
        return false;
    *n_joined = rows_int(r, 0, "n");
    return *n_joined == 0 || DB_RUN(s, db, &sql_outcome_days_sum, rows_text(r, 0, "first_day"),
                                    rows_text(r, 0, "last_day"));
}

bool
outcomes_join(struct scope *s, struct db *db, int64_t as_of, int64_t *n_joined)
{
    char today[DAY_TEXT];
    day_format(time_day(as_of), today);

    if (!db_begin(s, db) || !db_run(s, db, &sql_outcome_ingests_wait, 0, NULL) ||
        !db_run(s, db, &sql_outcome_mark_hold, 0, NULL))
        return false;
    const struct rows *span = DB_QUERY(s, db, &sql_outcome_span, today);
    return span != NULL &&
           days_join(s, db, rows_text(span, 0, "first_day"), today, db_time(s, as_of), n_joined) &&
           DB_RUN(s, db, &sql_outcome_mark_move, today) && db_commit(s, db);
}
