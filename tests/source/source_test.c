#include "source/source.h"

#include "db.h"

#define AS_OF 1617148800 // 2021-03-31

static const struct query find_audit = {
    "t_audit", "SELECT action, object, detail->'settings'->>'revise_days' AS days FROM auth.audit"};

static bool
added(struct scope *s, struct db *db, const char *name, const char *kind_name,
      const struct source_given given[])
{
    const struct source_kind *kind;
    return source_kind_find(s, kind_name, &kind) && source_add(s, db, name, kind, given, AS_OF);
}

TEST_DB(source_settings_are_completed_and_kept)
{
    const struct source_given given[] = {
        {"parameter", "88101,44201"}, {"state", "37"}, {"county", "183,063"}, {0}};
    struct source got;
    const char *service, *since, *area;
    int64_t days;

    CHECK(added(s, db, "nc", "aqs", given) && source_get(s, db, "nc", &got));

    CHECK_TEXT(got.kind->name, "aqs");
    CHECK(json_text(s, got.settings, "service", &service) &&
          json_text(s, got.settings, "since", &since) &&
          json_text(s, got.settings, "area[1]", &area) &&
          json_int(s, got.settings, "revise_days", &days));
    CHECK_TEXT(service, "dailyData");
    CHECK_TEXT(since, "2020-01-01");
    CHECK_TEXT(area, "37-063");
    CHECK(days == 60);
    const struct rows *r = db_query(s, db, &find_audit, 0, NULL);
    CHECK(r != NULL && rows_count(r) == 1 && rows_int(r, 0, "days") == 60);
    CHECK_TEXT(rows_text(r, 0, "action"), "source.added");
}

TEST_DB(source_settings_that_cannot_be_name_their_option)
{
#define P                                                                                          \
    {                                                                                              \
        "parameter", "88101"                                                                       \
    }
    static const struct {
        const char *message;
        struct source_given given[5];
    } cases[] = {
        {"option --parameter is missing, such as 88101,44201", {{"state", "37"}}},
        {"option --parameter: \"8810\" is not a code of 5 digits, its leading zeros among them",
         {{"parameter", "8810"}, {"state", "37"}}},
        {"option --parameter: \"881011\" is not a code of 5 digits",
         {{"parameter", "881011"}, {"state", "37"}}},
        {"option --parameter: \"88101\" comes twice",
         {{"parameter", "88101,88101"}, {"state", "37"}}},
        {"option --state: a value between the commas is missing", {P, {"state", "37,"}}},
        {"option --county: \"83\" is not a code of 3 digits, its leading zeros among them",
         {P, {"state", "37"}, {"county", "83"}}},
        {"option --county wants one --state, not 2", {P, {"state", "37,45"}, {"county", "183"}}},
        {"option --site: \"14\" is not a code of 4 digits, its leading zeros among them",
         {P, {"state", "37"}, {"county", "183"}, {"site", "14"}}},
        {"option --site wants one --county, not 0", {P, {"state", "37"}, {"site", "0014"}}},
        {"give one of --state (with --county, --site), --cbsa and --box", {P}},
        {"give one of --state (with --county, --site), --cbsa and --box, not several",
         {P, {"state", "37"}, {"cbsa", "39580"}}},
        {"option --cbsa: \"3958O\" is not a code of 5 digits", {P, {"cbsa", "3958O"}}},
        {"option --box: \"33,-87,34\" is not MINLAT,MINLON,MAXLAT,MAXLON in degrees, west negative",
         {P, {"box", "33,-87,34"}}},
        {"option --box: \"33,-87,91,-86\" is not MINLAT,MINLON,MAXLAT,MAXLON in degrees, west "
         "negative",
         {P, {"box", "33,-87,91,-86"}}},
        {"option --box: \"34,-87,33,-86\" has its smaller sides last",
         {P, {"box", "34,-87,33,-86"}}},
        {"option --since: \"2020-02-30\" is not a day such as 2020-01-31",
         {P, {"state", "37"}, {"since", "2020-02-30"}}},
        {"option --since: 2031-01-01 is not from 1950-01-01 to the as-of day",
         {P, {"state", "37"}, {"since", "2031-01-01"}}},
        {"option --service: \"annualData\" is neither dailyData nor sampleData",
         {P, {"state", "37"}, {"service", "annualData"}}},
        {"option --revise-days: \"-1\" is not a number from 0 to 3660",
         {P, {"state", "37"}, {"revise-days", "-1"}}},
        {"option --url is not for sources of kind aqs", {P, {"state", "37"}, {"url", "http://h/"}}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_FAILS(added(s, db, "x", "aqs", cases[i].given), ERROR_USAGE, cases[i].message);
}

TEST_DB(source_addresses_that_cannot_be_are_refused_without_their_secrets)
{
    static const struct {
        const char *url, *message;
    } cases[] = {
        {"file:///etc/passwd",
         "option --url: \"file:///etc/passwd\" is not an http or https address"},
        {"https://h/f?key=topsecret",
         "option --url: \"https://h/f?key=redacted\" holds a password or "
         "key, which a source does not keep"},
        {"https://me:pw@h/f",
         "option --url: \"https://redacted@h/f\" holds a password or key, which a "
         "source does not keep"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_FAILS(added(s, db, "x", "url", (struct source_given[]){{"url", cases[i].url}, {0}}),
                    ERROR_USAGE, cases[i].message);
}

TEST_DB(source_names_and_kinds_are_checked)
{
    const struct source_given given[] = {{"url", "http://h/f"}, {0}};
    struct source got;
    bool was_so;

    CHECK(added(s, db, "feed", "url", given));
    CHECK_FAILS(added(s, db, "Feed", "url", given), ERROR_USAGE,
                "source name \"Feed\" is not 1 to 63 of a-z, 0-9, \".\", \"_\" and \"-\"");
    CHECK(!added(s, db, "x", "ftp", given) && s->kind == ERROR_USAGE);
    scope_forgive(s);
    CHECK_FAILS(source_get(s, db, "none", &got), ERROR_MISSING,
                "there is no source \"none\" (see: airwatch source list)");
    CHECK_FAILS(source_pause(s, db, "none", true, &was_so), ERROR_MISSING,
                "there is no source \"none\" (see: airwatch source list)");
    CHECK_FAILS(source_remove(s, db, "none"), ERROR_MISSING,
                "there is no source \"none\" (see: airwatch source list)");
}

TEST_DB(source_is_paused_once_and_resumed)
{
    struct source got;
    bool was_so;
    CHECK(added(s, db, "feed", "url", (struct source_given[]){{"url", "http://h/f"}, {0}}));

    CHECK(source_pause(s, db, "feed", true, &was_so) && !was_so);
    CHECK(source_pause(s, db, "feed", true, &was_so) && was_so);
    CHECK(source_get(s, db, "feed", &got) && *got.paused_at != '\0');
    CHECK(source_pause(s, db, "feed", false, &was_so) && !was_so);
    CHECK(source_get(s, db, "feed", &got) && *got.paused_at == '\0');
}
