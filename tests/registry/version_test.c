#include "registry/release.h"

#include "history.h"

static const struct query count_stages = {
    "t_stages", "SELECT count(*) FILTER (WHERE stage = 'production') AS production,"
                " count(*) FILTER (WHERE stage = 'archived') AS archived FROM ml.version"};
static const struct query releases = {
    "t_releases", "SELECT v.version, r.from_stage, r.to_stage, r.actor, r.evidence->>'why' AS why"
                  " FROM ml.release r JOIN ml.version v USING (version_id) ORDER BY release_id"};
static const struct query alias = {
    "t_alias", "SELECT v.version FROM ml.alias JOIN ml.version v USING (version_id)"
               " WHERE alias = 'production'"};

TEST_DB(version_numbers_follow_refit_recipe_and_tag)
{
    const struct {
        char digit;
        int tag;
        const char *recipe, *version;
    } cases[] = {
        {'0', 1, "aa", "V1.0.0"}, // the first
        {'1', 1, "aa", "V1.0.1"}, // the same recipe again
        {'2', 1, "bb", "V1.1.0"}, // a changed recipe: the refits start over
        {'3', 1, "bb", "V1.1.1"},
        {'4', 1, "aa", "V1.2.0"}, // back to the first recipe is a change too
        {'5', 2, "cc", "V2.0.0"}, // a changed tag
        {'6', 1, "aa", "V1.2.1"}, // the old tag goes on where it was
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct version v =
            history_register(s, db, cases[i].digit, cases[i].tag, cases[i].recipe);
        CHECK_TEXT(v.version, cases[i].version);
        CHECK(v.number == (int)i + 1);
        CHECK_TEXT(v.stage, "registered");
    }
}

TEST_DB(version_promotion_leaves_one_in_production)
{
    const struct version first = history_register(s, db, '0', 1, "aa");
    const struct version second = history_register(s, db, '1', 1, "aa");
    struct version found;
    bool is_found;
    CHECK(version_promote(s, db, &first, "tester", 1000, "{\"why\":\"first\"}"));
    CHECK(version_promote(s, db, &second, "tester", 2000, "{\"why\":\"better\"}"));

    CHECK(version_in_production(s, db, "pm", &is_found, &found) && is_found);
    CHECK_TEXT(found.version, "V1.0.1");
    const struct rows *n = db_query(s, db, &count_stages, 0, NULL);
    CHECK(n != NULL && rows_int(n, 0, "production") == 1 && rows_int(n, 0, "archived") == 1);
    const struct rows *a = db_query(s, db, &alias, 0, NULL);
    CHECK(a != NULL && rows_count(a) == 1);
    CHECK_TEXT(rows_text(a, 0, "version"), "V1.0.1");
}

TEST_DB(version_promotion_appends_each_transition)
{
    const struct {
        const char *version, *from, *to, *why;
    } due[] = {{"V1.0.0", "registered", "production", "first"},
               {"V1.0.0", "production", "archived", "better"},
               {"V1.0.1", "registered", "production", "better"}};
    const struct version first = history_register(s, db, '0', 1, "aa");
    const struct version second = history_register(s, db, '1', 1, "aa");
    CHECK(version_promote(s, db, &first, "tester", 1000, "{\"why\":\"first\"}"));
    CHECK(version_promote(s, db, &second, "tester", 2000, "{\"why\":\"better\"}"));
    CHECK(version_promote(s, db, &second, "tester", 3000, "{\"why\":\"again\"}"));

    const struct rows *r = db_query(s, db, &releases, 0, NULL);

    CHECK(r != NULL && rows_count(r) == 3);
    for (size_t i = 0; i < 3; i++) {
        CHECK_TEXT(rows_text(r, i, "version"), due[i].version);
        CHECK_TEXT(rows_text(r, i, "from_stage"), due[i].from);
        CHECK_TEXT(rows_text(r, i, "to_stage"), due[i].to);
        CHECK_TEXT(rows_text(r, i, "why"), due[i].why);
    }
}

TEST_DB(version_of_an_unknown_model_is_missing)
{
    struct version *versions;
    size_t n;
    CHECK_FAILS(versions_of_model(s, db, "nope", &n, &versions), ERROR_MISSING,
                "there is no model \"nope\"");
}

TEST_DB(version_lists_are_newest_first)
{
    struct version *versions;
    struct model_entry *models;
    size_t n;
    history_register(s, db, '0', 1, "aa");
    history_register(s, db, '1', 1, "aa");

    CHECK(versions_of_model(s, db, "pm", &n, &versions) && n == 2);
    CHECK_TEXT(versions[0].version, "V1.0.1");
    CHECK(models_list(s, db, NULL, &n, &models) && n == 1);
    CHECK(models[0].n_versions == 2);
    CHECK_TEXT(models[0].in_production, "");
}

TEST_DB(version_in_production_may_be_absent)
{
    struct version found;
    bool is_found = true;
    CHECK(version_in_production(s, db, "pm", &is_found, &found));
    CHECK(!is_found);
}

TEST_DB(version_is_written_with_the_keys_that_the_api_promises)
{
    const struct version v = history_register(s, db, '0', 1, "aa");
    struct buf text = buf_open(s, 512);
    struct json_writer w = {.out = &text};

    version_write(&w, &v);

    CHECK_TEXT(text.text,
               "{\"version\":\"V1.0.0\",\"number\":1,\"stage\":\"registered\",\"family\":\"ridge\","
               "\"reason\":\"ridge: the only one\",\"as_of\":\"2009-01-31\","
               "\"description\":\"\",\"source\":\"mlflow-artifacts:/1/"
               "00000000000000000000000000000000/artifacts/model\","
               "\"run_id\":\"00000000000000000000000000000000\",\"dataset_id\":0,"
               "\"recipe_sha256\":\"aa\",\"artifact_key\":\"artifacts/models/pm/0/model.json\","
               "\"artifact_sha256\":\"00\",\"metrics\":{\"candidates\": []}}");
}
