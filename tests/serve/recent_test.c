#include "serve/recent.h"

#include "db.h"

#include "base/file.h"

// One station with a value on every day of 2009 up to 06-30, or on two days of it.
static const char daily[] =
    "INSERT INTO data.site (site, latitude, longitude) VALUES ('DEA', 50, 8), ('DEB', 51, 9);"
    "SELECT data.observation_years('2009-01-01', '2009-12-31');"
    "INSERT INTO data.observation (parameter, site_id, day, poc, value, object_id)"
    " SELECT 81102, site_id, d, 1, 7, 1"
    " FROM data.site, generate_series(date '2009-01-01', '2009-06-30', '1 day') AS d"
    " WHERE site = 'DEA' OR d IN ('2009-05-31', '2009-06-01')";

// An artifact as it would be read: the recipe's features, with another longest lag.
static struct artifact
artifact_of(struct scope *s, const char *lags)
{
    struct artifact a = {0};
    struct str text;
    struct panel panel;
    static const char *const sites[] = {"DEA"};
    CHECK(file_read(s, "deploy/models/pm-next-day.json", 1 << 20, &text));
    const char *at = strstr(text.at, "[0, 1, 2, 3, 4, 5, 6, 13]");
    CHECK(at != NULL);
    const char *recipe =
        scope_print(s, "%.*s%s%s", (int)(at - text.at), text.at, lags, strchr(at, ']') + 1);
    CHECK(recipe_read(s, (struct str){recipe, strlen(recipe)}, &a.recipe));
    CHECK(panel_open(s, day_from(2009, 1, 1), day_from(2009, 1, 1), 1, sites, &panel));
    panel.value[0] = 1;
    CHECK((a.features = feature_fit(s, &a.recipe, &panel, panel.first)) != NULL);
    return a;
}

TEST_DB(recent_days_are_as_many_as_the_features_look_at)
{
    static const struct {
        const char *lags;
        struct day first;
    } cases[] = {
        {"[0, 1]", {14425 - 59}}, // 2009-06-30 and the 59 days before
        {"[0, 59]", {14425 - 59}},
        {"[0, 100]", {14425 - 100}},
    };
    CHECK(db_script(s, db, daily));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct artifact a = artifact_of(s, cases[i].lags);
        struct panel panel;

        CHECK(recent_load(s, db, &a, day_from(2009, 6, 30), &panel));

        CHECK(panel.first.n == cases[i].first.n);
        CHECK(panel_last(&panel).n == day_from(2009, 6, 30).n);
    }
}

TEST_DB(recent_station_is_silent_after_thirty_days)
{
    struct panel panel;
    const struct artifact a = artifact_of(s, "[0]");
    CHECK(db_script(s, db, daily));

    CHECK(recent_load(s, db, &a, day_from(2009, 6, 30), &panel)); // 06-01 is the thirtieth day
    CHECK(!recent_is_silent(&panel, 0) && !recent_is_silent(&panel, 1));
    CHECK(db_script(s, db, "DELETE FROM data.observation WHERE day = '2009-06-01'"));

    CHECK(recent_load(s, db, &a, day_from(2009, 6, 30), &panel));
    CHECK(!recent_is_silent(&panel, 0) && recent_is_silent(&panel, 1));
}
