#include "registry/audit.h"

#include "history.h"

static const struct query broken = {"t_broken", "SELECT audit_id FROM auth.audit_broken"};
static const struct query rows_all = {
    "t_audit",
    "SELECT actor, action, object, detail->>'n' AS n, hash FROM auth.audit ORDER BY audit_id"};

static void
three_add(struct scope *s, struct db *db)
{
    CHECK(audit_add(s, db, "ann", "token.created", "ben", "{\"n\":1}"));
    CHECK(audit_add(s, db, "ann", "version.promoted", "pm V1.0.0", "{\"n\":2}"));
    CHECK(audit_add(s, db, "ben", "token.revoked", "it's | odd", "{\"n\":3}"));
}

TEST_DB(audit_keeps_what_was_done_by_whom)
{
    three_add(s, db);

    const struct rows *r = db_query(s, db, &rows_all, 0, NULL);

    CHECK(r != NULL && rows_count(r) == 3);
    CHECK_TEXT(rows_text(r, 2, "actor"), "ben");
    CHECK_TEXT(rows_text(r, 2, "action"), "token.revoked");
    CHECK_TEXT(rows_text(r, 2, "object"), "it's | odd");
    CHECK_TEXT(rows_text(r, 2, "n"), "3");
    CHECK(strlen(rows_text(r, 2, "hash")) == 64);
}

TEST_DB(audit_chain_is_whole_after_changes_to_versions)
{
    three_add(s, db);
    const struct version v = history_register(s, db, '0', 1, "aa");
    CHECK(version_promote(s, db, &v, "tester", 1000, "{}"));

    const struct rows *r = db_query(s, db, &broken, 0, NULL);
    const struct rows *all = db_query(s, db, &rows_all, 0, NULL);

    CHECK(r != NULL && rows_count(r) == 0);
    CHECK(all != NULL && rows_count(all) == 5);
    CHECK_TEXT(rows_text(all, 3, "action"), "version.registered");
    CHECK_TEXT(rows_text(all, 4, "action"), "version.promoted");
    CHECK_TEXT(rows_text(all, 4, "object"), "pm V1.0.0");
}

TEST_DB(audit_refuses_to_be_changed)
{
    const char *const tries[] = {"UPDATE auth.audit SET actor = 'eve'", "DELETE FROM auth.audit",
                                 "TRUNCATE auth.audit"};
    three_add(s, db);
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        const struct scope_mark mark = scope_mark(s);
        CHECK(db_begin(s, db));
        CHECK(!db_script(s, db, tries[i]));
        CHECK_TEXT(s->message, "statement \"script\": the audit is append-only");
        scope_forgive(s);
        scope_release(s, mark);
    }
}

TEST_DB(audit_shows_a_row_that_was_changed_behind_its_back)
{
    three_add(s, db);
    CHECK(db_script(s, db,
                    "ALTER TABLE auth.audit DISABLE TRIGGER USER;"
                    "UPDATE auth.audit SET actor = 'eve' WHERE object = 'pm V1.0.0'"));

    const struct rows *r = db_query(s, db, &broken, 0, NULL);

    CHECK(r != NULL && rows_count(r) == 1);
}
