#include "source/pace.h"

#include <errno.h>
#include <time.h>

#include "source/pace.sql.h"

void
pace_sleep(int64_t ms)
{
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        continue;
}

static bool
moment_await(struct scope *s, struct db *db, const struct pace *pace)
{
    const struct rows *r = DB_QUERY(s, db, &sql_pace_wait, pace->service, db_int(s, pace->pause_ms),
                                    db_int(s, pace->n_a_minute));
    if (r == NULL)
        return false;
    if (rows_count(r) > 0)
        pace_sleep(rows_int(r, 0, "wait_ms"));
    return DB_RUN(s, db, &sql_pace_start, pace->service, db_int(s, pace->n_a_minute));
}

bool
pace_begin(struct scope *s, struct db *db, const struct pace *pace)
{
    struct scope undo = {0};
    if (!DB_RUN(s, db, &sql_pace_lock, pace->service))
        return false;
    if (moment_await(s, db, pace))
        return true;
    if (!DB_RUN(&undo, db, &sql_pace_unlock, pace->service))
        explain(s, "could not give the turn back");
    scope_close(&undo);
    return false;
}

bool
pace_end(struct scope *s, struct db *db, const struct pace *pace, int64_t leave_ms)
{
    return DB_RUN(s, db, &sql_pace_end, pace->service, db_int(s, leave_ms)) &&
           DB_RUN(s, db, &sql_pace_unlock, pace->service);
}
