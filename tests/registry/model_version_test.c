#include "registry/model_version.h"

#include "history.h"
#include "registry/registered_model.h"

static const struct release_move by_hand = {"ana", 1000, "{\"why\":\"by hand\"}"};
static const struct query audited = {
    "t_audited",
    "SELECT string_agg(action || ' ' || object || ' ' || actor, ', ' ORDER BY audit_id)"
    " AS all FROM auth.audit WHERE actor = 'ana'"};

// Registers one as a notebook does; the model is made when it is not there.
static struct version
logged(struct scope *s, struct db *db, const char *model, const char *run_id)
{
    int64_t number;
    struct version v = {0};
    struct registered_model known;
    if (!registered_model_get(s, db, model, &known)) {
        scope_forgive(s);
        CHECK(registered_model_create(s, db, model, "", "ben"));
    }
    CHECK(model_version_create(s, db,
                               &(struct model_version_request){
                                   .model = model,
                                   .source = scope_print(s, "s3://bucket/%s", run_id),
                                   .run_id = run_id,
                                   .actor = "ben",
                               },
                               &number));
    CHECK(version_by_number(s, db, model, number, &v));
    return v;
}

static struct model_version
seen(struct scope *s, struct db *db, const char *model, int64_t number)
{
    struct model_version v = {0};
    CHECK(model_version_get(s, db, model, number, &v));
    return v;
}

