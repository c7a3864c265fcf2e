#include "learn/history.h"

#include "db.h"

static const struct query site = {"t_site", "INSERT INTO data.site (site, latitude, longitude)"
                                            " VALUES ($1::text, $2::float8, 10) RETURNING site_id"};
static const struct query observe = {
    "t_observe", "INSERT INTO data.observation (parameter, site_id, day, poc, value, object_id)"
                 " SELECT 81102, site_id, $2::date, $3::int, $4::float8, 1 FROM data.site"
                 " WHERE site = $1::text"};

static const struct day oldest = {INT32_MIN};

static void
past_make(struct scope *s, struct db *db)
{
    CHECK(db_script(s, db, "SELECT data.observation_years('2008-01-01', '2009-12-31')"));
    CHECK(DB_RUN(s, db, &site, "b", "51.5") && DB_RUN(s, db, &site, "B", NULL) &&
          DB_RUN(s, db, &site, "a", "52"));
    CHECK(DB_RUN(s, db, &observe, "b", "2008-12-31", "1", "21.417") &&
          DB_RUN(s, db, &observe, "b", "2009-01-02", "1", "-0.5") &&
          DB_RUN(s, db, &observe, "B", "2009-01-01", "1", "1e-3"));
}

TEST_DB(history_puts_days_in_rows_and_stations_in_columns)
{
    struct panel p;
    past_make(s, db);

    CHECK(history_load(s, db, 81102, oldest, day_from(2009, 1, 3), &p));

    CHECK(p.first.n == day_from(2008, 12, 31).n && p.n_days == 4);
    CHECK(p.n_sites == 2); // "a" has no value
    CHECK_TEXT(p.sites[0], "B");
    CHECK_TEXT(p.sites[1], "b");
    CHECK(isnan(p.latitude[0]));
    CHECK_NEAR(p.latitude[1], 51.5, 0);
    const double want[] = {NAN, 21.417, 1e-3, NAN, NAN, -0.5, NAN, NAN};
    for (size_t i = 0; i < 8; i++)
        CHECK(isnan(want[i]) ? isnan(p.value[i]) : p.value[i] == want[i]);
}

TEST_DB(history_keeps_to_its_window)
{
    struct panel p;
    past_make(s, db);

    CHECK(history_load(s, db, 81102, day_from(2009, 1, 2), day_from(2009, 1, 5), &p));

    CHECK(p.first.n == day_from(2009, 1, 2).n && p.n_days == 4 && p.n_sites == 1);
    CHECK_NEAR(panel_value(&p, day_from(2009, 1, 2), 0), -0.5, 0);
}

// 0.1 + 0.2 + 0.3 differs in the last bit from 0.3 + 0.2 + 0.1, so the order is settled.
TEST_DB(history_takes_the_mean_over_instruments_in_one_order)
{
    const char *const orders[][3] = {{"0.3", "0.1", "0.2"}, {"0.1", "0.2", "0.3"}};
    double means[2];
    for (size_t i = 0; i < 2; i++) {
        const struct scope_mark mark = scope_mark(s);
        struct panel p;
        CHECK(db_begin(s, db));
        past_make(s, db);
        CHECK(DB_RUN(s, db, &observe, "a", "2009-01-01", "1", orders[i][0]) &&
              DB_RUN(s, db, &observe, "a", "2009-01-01", "2", orders[i][1]) &&
              DB_RUN(s, db, &observe, "a", "2009-01-01", "3", orders[i][2]));
        CHECK(history_load(s, db, 81102, oldest, day_from(2009, 1, 3), &p));
        CHECK_TEXT(p.sites[1], "a");
        means[i] = panel_value(&p, day_from(2009, 1, 1), 1);
        scope_release(s, mark);
    }
    CHECK_NEAR(means[0], (0.1 + 0.2 + 0.3) / 3, 0);
    CHECK(memcmp(&means[0], &means[1], sizeof means[0]) == 0);
}

TEST_DB(history_without_an_observation_is_an_input_error)
{
    struct panel p;
    past_make(s, db);
    CHECK_FAILS(history_load(s, db, 44201, oldest, day_from(2009, 1, 3), &p), ERROR_INPUT,
                "there is no observation of parameter 44201 up to 2009-01-03");
    CHECK_FAILS(history_load(s, db, 81102, day_from(2009, 1, 3), day_from(2009, 1, 4), &p),
                ERROR_INPUT,
                "there is no observation of parameter 81102 from 2009-01-03 up to 2009-01-04");
}
