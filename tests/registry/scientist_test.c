#include "registry/scientist.h"

#include "db.h"

static const struct query kept = {
    "t_kept", "SELECT rolpassword LIKE 'SCRAM-SHA-256$%' AS is_scram, rolsuper, rolcreaterole, "
              "rolvaliduntil = 'infinity' AS is_for_ever FROM pg_authid WHERE rolname = $1"};
static const struct query audits = {
    "t_audits", "SELECT string_agg(action, ' ' ORDER BY audit_id) AS actions FROM auth.audit "
                "WHERE object = $1"};

// Roles are the cluster's, and tests run side by side: each takes a name of its own.
static const char *
name_of(struct scope *s, const char *what)
{
    return scope_print(s, "%s-%ld", what, (long)getpid());
}

TEST_DB(scientist_gets_another_password_each_time)
{
    char first[SCIENTIST_PASSWORD], again[SCIENTIST_PASSWORD];
    const char *name = name_of(s, "ana");
    bool is_new;
    CHECK(scientist_put(s, db, name, 0, first, &is_new) && is_new);

    CHECK(scientist_put(s, db, name, 0, again, &is_new) && !is_new);

    const struct rows *r = DB_QUERY(s, db, &kept, name);
    CHECK(r != NULL && rows_bool(r, 0, "is_scram") && rows_bool(r, 0, "is_for_ever"));
    CHECK(!rows_bool(r, 0, "rolsuper") && !rows_bool(r, 0, "rolcreaterole"));
    CHECK(strlen(first) == 32 && strcmp(first, again) != 0);
    CHECK_TEXT(rows_text(DB_QUERY(s, db, &audits, name), 0, "actions"),
               "login.created login.renewed");
}

TEST_DB(scientist_who_is_dropped_is_gone)
{
    char password[SCIENTIST_PASSWORD];
    const char *name = name_of(s, "bo");
    bool is_new, is_listed = false;
    CHECK(scientist_put(s, db, name, 0, password, &is_new));
    CHECK(scientist_drop(s, db, name));
    const struct rows *r = scientist_list(s, db);
    CHECK(r != NULL);
    for (size_t i = 0; i < rows_count(r); i++)
        is_listed = is_listed || strcmp(rows_text(r, i, "scientist"), name) == 0;
    CHECK(!is_listed);
    CHECK_FAILS(scientist_drop(s, db, name), ERROR_MISSING,
                scope_print(s, "there is no scientist's login \"%s\"", name));
}

TEST_DB(scientist_takes_no_other_role_over)
{
    char password[SCIENTIST_PASSWORD];
    bool is_new;
    CHECK_FAILS(scientist_put(s, db, "airwatch", 0, password, &is_new), ERROR_INPUT,
                "statement \"scientist_put\": the database has another role \"airwatch\"");
}

TEST_DB(scientist_with_a_name_that_cannot_be_is_refused)
{
    static const char *const names[][2] = {
        {"Ana", "login \"Ana\" is not 1 to 63 of a-z, 0-9, \".\", \"_\" and \"-\", a letter first"},
        {"a\"; x", "login \"a\"; x\" is not 1 to 63 of a-z, 0-9, \".\", \"_\" and \"-\", a letter "
                   "first"},
        {"pg_x", "login \"pg_x\" is a name that PostgreSQL keeps for itself"},
        {"public", "login \"public\" is a name that PostgreSQL keeps for itself"},
    };
    char password[SCIENTIST_PASSWORD];
    bool is_new;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        CHECK_FAILS(scientist_put(s, db, names[i][0], 0, password, &is_new), ERROR_INPUT,
                    names[i][1]);
}

TEST_DB(scientist_grant_lacks_nothing_and_can_be_repeated)
{
    const char *lacking;
    CHECK(scientist_grant(s, db, &lacking));
    CHECK_TEXT(lacking, "");
    CHECK(scientist_grant(s, db, &lacking));
    CHECK_TEXT(lacking, "");
}

