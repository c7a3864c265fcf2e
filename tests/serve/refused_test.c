#include "serve/refused.h"

#include <sys/stat.h>

#include "base/chance.h"
#include "base/file.h"
#include "db.h"
#include "folder.h"

static const struct query state = {"t_state",
                                   "SELECT (SELECT count(*) FROM serve.prediction) AS n_rows,"
                                   " (SELECT count(*) FROM ops.alert WHERE cause = 'spool:refused'"
                                   "  AND closed_as_of IS NULL) AS n_alerts"};
static const char rule[] =
    "ALTER TABLE serve.prediction ADD CONSTRAINT t_rule CHECK (principal <> 'ann') NOT VALID";

static const char *
line_of(struct scope *s, const char *id, const char *principal)
{
    return scope_print(
        s, "%s\t2026-11-21T05:00:00Z\tonline\tpm\tV1.0.0\tr1\t%s\t1.5\t1\t2\t[1,null]\n", id,
        principal);
}

static void
check_state(struct scope *s, struct db *db, int64_t n_rows, int64_t n_alerts)
{
    const struct rows *r = db_query(s, db, &state, 0, NULL);
    CHECK(r != NULL);
    CHECK(rows_int(r, 0, "n_rows") == n_rows);
    CHECK(rows_int(r, 0, "n_alerts") == n_alerts);
}

TEST_DB(refused_lines_are_told_and_come_back_once_the_database_takes_them)
{
    char one[UUID_TEXT], two[UUID_TEXT];
    struct stat st;
    int64_t n_rows;
    const char *folder = test_folder(s), *path = scope_print(s, "%s/a.log.refused", folder);
    const char *first = line_of(s, chance_uuid(one), "ann");
    const char *second = line_of(s, chance_uuid(two), "bob");
    CHECK(db_script(s, db, rule));
    CHECK(refused_keep(s, db, path, (struct str){first, strlen(first)}, "it breaks a rule"));
    CHECK(refused_keep(s, db, path, (struct str){first, strlen(first)}, "kept twice by a crash"));
    CHECK(refused_keep(s, db, path, (struct str){second, strlen(second)}, "it breaks a rule"));
    check_state(s, db, 0, 1);

    // The rule still stands for the first.
    CHECK(refused_retry(s, db, folder, &n_rows));
    CHECK(n_rows == 1);
    check_state(s, db, 1, 1);
    struct str left;
    CHECK(file_read(s, path, 10000, &left));
    CHECK_TEXT(left.at, scope_print(s, "%s%s", first, first));

    CHECK(db_script(s, db, "ALTER TABLE serve.prediction DROP CONSTRAINT t_rule"));
    CHECK(refused_retry(s, db, folder, &n_rows));
    CHECK(n_rows == 1);
    check_state(s, db, 2, 0);
    CHECK(stat(path, &st) != 0);

    CHECK(refused_retry(s, db, folder, &n_rows) && n_rows == 0);
    check_state(s, db, 2, 0);
}
