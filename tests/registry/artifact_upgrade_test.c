#include "db.h"

// A running home has trainings from before artifacts had names: what they made gets one.

#define RUN "0123456789abcdef0123456789abcdef"
#define SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const char before[] =
    "INSERT INTO ml.experiment (name, created_ms, updated_ms) VALUES ('pm', 0, 0);"
    "INSERT INTO ml.run (run_id, experiment_id, name, status, started_ms, artifact_uri) "
    "SELECT '" RUN "', experiment_id, 'one', 'FINISHED', 0, 'artifacts/models/pm/x' FROM "
                   "ml.experiment WHERE name = 'pm';"
    "INSERT INTO ml.model (model) VALUES ('pm');"
    "INSERT INTO ml.version (model_id, number, tag, manual, auto, run_id, as_of, recipe, "
    "recipe_sha256, "
    "family, reason, artifact_key, artifact_sha256, stage) SELECT model_id, 1, 1, 0, 0, '" RUN "', "
    "'2009-01-01', '{}', 'a', 'ridge', '', 'artifacts/models/pm/x/model.json', '" SHA
    "', 'archived' FROM ml.model";

static const struct query upgraded = {
    "t_upgraded", "SELECT r.artifact_uri = 'mlflow-artifacts:/' || r.experiment_id || '/' || "
                  "r.run_id || '/artifacts' AS is_named, "
                  "r.artifact_uri || '/model' = v.source AS is_sourced, a.name, a.key, a.sha256 "
                  "FROM ml.artifact a, ml.run r JOIN ml.version v USING (run_id) "
                  "WHERE 'mlflow-artifacts:/' || a.folder = r.artifact_uri || '/model/'"};
static const struct query held = {
    "t_held",
    "SELECT data.lake_reference_make(), (SELECT string_agg(key || ' ' || hold, ', ') FROM "
    "data.lake_reference_page('', '', 10)) AS all"};

TEST_DB(migration_names_what_trainings_made)
{
    CHECK(db_script(s, db, "DROP SCHEMA data, ml, serve, ops, auth, declared, processed CASCADE"));
    for (const struct migration *m = migrations; m->name != NULL; m++) {
        CHECK(strcmp(m->name, "0011_mend") != 0 || db_script(s, db, before));
        CHECK(db_script(s, db, m->text));
    }

    const struct rows *r = db_query(s, db, &upgraded, 0, NULL);

    CHECK(r != NULL && rows_count(r) == 1);
    CHECK(rows_bool(r, 0, "is_named") && rows_bool(r, 0, "is_sourced"));
    CHECK_TEXT(rows_text(r, 0, "name"), "airwatch.json");
    CHECK_TEXT(rows_text(r, 0, "key"), "artifacts/models/pm/x/model.json");
    CHECK_TEXT(rows_text(r, 0, "sha256"), SHA);
}

// A name alone does not keep an archived version's object for ever.
TEST_DB(migration_leaves_what_is_spent_spent)
{
    CHECK(db_script(s, db, before));
    CHECK(db_script(s, db,
                    "INSERT INTO ml.artifact (folder, name, key, sha256, put_by) VALUES "
                    "('1/m/', 'a', 'artifacts/models/pm/x/model.json', '" SHA "', 'ana'), "
                    "('1/', 'b', 'artifacts/mlflow/01/" SHA "', '" SHA "', 'ana')"));

    const struct rows *r = db_query(s, db, &held, 0, NULL);

    CHECK(r != NULL);
    CHECK_TEXT(rows_text(r, 0, "all"),
               "artifacts/mlflow/01/" SHA " 3, artifacts/models/pm/x/model.json 1");
}
