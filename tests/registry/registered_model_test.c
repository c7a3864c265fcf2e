#include "registry/registered_model.h"

#include "history.h"
#include "registry/model_version.h"

static const struct release_move by_hand = {"ana", 1000, "{\"why\":\"by hand\"}"};

static struct registered_model
model_of(struct scope *s, struct db *db, const char *name)
{
    struct registered_model m = {0};
    CHECK(registered_model_get(s, db, name, &m));
    return m;
}

TEST_DB(registered_model_is_what_was_made)
{
    CHECK(registered_model_create(s, db, "iris", "flowers", "ana"));
    const struct registered_model m = model_of(s, db, "iris");
    CHECK_TEXT(m.name, "iris");
    CHECK_TEXT(m.description, "flowers");
    CHECK_TEXT(m.user, "ana");
    CHECK(m.tags == NULL && m.aliases == NULL);
    CHECK(m.created_ms > 0 && m.updated_ms == m.created_ms);
}

TEST_DB(registered_model_names_are_taken_once)
{
    CHECK(registered_model_create(s, db, "iris", "", "ana"));
    CHECK_FAILS(registered_model_create(s, db, "iris", "", "ben"), ERROR_CONFLICT,
                "Registered Model (name=iris) already exists.");
}

TEST_DB(registered_model_refuses_names_that_are_no_names)
{
    static const char *const wrong[] = {"",   "  ",  "a/b",  "models:/a", ".",
                                        "..", "..a", "a\nb", "a\x7f"};
    char name[300] = {0};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        CHECK(!registered_model_create(s, db, wrong[i], "", "ana"));
        CHECK(s->kind == ERROR_INPUT);
        scope_forgive(s);
    }
    memset(name, 'x', 256);
    CHECK(registered_model_create(s, db, name, "", "ana"));
    name[256] = 'x';
    CHECK(!registered_model_create(s, db, name, "", "ana"));
    CHECK(s->kind == ERROR_INPUT);
}

TEST_DB(registered_model_length_is_of_characters)
{
    struct buf name = buf_open(s, 600);
    for (size_t i = 0; i < 256; i++)
        buf_text(&name, "ä");
    CHECK(registered_model_create(s, db, name.text, "", "ana"));
}

TEST_DB(registered_model_tags_are_set_replaced_and_taken_away)
{
    CHECK(registered_model_create(s, db, "iris", "", "ana"));
    CHECK(registered_model_tag_set(s, db, "iris", "b", "2"));
    CHECK(registered_model_tag_set(s, db, "iris", "a b", "1\n"));
    CHECK(!registered_model_tag_set(s, db, "iris", "a//b", "1"));
    scope_forgive(s);
    CHECK(registered_model_tag_set(s, db, "iris", "b", "3"));
    CHECK(registered_model_tag_drop(s, db, "iris", "nonesuch"));
    CHECK_TEXT(model_of(s, db, "iris").tags, "[{\"key\" : \"a b\", \"value\" : \"1\\n\"}, "
                                             "{\"key\" : \"b\", \"value\" : \"3\"}]");
    CHECK(registered_model_tag_drop(s, db, "iris", "b"));
    CHECK(registered_model_tag_drop(s, db, "iris", "a b"));
    CHECK(model_of(s, db, "iris").tags == NULL);
    CHECK_FAILS(registered_model_tag_set(s, db, "rose", "a", "1"), ERROR_MISSING,
                "Registered Model with name=rose not found");
    CHECK_FAILS(registered_model_tag_drop(s, db, "rose", "a"), ERROR_MISSING,
                "Registered Model with name=rose not found");
}

TEST_DB(registered_model_rename_takes_versions_tags_and_aliases_along)
{
    int64_t number;
    struct version v;
    struct model_version found;
    CHECK(registered_model_create(s, db, "iris", "flowers", "ana"));
    CHECK(registered_model_create(s, db, "taken", "", "ana"));
    CHECK(registered_model_tag_set(s, db, "iris", "k", "v"));
    CHECK(model_version_create(
        s, db,
        &(struct model_version_request){.model = "iris", .source = "s3://b/m", .actor = "ana"},
        &number));
    CHECK(version_by_number(s, db, "iris", 1, &v));
    CHECK(alias_set(s, db, &v, "champion", &by_hand));

    CHECK_FAILS(registered_model_rename(s, db, "iris", "taken", "ana"), ERROR_CONFLICT,
                "Registered Model (name=taken) already exists.");
    CHECK(registered_model_rename(s, db, "iris", "flowers", "ana"));

    CHECK_FAILS(registered_model_get(s, db, "iris", &(struct registered_model){0}), ERROR_MISSING,
                "Registered Model with name=iris not found");
    const struct registered_model m = model_of(s, db, "flowers");
    CHECK_TEXT(m.tags, "[{\"key\" : \"k\", \"value\" : \"v\"}]");
    CHECK_TEXT(m.aliases, "[{\"alias\" : \"champion\", \"version\" : \"1\"}]");
    CHECK(model_version_of_alias(s, db, "flowers", "champion", &found) && found.number == 1);
}

