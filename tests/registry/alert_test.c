#include "registry/alert.h"

#include "db.h"

static const struct query alerts = {
    "t_alerts", "SELECT message, opened_as_of, closed_as_of FROM ops.alert ORDER BY alert_id"};

TEST_DB(alert_is_open_once_for_each_cause)
{
    const struct alert first = {"quality:pm", "critical", "stale"},
                       later = {"quality:pm", "critical", "still stale"},
                       other = {"quality:o3", "critical", "stale"};
    CHECK(alert_open(s, db, &first, 0) && alert_open(s, db, &later, 86400) &&
          alert_open(s, db, &other, 86400));

    const struct rows *r = db_query(s, db, &alerts, 0, NULL);

    CHECK(r != NULL && rows_count(r) == 2);
    CHECK_TEXT(rows_text(r, 0, "message"), "still stale");
    CHECK_TEXT(rows_text(r, 0, "opened_as_of"), "1970-01-01 00:00:00+00");
}

TEST_DB(alert_opens_anew_after_it_was_closed)
{
    const struct alert alert = {"quality:pm", "critical", "stale"};
    CHECK(alert_open(s, db, &alert, 0) && alert_close(s, db, "quality:pm", 86400) &&
          alert_open(s, db, &alert, 172800));

    const struct rows *r = db_query(s, db, &alerts, 0, NULL);

    CHECK(r != NULL && rows_count(r) == 2);
    CHECK_TEXT(rows_text(r, 0, "closed_as_of"), "1970-01-02 00:00:00+00");
    CHECK(rows_is_null(r, 1, "closed_as_of"));
}

TEST_DB(alert_that_is_not_open_closes_quietly)
{
    CHECK(alert_close(s, db, "nothing", 0));
}

TEST_DB(alert_is_not_closed_by_a_look_at_the_past)
{
    const struct alert alert = {"quality:pm", "critical", "stale"};
    CHECK(alert_open(s, db, &alert, 86400) && alert_close(s, db, "quality:pm", 86399));

    const struct rows *r = db_query(s, db, &alerts, 0, NULL);

    CHECK(r != NULL && rows_count(r) == 1 && rows_is_null(r, 0, "closed_as_of"));
}
