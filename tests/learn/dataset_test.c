#include "learn/dataset.h"

#include "world.h"

static const struct query versions = {
    "t_versions", "SELECT count(*) AS n, max(n_rows) AS n_rows FROM data.dataset_version"};
static const struct query correct = {
    "t_correct", "UPDATE data.observation SET value = value + 1 WHERE day = '2009-05-01'"};

TEST_DB(dataset_is_one_version_however_often_it_is_made)
{
    struct store *store = world_store(s);
    struct dataset first, again;
    world_make(s, db);
    const struct recipe recipe = world_recipe_read(s, (struct world_recipe){0});

    CHECK(dataset_make(s, db, store, &recipe, WORLD_LAST, &first));
    CHECK(dataset_make(s, db, store, &recipe, WORLD_LAST, &again));

    const struct rows *r = db_query(s, db, &versions, 0, NULL);
    CHECK_TEXT(first.sha256, again.sha256);
    CHECK(first.dataset_id == again.dataset_id);
    CHECK(r != NULL && rows_int(r, 0, "n") == 1 && rows_int(r, 0, "n_rows") == first.n_rows);
}

TEST_DB(dataset_does_not_depend_on_the_order_of_rows)
{
    struct store *store = world_store(s);
    struct dataset first, again;
    world_make(s, db);
    const struct recipe recipe = world_recipe_read(s, (struct world_recipe){0});
    CHECK(dataset_make(s, db, store, &recipe, WORLD_LAST, &first));
    CHECK(db_script(s, db, "DELETE FROM data.observation WHERE day < '2009-01-01'"));
    world_observe_days(s, db, WORLD_FIRST, day_from(2008, 12, 31), "-1");

    CHECK(dataset_make(s, db, store, &recipe, WORLD_LAST, &again));

    CHECK_TEXT(first.sha256, again.sha256);
}

TEST_DB(dataset_does_not_see_the_future)
{
    const struct day as_of = day_from(2009, 4, 30);
    struct store *store = world_store(s);
    struct dataset before, after;
    world_make(s, db);
    const struct recipe recipe = world_recipe_read(s, (struct world_recipe){0});
    CHECK(dataset_make(s, db, store, &recipe, as_of, &before));
    CHECK(db_run(s, db, &correct, 0, NULL)); // the day after

    CHECK(dataset_make(s, db, store, &recipe, as_of, &after));

    CHECK_TEXT(before.sha256, after.sha256);
    CHECK(before.last.n == as_of.n);
}

TEST_DB(dataset_of_corrected_values_is_another_version)
{
    struct store *store = world_store(s);
    struct dataset before, after;
    world_make(s, db);
    const struct recipe recipe = world_recipe_read(s, (struct world_recipe){0});
    CHECK(dataset_make(s, db, store, &recipe, WORLD_LAST, &before));
    CHECK(db_run(s, db, &correct, 0, NULL));

    CHECK(dataset_make(s, db, store, &recipe, WORLD_LAST, &after));

    CHECK(strcmp(before.sha256, after.sha256) != 0);
    CHECK(before.dataset_id != after.dataset_id);
}

TEST_DB(dataset_is_lines_that_anyone_can_read)
{
    struct store *store = world_store(s);
    struct dataset made;
    struct str text;
    const struct recipe recipe = world_recipe_read(s, (struct world_recipe){0});
    CHECK(db_script(s, db,
                    "SELECT data.observation_years('2009-01-01', '2009-12-31');"
                    "INSERT INTO data.site (site, latitude, longitude) VALUES ('b', 51.5, 10), "
                    "('a,\"1\"', NULL, NULL);"
                    "INSERT INTO data.observation (parameter, site_id, day, poc, value, object_id)"
                    " SELECT 81102, site_id, day, 1, value, 1 FROM data.site, (VALUES (DATE "
                    "'2009-01-02', 21.417),"
                    " ('2009-01-01', 0.1 + 0.2::float8)) AS v (day, value) WHERE site = 'b' OR day "
                    "= '2009-01-01'"));

    CHECK(dataset_make(s, db, store, &recipe, WORLD_LAST, &made));
    CHECK(store_get(s, store, made.key, 1 << 20, made.sha256, &text));

    CHECK_TEXT(text.at, "date,site,pm10,latitude,longitude\n"
                        "2009-01-01,\"a,\"\"1\"\"\",0.30000000000000004,,\n"
                        "2009-01-01,b,0.30000000000000004,51.5,10\n"
                        "2009-01-02,b,21.417,51.5,10\n");
    CHECK(made.n_rows == 3 && made.n_sites == 2);
    CHECK_TEXT(scope_copy_n(s, made.key, 29), "processed_data/pm/2009-05-14/");
}

TEST_DB(dataset_without_a_store_is_only_told)
{
    struct dataset made;
    world_make(s, db);
    const struct recipe recipe = world_recipe_read(s, (struct world_recipe){0});

    CHECK(dataset_make(s, db, NULL, &recipe, WORLD_LAST, &made));

    const struct rows *r = db_query(s, db, &versions, 0, NULL);
    CHECK(made.dataset_id == 0 && made.n_rows > 1900);
    CHECK(r != NULL && rows_int(r, 0, "n") == 0);
}