// As on a server whose owner gave us a database and no right to make roles. What this test does is
// rolled back, the role that it becomes among it; the group's other databases keep it.
TEST_DB(scientist_grant_says_what_a_user_without_rights_lacks)
{
    const char *lacking;
    const char *me = name_of(s, "weak");
    CHECK(db_script(s, db,
                    scope_print(s,
                                "ALTER ROLE airwatch_scientist RENAME TO \"%s\"; CREATE ROLE "
                                "\"%s\"; GRANT USAGE, CREATE ON SCHEMA data, processed TO \"%s\"; "
                                "GRANT EXECUTE ON FUNCTION data.scientist_grant() TO \"%s\"; "
                                "SET LOCAL ROLE \"%s\"",
                                name_of(s, "hidden"), me, me, me, me)));

    CHECK(scientist_grant(s, db, &lacking));

    CHECK_TEXT(lacking,
               scope_print(s,
                           "role \"airwatch_scientist\" is missing, and \"%s\" may not make "
                           "roles; as a superuser: CREATE ROLE airwatch_scientist NOLOGIN",
                           me));
}

static const struct query may_lock = {
    "t_may_lock", "SELECT has_function_privilege('airwatch_scientist', 'pg_advisory_lock(bigint)', "
                  "'EXECUTE') AS may"};

TEST_DB(scientist_open_ends_what_was_opened_again)
{
    CHECK(db_script(s, db,
                    "GRANT EXECUTE ON FUNCTION pg_advisory_lock(bigint) TO PUBLIC; GRANT USAGE ON "
                    "LANGUAGE plpgsql TO PUBLIC; GRANT USAGE ON SCHEMA public TO PUBLIC"));
    CHECK(rows_bool(db_query(s, db, &may_lock, 0, NULL), 0, "may"));

    const struct rows *r = scientist_open(s, db);

    CHECK(r != NULL && rows_count(r) == 0);
    CHECK(!rows_bool(db_query(s, db, &may_lock, 0, NULL), 0, "may"));
}

TEST_DB(scientist_open_tells_what_another_must_end)
{
    const char *me = name_of(s, "weak");
    CHECK(scientist_open(s, db) != NULL); // a copy of a database does not keep who may connect
    CHECK(db_script(s, db,
                    scope_print(s,
                                "GRANT USAGE ON LANGUAGE plpgsql TO PUBLIC; CREATE ROLE \"%s\"; "
                                "GRANT USAGE ON SCHEMA data, serve, auth TO \"%s\"; GRANT EXECUTE "
                                "ON ALL FUNCTIONS IN SCHEMA data, serve, auth TO \"%s\"; SET "
                                "LOCAL ROLE \"%s\"",
                                me, me, me, me)));

    const struct rows *r = scientist_open(s, db);

    CHECK(r != NULL && rows_count(r) == 1);
    CHECK_TEXT(rows_text(r, 0, "what"), "to run code of its own");
    CHECK_TEXT(rows_text(r, 0, "statement"),
               scope_print(s,
                           "REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC; GRANT USAGE ON LANGUAGE "
                           "plpgsql TO \"%s\"",
                           me));
}

TEST_DB(scientist_whose_end_was_begun_is_let_in_again_by_another_password)
{
    static const struct query limit = {"t_limit",
                                       "SELECT rolconnlimit FROM pg_roles WHERE rolname = $1"};
    static const struct query shut = {"t_shut", "SELECT auth.scientist_shut($1::text)"};
    char password[SCIENTIST_PASSWORD];
    const char *name = name_of(s, "cy");
    bool is_new;
    CHECK(scientist_put(s, db, name, 0, password, &is_new) && DB_RUN(s, db, &shut, name));
    CHECK(rows_int(DB_QUERY(s, db, &limit, name), 0, "rolconnlimit") == 0);

    CHECK(scientist_put(s, db, name, 0, password, &is_new) && !is_new);

    CHECK(rows_int(DB_QUERY(s, db, &limit, name), 0, "rolconnlimit") == 8);
}
