#include "db.h"

// A running home has reports from before expectations: they become runs.

static const struct query find_runs = {
    "t_upgraded",
    "SELECT r.subject, to_char(r.as_of, 'YYYY-MM-DD') AS as_of, r.verdict, q.place, q.name, "
    "q.expect, "
    "q.severity, q.verdict AS each, q.observed, q.detail FROM data.quality_run r JOIN "
    "data.quality_result q USING (quality_id) ORDER BY r.quality_id, q.place"};

static const char before[] =
    "INSERT INTO data.quality_report VALUES"
    " ('pm', '2009-01-01Z', 'rows', 'fail', 'pass', 1200, 1000, 'at least 1000 values'),"
    " ('pm', '2009-01-01Z', 'flat', 'fail', 'warn', 0.1, 0.1, 'one'),"
    " ('pm', '2009-01-02Z', 'rows', 'fail', 'fail', 7, 1000, '7 values'),"
    " ('o3', '2009-01-02Z', 'unit', 'fail', 'pass', 1, 2, 'half')";

TEST_DB(migration_keeps_the_reports_from_before_as_runs)
{
    CHECK(db_script(s, db, "DROP SCHEMA data, ml, serve, ops, auth, declared, processed CASCADE"));
    for (const struct migration *m = migrations; m->name != NULL; m++) {
        CHECK(strcmp(m->name, "0007_quality") != 0 || db_script(s, db, before));
        CHECK(db_script(s, db, m->text));
    }

    const struct rows *r = db_query(s, db, &find_runs, 0, NULL);

    CHECK(r != NULL && rows_count(r) == 4);
    CHECK_TEXT(rows_text(r, 0, "subject"), "pm");
    CHECK_TEXT(rows_text(r, 0, "verdict"), "warn");
    CHECK_TEXT(rows_text(r, 0, "name"), "flat");
    CHECK_TEXT(rows_text(r, 0, "expect"), "flat_line");
    CHECK_TEXT(rows_text(r, 1, "expect"), "row_count");
    CHECK_NEAR(rows_number(r, 1, "observed"), 1200, 0);
    CHECK_TEXT(rows_text(r, 2, "subject"), "o3");
    CHECK_TEXT(rows_text(r, 3, "verdict"), "fail");
    CHECK_TEXT(rows_text(r, 3, "as_of"), "2009-01-02");
}
