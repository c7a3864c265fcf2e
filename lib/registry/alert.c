#include "registry/alert.h"

#include "registry/alert.sql.h"

bool
alert_open(struct scope *s, struct db *db, const struct alert *alert, int64_t as_of)
{
    return DB_RUN(s, db, &sql_alert_open, alert->cause, alert->severity, alert->message,
                  db_time(s, as_of)) ||
           explain(s, "could not open alert \"%s\"", alert->cause);
}

bool
alert_close(struct scope *s, struct db *db, const char *cause, int64_t as_of)
{
    return DB_RUN(s, db, &sql_alert_close, cause, db_time(s, as_of)) ||
           explain(s, "could not close alert \"%s\"", cause);
}