TEST_DB(model_version_from_elsewhere_is_the_next_revision_of_the_newest_tag)
{
    const struct {
        char digit; // of a training's run, 0 for a notebook's
        int tag;
        const char *recipe, *version;
    } cases[] = {
        {0, 0, NULL, "V1.0.0"},   {0, 0, NULL, "V1.1.0"}, {'1', 1, "aa", "V1.2.0"},
        {'2', 1, "aa", "V1.2.1"}, {0, 0, NULL, "V1.3.0"}, {'3', 1, "aa", "V1.4.0"},
        {'4', 2, "aa", "V2.0.0"}, {0, 0, NULL, "V2.1.0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct version v =
            cases[i].digit == 0
                ? logged(s, db, "pm", "abc")
                : history_register(s, db, cases[i].digit, cases[i].tag, cases[i].recipe);
        CHECK_TEXT(v.version, cases[i].version);
        CHECK(v.number == (int)i + 1);
    }
}

TEST_DB(model_version_tells_what_was_said_and_what_we_know)
{
    logged(s, db, "iris", "abc");
    const struct model_version v = seen(s, db, "iris", 1);
    CHECK_TEXT(v.source, "s3://bucket/abc");
    CHECK_TEXT(v.location, "s3://bucket/abc");
    CHECK_TEXT(v.run_id, "abc");
    CHECK_TEXT(v.status, "READY");
    CHECK_TEXT(v.stage_told, "None");
    CHECK_TEXT(v.user, "ben");
    CHECK(v.aliases == NULL);
    CHECK(v.tags == NULL);
    const struct version moved = logged(s, db, "iris", "def");
    CHECK(version_move(s, db, &moved, "archived", &by_hand));
    CHECK_TEXT(seen(s, db, "iris", 2).tags,
               "[{\"key\" : \"airwatch.stage\", \"value\" : \"archived\"}, "
               "{\"key\" : \"airwatch.version\", \"value\" : \"V1.1.0\"}]");
}

TEST_DB(model_version_numbers_are_not_given_again)
{
    struct version v;
    const struct version first = logged(s, db, "iris", "a");
    logged(s, db, "iris", "b");
    CHECK(alias_set(s, db, &first, "champion", &by_hand));
    CHECK(model_version_delete(s, db, "iris", 2, "ana"));
    CHECK(model_version_delete(s, db, "iris", 1, "ana"));
    CHECK_FAILS(version_by_number(s, db, "iris", 2, &v), ERROR_MISSING,
                "Model Version (name=iris, version=2) not found");
    CHECK_FAILS(model_version_of_alias(s, db, "iris", "champion", &(struct model_version){0}),
                ERROR_INPUT, "Registered model alias champion not found.");
    CHECK_FAILS(model_version_delete(s, db, "iris", 2, "ana"), ERROR_MISSING,
                "Model Version (name=iris, version=2) not found");
    v = logged(s, db, "iris", "c");
    CHECK(v.number == 3);
    CHECK_TEXT(v.version, "V1.2.0");
}

TEST_DB(model_version_in_production_is_not_deleted)
{
    const struct version v = history_register(s, db, '0', 1, "aa");
    CHECK(version_promote(s, db, &v, "tester", 1000, "{}"));
    CHECK_FAILS(model_version_delete(s, db, "pm", 1, "ana"), ERROR_INPUT,
                "Model Version (name=pm, version=1) is in production: it cannot be deleted; "
                "promote another one or archive it first");
}

TEST_DB(model_version_alias_of_a_stage_moves_the_version)
{
    struct model_version found;
    const struct version first = history_register(s, db, '0', 1, "aa");
    const struct version second = history_register(s, db, '1', 1, "aa");
    CHECK(alias_set(s, db, &first, "production", &by_hand));
    CHECK_TEXT(seen(s, db, "pm", 1).stage_told, "Production");
    CHECK(alias_set(s, db, &second, "shadow", &by_hand));
    CHECK(alias_set(s, db, &second, "production", &by_hand));

    CHECK_TEXT(seen(s, db, "pm", 1).stage, "archived");
    CHECK_TEXT(seen(s, db, "pm", 2).stage, "production");
    CHECK_TEXT(seen(s, db, "pm", 2).aliases, "[\"production\"]"); // no longer shadow
    CHECK(model_version_of_alias(s, db, "pm", "production", &found) && found.number == 2);

    CHECK(alias_drop(s, db, "pm", "production", &by_hand));
    CHECK_TEXT(seen(s, db, "pm", 2).stage, "archived");
    CHECK(seen(s, db, "pm", 2).aliases == NULL);
    CHECK(alias_drop(s, db, "pm", "production", &by_hand)); // there need be none
    const struct rows *r = db_query(s, db, &audited, 0, NULL);
    CHECK_TEXT(rows_text(r, 0, "all"),
               "version.promoted pm V1.0.0 ana, version.moved pm V1.0.1 ana, version.archived pm "
               "V1.0.0 ana, version.promoted pm V1.0.1 ana, version.archived pm V1.0.1 ana, "
               "alias.dropped pm@production ana");
}

TEST_DB(model_version_promotion_shows_as_an_alias_at_once)
{
    const struct version v = history_register(s, db, '0', 1, "aa");
    CHECK(version_promote(s, db, &v, "tester", 1000, "{}"));
    const struct model_version found = seen(s, db, "pm", 1);
    CHECK_TEXT(found.aliases, "[\"production\"]");
    CHECK_TEXT(found.stage_told, "Production");
    CHECK(strstr(found.tags, "\"airwatch.stage\", \"value\" : \"production\"") != NULL);
}

TEST_DB(model_version_shadows_step_back_when_the_alias_moves_on)
{
    const struct version first = logged(s, db, "iris", "a");
    const struct version second = logged(s, db, "iris", "b");
    CHECK(alias_set(s, db, &first, "shadow", &by_hand));
    CHECK_TEXT(seen(s, db, "iris", 1).stage_told, "Staging");
    CHECK(alias_set(s, db, &second, "shadow", &by_hand));
    CHECK_TEXT(seen(s, db, "iris", 1).stage, "registered");
    CHECK(seen(s, db, "iris", 1).aliases == NULL);
    CHECK(version_move(s, db, &first, "shadow",
                       &by_hand)); // a stage holds several, its alias the last
    CHECK_TEXT(seen(s, db, "iris", 2).stage, "shadow");
    CHECK_TEXT(seen(s, db, "iris", 1).aliases, "[\"shadow\"]");
}

TEST_DB(model_version_that_cannot_be_served_is_refused_with_the_reason)
{
    const struct version v = logged(s, db, "iris", "a");
    const char *words = "version V1.0.0 of model \"iris\" cannot go into production: it holds no "
                        "artifact of AirWatch's, and other flavours cannot be served";
    CHECK_FAILS(version_promote(s, db, &v, "ana", 1000, "{}"), ERROR_GATE, words);
    CHECK_FAILS(alias_set(s, db, &v, "production", &by_hand), ERROR_GATE, words);
    CHECK_FAILS(model_version_tag_set(s, db, &v, MODEL_VERSION_STAGE, "production", &by_hand),
                ERROR_GATE, words);
    CHECK_TEXT(seen(s, db, "iris", 1).stage, "registered");
}

TEST_DB(model_version_tags_of_ours_are_in_step)
{
    const struct version v = logged(s, db, "iris", "a");
    CHECK(model_version_tag_set(s, db, &v, MODEL_VERSION_STAGE, "shadow", &by_hand));
    CHECK_TEXT(seen(s, db, "iris", 1).aliases, "[\"shadow\"]");
    CHECK_FAILS(model_version_tag_set(s, db, &v, MODEL_VERSION_STAGE, "nowhere", &by_hand),
                ERROR_INPUT, "there is no stage \"nowhere\"");
    CHECK_FAILS(model_version_tag_set(s, db, &v, MODEL_VERSION_NAME, "V9.9.9", &by_hand),
                ERROR_INPUT,
                "Invalid value \"airwatch.version\" for parameter 'key' supplied: the server sets "
                "this tag");
    CHECK_FAILS(model_version_tag_drop(s, db, &v, MODEL_VERSION_STAGE), ERROR_INPUT,
                "Invalid value \"airwatch.stage\" for parameter 'key' supplied: the server sets "
                "this tag");
    CHECK(model_version_tag_set(s, db, &v, "k", "", &by_hand));
    CHECK(model_version_tag_drop(s, db, &v, "k"));
    CHECK(model_version_tag_drop(s, db, &v, "k"));
}

TEST_DB(model_version_aliases_are_words_that_mean_no_version)
{
    static const char *const wrong[] = {"", "latest", "Latest", "v1", "V22", "a b", "a/b", "ä"};
    const struct version v = logged(s, db, "iris", "a");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        CHECK(!alias_set(s, db, &v, wrong[i], &by_hand));
        CHECK(s->kind == ERROR_INPUT);
        scope_forgive(s);
    }
    CHECK(alias_set(s, db, &v, "v1a", &by_hand));
}

