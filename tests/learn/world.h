// tests/learn/world.h: a small made-up past to learn from: four stations, five hundred days.
#ifndef TESTS_LEARN_WORLD_H
#define TESTS_LEARN_WORLD_H

#include "db.h"
#include "folder.h"

#include "feature/recipe.h"
#include "store/store.h"

#define WORLD_FIRST day_from(2008, 1, 1)
#define WORLD_LAST day_from(2009, 5, 14) // 500 days

static const struct query world_sites = {
    "t_world_sites", "INSERT INTO data.site (site, latitude, longitude) "
                     "SELECT 'S' || i, 50 + i * 0.1, 10 FROM generate_series(1, 4) AS i"};

// A yearly wave, a weekly one that the stations share, and noise that a hash makes up; station 3
// misses every tenth day. $1, $2: the days. $3: -1 puts the rows in backwards.
static const struct query world_observe = {
    "t_world_observe",
    "INSERT INTO data.observation (parameter, site_id, day, poc, value, object_id) "
    "SELECT 81102, site_id, day, 1, round((20 + 6 * cos(extract(doy FROM day) / 58.0) + "
    "5 * sin((day - DATE '2008-01-01') / 2.2) + "
    "abs(hashtext(site || day::text) % 1000) / 250.0)::numeric, 3)::float8, 1 "
    "FROM data.site, generate_series($1::date, $2::date, interval '1 day') AS t, "
    "LATERAL (SELECT t::date AS day) AS d "
    "WHERE site LIKE 'S_' AND NOT (site = 'S3' AND extract(day FROM day)::int % 10 = 0) "
    "ORDER BY $3::int * (day - DATE '2008-01-01'), site"};

static inline void
world_observe_days(struct scope *s, struct db *db, struct day first, struct day last,
                   const char *order)
{
    char from[DAY_TEXT], to[DAY_TEXT];
    CHECK(DB_RUN(s, db, &world_observe, day_format(first, from), day_format(last, to), order));
}

static inline void
world_make(struct scope *s, struct db *db)
{
    CHECK(db_script(s, db, "SELECT data.observation_years('2008-01-01', '2009-12-31')"));
    CHECK(db_run(s, db, &world_sites, 0, NULL));
    world_observe_days(s, db, WORLD_FIRST, WORLD_LAST, "1");
}

struct world_recipe { // what a test wants otherwise than usual; 0 is the usual
    int tag, rows_at_least;
    const char *description;
};

static inline struct recipe
world_recipe_read(struct scope *s, struct world_recipe want)
{
    struct recipe out;
    const char *text = scope_print(
        s,
        "{\"name\": \"pm\", \"description\": \"%s\", \"tag\": %d, \"task\": \"regression\","
        "\"data\": {\"parameter\": 81102},"
        "\"target\": {\"name\": \"pm10\", \"unit\": \"ug/m3\", \"horizon_days\": 1, \"floor\": 0},"
        "\"features\": {\"lags\": [0, 1, 2, 6],"
        "  \"rolling\": [{\"statistic\": \"mean\", \"days\": 7, \"at_least\": 4}],"
        "  \"calendar\": {\"harmonics\": 1, \"weekday\": false},"
        "  \"climatology\": {\"half_window_days\": 15, \"at_least\": 10},"
        "  \"position\": false, \"neighbours\": [{\"nearest\": 3, \"within_km\": 200}]},"
        "\"families\": {\"persistence\": {}, \"climatology\": {}, \"ridge\": {\"alpha\": [1, 100]},"
        "  \"boost\": {\"rounds\": 20, \"early_stopping\": 5, \"depth\": 3, \"learning_rate\": 0.3,"
        "  \"subsample\": 0.8, \"colsample\": 0.8, \"min_child_weight\": 5, \"lambda\": 1}},"
        "\"split\": {\"calibrate_days\": 60, \"test_days\": 60}, \"choice\": {\"gap_limit\": 1.5},"
        "\"interval\": {\"coverage\": 0.8}, \"retrain_days\": 28,"
        "\"quality\": {\"fresh_days\": 3, \"completeness\": 0.5, \"range_share\": 0.001,"
        "  \"flat_days\": 7, \"rows_at_least\": %d}, \"seed\": 1}",
        want.description == NULL ? "a test" : want.description, want.tag == 0 ? 1 : want.tag,
        want.rows_at_least == 0 ? 100 : want.rows_at_least);
    CHECK(recipe_read(s, (struct str){text, strlen(text)}, &out));
    return out;
}

// A store in a folder of its own.
static inline struct store *
world_store(struct scope *s)
{
    struct store *store = store_open_dir(s, test_folder(s));
    CHECK(store != NULL);
    return store;
}

#endif
