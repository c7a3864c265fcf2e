// tests/lake/world.h: a lake and a database that knows some of its objects.
//
// Known are: a raw object that an observation came from, and one that nothing refers to any more; a
// dataset version; a live and an archived model version; a published batch. Of each there is the
// object; and one more, in raw_data/, that the database does not know.
#ifndef TESTS_LAKE_WORLD_H
#define TESTS_LAKE_WORLD_H

#include "lake.h"

#include "db.h"

#define WORLD_RAW "raw_data/" // followed by "<aa>/<sha256>.csv"
#define WORLD_DATASET "processed_data/pm/2009-01-01/0123456789abcdef.csv"
#define WORLD_LIVE "artifacts/models/pm/live/model.json"
#define WORLD_DEAD "artifacts/models/pm/dead/model.json"
#define WORLD_BATCH "predictions/pm/2009/01/2009-01-02T235959Z.csv"
#define WORLD_ORPHAN "raw_data/orphan"

static inline const char *
world_raw(struct scope *s, const char *bytes)
{
    char sha256[HASH_TEXT];
    hash_bytes(bytes, strlen(bytes), sha256);
    return scope_print(s, "raw_data/%.2s/%s.csv", sha256, sha256);
}

static inline void
world_put(struct scope *s, struct store *store, const char *key, const char *bytes)
{
    CHECK(store_put(s, store, key, (struct str){bytes, strlen(bytes)}));
}

static inline void
world_sql(struct scope *s, struct db *db, const char *text)
{
    CHECK(db_script(s, db, text));
}

static inline const char *
world_hash(struct scope *s, const char *bytes)
{
    return hash_bytes(bytes, strlen(bytes), scope_alloc(s, HASH_TEXT));
}

// Makes all of it in a store.
static inline void
world_make(struct scope *s, struct store *store, struct db *db)
{
    static const char *const raws[] = {"used", "spent"};
    for (int i = 0; i < 2; i++) {
        world_put(s, store, world_raw(s, raws[i]), raws[i]);
        world_sql(s, db,
                  scope_print(s,
                              "INSERT INTO data.object (sha256, key, name, size_bytes) "
                              "VALUES ('%s', '%s', '%s', %zu)",
                              world_hash(s, raws[i]), world_raw(s, raws[i]), raws[i],
                              strlen(raws[i])));
    }
    world_put(s, store, WORLD_DATASET, "dataset");
    world_put(s, store, WORLD_LIVE, "live");
    world_put(s, store, WORLD_DEAD, "dead");
    world_put(s, store, WORLD_BATCH, "batch");
    world_put(s, store, WORLD_ORPHAN, "orphan");
    world_sql(
        s, db,
        "INSERT INTO data.site (site) VALUES ('S');"
        "SELECT data.observation_years('2009-01-01', '2009-01-01');"
        "INSERT INTO data.observation (parameter, site_id, day, poc, value, object_id)"
        " SELECT 81102, s.site_id, '2009-01-01', 1, 1, o.object_id FROM data.site s, data.object o"
        " WHERE o.name = 'used';"
        "INSERT INTO ml.model (model) VALUES ('pm');"
        "INSERT INTO ml.experiment (name, created_ms, updated_ms) VALUES ('pm', 0, 0);"
        "INSERT INTO ml.run (run_id, experiment_id, name, status, started_ms)"
        " SELECT repeat('0', 32), experiment_id, 'r', 'FINISHED', 0 FROM ml.experiment WHERE name = 'pm';"
        "SELECT serve.prediction_month('2009-01-02 23:59:59Z');"
        "INSERT INTO serve.prediction (prediction_id, made_at, kind, model, version, value)"
        " SELECT gen_random_uuid(), '2009-01-02 23:59:59Z', 'batch', 'pm', 'V1.0.0', 1"
        " FROM generate_series(1, 3);");
    world_sql(
        s, db,
        scope_print(s,
                    "INSERT INTO data.dataset_version (model, recipe_sha256, as_of, sha256, "
                    "key, n_rows, n_sites) VALUES ('pm', '', '2009-01-01', '%s', '%s', 1, 1);",
                    world_hash(s, "dataset"), WORLD_DATASET));
    world_sql(s, db,
              scope_print(
                  s,
                  "INSERT INTO ml.version (model_id, number, tag, manual, auto, run_id, as_of, "
                  "recipe, recipe_sha256, family, reason, artifact_key, artifact_sha256, stage) "
                  "SELECT model_id, n, 1, 0, n, repeat('0', 32), '2009-01-01', '{}', '', 'ridge', "
                  "'', key, sha256, stage FROM ml.model, (VALUES "
                  "(1, '%s', '%s', 'archived'), (2, '%s', '%s', 'production')) "
                  "AS v (n, key, sha256, stage)",
                  WORLD_DEAD, world_hash(s, "dead"), WORLD_LIVE, world_hash(s, "live")));
}

// Declares a test over both kinds of lake, with a database and the world in them.
#define TEST_WORLD(id)                                                                             \
    static void test_world_##id(struct scope *s, struct db *db, struct store *store);              \
    TEST_DB(id##_in_a_folder)                                                                      \
    {                                                                                              \
        struct store *store = store_open_dir(s, scope_print(s, "%s/lake", test_folder(s)));        \
        CHECK(store != NULL);                                                                      \
        world_make(s, store, db);                                                                  \
        test_world_##id(s, db, store);                                                             \
    }                                                                                              \
    TEST_DB(id##_in_s3)                                                                            \
    {                                                                                              \
        struct store *store = store_open(s, test_s3_config(s));                                    \
        CHECK(store != NULL);                                                                      \
        world_make(s, store, db);                                                                  \
        test_world_##id(s, db, store);                                                             \
    }                                                                                              \
    static void test_world_##id(struct scope *s, struct db *db, struct store *store)

#endif