TEST_DB(registered_model_that_was_in_production_keeps_its_name)
{
    const struct version v = history_register(s, db, '0', 1, "aa");
    CHECK(version_promote(s, db, &v, "tester", 1000, "{}"));
    CHECK(version_move(s, db, &v, "archived", &by_hand));

    CHECK_FAILS(registered_model_rename(s, db, "pm", "pm10", "ana"), ERROR_INPUT,
                "Registered Model with name=pm has been in production: it cannot be renamed, "
                "because its predictions are filed under its name; archive its versions instead");
    CHECK_FAILS(registered_model_delete(s, db, "pm", "ana"), ERROR_INPUT,
                "Registered Model with name=pm has been in production: it cannot be deleted, "
                "because its predictions are filed under its name; archive its versions instead");
}

TEST_DB(registered_model_is_deleted_with_all_that_hangs_on_it)
{
    const struct version v = history_register(s, db, '0', 1, "aa");
    CHECK(alias_set(s, db, &v, "shadow", &by_hand)); // a row of ml.release, too
    CHECK(registered_model_tag_set(s, db, "pm", "k", "v"));
    CHECK(model_version_tag_set(s, db, &v, "k", "v", &by_hand));

    CHECK(registered_model_delete(s, db, "pm", "ana"));

    CHECK_FAILS(registered_model_delete(s, db, "pm", "ana"), ERROR_MISSING,
                "Registered Model with name=pm not found");
    CHECK(registered_model_create(s, db, "pm", "", "ana"));
    CHECK(model_of(s, db, "pm").tags == NULL);
}

// The names that a search finds, "a b".
static const char *
found(struct scope *s, struct db *db, size_t n, const struct search_clause clauses[],
      const char *order)
{
    const struct search search = {
        .n_clauses = n, .clauses = clauses, .n_order = 2, .order = {order, "name"}, .limit = 10};
    struct registered_model *models;
    struct buf names = buf_open(s, 64);
    size_t n_found;
    CHECK(registered_model_search(s, db, &search, &n_found, &models));
    for (size_t i = 0; i < n_found; i++)
        buf_print(&names, "%s%s", i == 0 ? "" : " ", models[i].name);
    return names.text;
}

TEST_DB(registered_model_search_holds_all_clauses)
{
    static const char *const two[] = {"ab", "prompt"};
    const struct {
        size_t n;
        struct search_clause clauses[2];
        const char *names;
    } cases[] = {
        {0, {{0}}, "Ab ab abc"},
        {1, {{"name", NULL, "=", "ab", 0, NULL}}, "ab"},
        {1, {{"name", NULL, "<>", "ab", 0, NULL}}, "Ab abc"},
        {1, {{"name", NULL, "LIKE", "ab%", 0, NULL}}, "ab abc"},
        {1, {{"name", NULL, "ILIKE", "AB", 0, NULL}}, "Ab ab"},
        {1, {{"name", NULL, "IN", NULL, 2, two}}, "ab"},
        {1, {{"name", NULL, "NOT IN", NULL, 2, two}}, "Ab abc"},
        {1, {{"tag", "k", "=", "1", 0, NULL}}, "ab"},
        {1, {{"tag", "k", "<>", "1", 0, NULL}}, "abc"}, // only of those that have it
        {2, {{"tag", "k", "LIKE", "1%", 0, NULL}, {"tag", "k", "<>", "1", 0, NULL}}, "abc"},
        {1, {{"tag", "mlflow.prompt.is_prompt", "<>", "true", 0, NULL}}, "Ab ab abc"},
        {1, {{"tag", "mlflow.prompt.is_prompt", "=", "false", 0, NULL}}, "Ab ab abc"},
        {1, {{"tag", "mlflow.prompt.is_prompt", "=", "true", 0, NULL}}, "prompt"},
        {1, {{"name", NULL, "=", "' OR true --", 0, NULL}}, ""},
    };
    static const char *const names[] = {"ab", "abc", "Ab", "prompt"};
    for (size_t i = 0; i < 4; i++)
        CHECK(registered_model_create(s, db, names[i], "", "ana"));
    CHECK(registered_model_tag_set(s, db, "ab", "k", "1"));
    CHECK(registered_model_tag_set(s, db, "abc", "k", "12"));
    CHECK(registered_model_tag_set(s, db, "prompt", "mlflow.prompt.is_prompt", "true"));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_TEXT(found(s, db, cases[i].n, cases[i].clauses, "name"), cases[i].names);
    CHECK_TEXT(found(s, db, 0, NULL, "-name"), "abc ab Ab");
}

TEST_DB(registered_model_search_gives_a_page)
{
    struct registered_model *models;
    size_t n;
    const struct search search = {.n_order = 1, .order = {"name"}, .offset = 1, .limit = 1};
    for (size_t i = 0; i < 3; i++)
        CHECK(registered_model_create(s, db, (const char *const[]){"a", "b", "c"}[i], "", "ana"));
    CHECK(registered_model_search(s, db, &search, &n, &models) && n == 1);
    CHECK_TEXT(models[0].name, "b");
}