TEST_DB(model_version_latest_is_the_newest_of_each_stage)
{
    struct model_version *versions, found;
    struct registered_model m;
    size_t n;
    for (size_t i = 0; i < 4; i++)
        logged(s, db, "iris", "a");
    struct version v;
    for (int64_t number = 1; number <= 2; number++) {
        CHECK(version_by_number(s, db, "iris", number, &v));
        CHECK(version_move(s, db, &v, "archived", &by_hand));
    }
    CHECK(registered_model_get(s, db, "iris", &m));
    CHECK(model_version_latest(s, db, scope_print(s, "{%lld}", (long long)m.model_id), &n,
                               &versions));
    CHECK(n == 2 && versions[0].number == 2 && versions[1].number == 4);
    CHECK(model_version_of_alias(s, db, "iris", "latest", &found) && found.number == 4);
}

TEST_DB(model_version_of_an_unknown_model_is_missing)
{
    int64_t number;
    CHECK_FAILS(model_version_create(
                    s, db,
                    &(struct model_version_request){.model = "no", .source = "x", .actor = "a"},
                    &number),
                ERROR_MISSING, "Registered Model with name=no not found");
    CHECK_FAILS(model_version_of_alias(s, db, "no", "latest", &(struct model_version){0}),
                ERROR_MISSING, "Registered Model with name=no not found");
}

#define TEN "0123456789"
#define FIFTY TEN TEN TEN TEN TEN
#define LONG "long" FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY

TEST_DB(model_version_search_holds_clauses_and_order)
{
    static const char *const runs[] = {"r1", "r3"};
    const struct {
        struct search_clause clause;
        const char *order, *found;
    } cases[] = {
        {{"name", NULL, "=", "a", 0, NULL}, "-number", "a3 a2 a1"},
        {{"name", NULL, "=", "a", 0, NULL}, "number", "a1 a2 a3"},
        {{"run_id", NULL, "=", "r2", 0, NULL}, "number", "a2"},
        {{"run_id", NULL, "IN", NULL, 2, runs}, "number", "a1 a3"},
        {{"source_path", NULL, "LIKE", "%/r_", 0, NULL}, "-name", "b1 a1 a2 a3"},
        {{"version_number", NULL, ">=", "2", 0, NULL}, "number", "a2 a3"},
        {{"tag", "airwatch.stage", "=", "shadow", 0, NULL}, "number", "a2"},
        {{"tag", "k", "=", "long", 0, NULL}, "number", ""},
        {{"tag", "k", "LIKE", "long%", 0, NULL}, "number", "a1 a3"},
        {{"tag", "k", "=", LONG "1", 0, NULL},
         "number",
         "a1"}, // they differ behind what the index has
    };
    const char *const run_ids[] = {"r1", "r2", "r3"};
    struct version v;
    for (size_t i = 0; i < 3; i++)
        logged(s, db, "a", run_ids[i]);
    logged(s, db, "b", "r4");
    CHECK(version_by_number(s, db, "a", 2, &v) && version_move(s, db, &v, "shadow", &by_hand));
    CHECK(version_by_number(s, db, "a", 1, &v) &&
          model_version_tag_set(s, db, &v, "k", LONG "1", &by_hand));
    CHECK(version_by_number(s, db, "a", 3, &v) &&
          model_version_tag_set(s, db, &v, "k", LONG "3", &by_hand));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct search search = {
            .n_clauses = 1,
            .clauses = &cases[i].clause,
            .n_order = 3,
            .order = {cases[i].order,
                      cases[i].order[1] == 'n' && cases[i].order[2] == 'a' ? "number" : "name",
                      "number"},
            .limit = 10};
        struct model_version *versions;
        struct buf names = buf_open(s, 64);
        size_t n;
        CHECK(model_version_search(s, db, &search, &n, &versions));
        for (size_t k = 0; k < n; k++)
            buf_print(&names, "%s%s%lld", k == 0 ? "" : " ", versions[k].model,
                      (long long)versions[k].number);
        CHECK_TEXT(names.text, cases[i].found);
    }
}

TEST_DB(model_version_that_was_deleted_meanwhile_is_not_moved)
{
    const struct version kept = history_register(s, db, '1', 1, "aa"),
                         gone = history_register(s, db, '2', 1, "aa");
    CHECK(version_move(s, db, &kept, "production", &by_hand));
    CHECK(model_version_delete(s, db, "pm", gone.number, "ben"));
    CHECK_FAILS(version_move(s, db, &gone, "production", &by_hand), ERROR_MISSING,
                "Model Version (name=pm, version=2) not found");
    CHECK_FAILS(alias_set(s, db, &gone, "champion", &by_hand), ERROR_MISSING,
                "Model Version (name=pm, version=2) not found");
    CHECK_TEXT(seen(s, db, "pm", kept.number).stage_told, "Production");
}
