#include "quality/shift.h"

#include "quality/panel.h"

// Vectors: SciPy 1.10.1 (ks_2samp, kstwo) and Evidently 0.7's binning and PSI, computed apart from
// this code.

#define PHI 0.6180339887498949

TEST(ks_p_matches_scipy)
{
    static const struct {
        int64_t n, m;
        double d, p, within;
    } cases[] = {
        {8, 8, 0.625, 0.087024087024087, 1e-14},                     // exact, of one size
        {400, 300, 0.036666666666666667, 0.9696526463564243, 1e-13}, // exact, of two
        {400, 400, 0.035, 0.96740556290088187, 1e-13},
        {60, 90, 0.73333333333333328, 2.9252357536183394e-19, 1e-30},
        {75, 75, 0.066666666666666666, 0.99668992213632979, 1e-13},
        {75, 75, 0.08, 0.97173331706393318, 1e-13},
        {1200, 900, 0.25166666666666665, 4.4595787355401324e-29, 1e-40},
        {1000, 12000, 0.031333333333333338, 0.31849599854754762, 1e-13}, // by the law of 923
        {10, 10, 0, 1, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_NEAR(shift_ks_p(cases[i].n, cases[i].m, cases[i].d), cases[i].p, cases[i].within);
    CHECK(isnan(shift_ks_p(0, 10, 0.5)));
}

TEST(ks_p_follows_every_regime_of_one_sample)
{
    // kstwo.sf(x, n) by SciPy, reached through sizes whose nm / (n + m) is n.
    static const struct {
        int64_t n, m;
        double d, p, within;
    } cases[] = {
        {924, 924000, 0.045, 0.0461520925931874, 1e-11}, // Pelz and Good
        {924, 924000, 0.06, 0.00248814700530675, 1e-13}, // twice the one-sided
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_NEAR(shift_ks_p(cases[i].n, cases[i].m, cases[i].d), cases[i].p, cases[i].within);
}

TEST(psi_matches_evidently)
{
    static const int64_t counts_before[] = {16, 18, 16, 14, 12, 12},
                         counts_now[] = {16, 16, 16, 16, 16, 8};
    static const int64_t weyl_before[] = {121, 120, 118, 121, 119, 120, 121,
                                          120, 120, 119, 1,   0,   0},
                         weyl_now[] = {0, 75, 75, 74, 75, 76, 75, 75, 74, 75, 76, 75, 75};

    CHECK_NEAR(shift_psi(6, counts_before, counts_now), 0.037218381577290835, 1e-15);
    CHECK_NEAR(shift_psi(13, weyl_before, weyl_now), 2.2297004923680421, 1e-13);
    CHECK_NEAR(shift_psi(6, counts_now, counts_now), 0, 0);
    CHECK(isnan(shift_psi(2, (int64_t[]){0, 0}, (int64_t[]){1, 1})));
}

TEST(shift_bins_are_sturges)
{
    CHECK(shift_bins(2100, 0.00073313743587277713, 1.2989601378673343) == 13);
    CHECK(shift_bins(10, 5, 5) == 1);
}

// w(n, a, scale, offset) of the vectors, as values of a station each.
static void
weyl_put(struct scope *s, struct db *db, int n, const char *a, double scale, double offset,
         const char *day)
{
    CHECK(
        db_script(s, db,
                  scope_print(s,
                              "INSERT INTO data.site (site) SELECT '%s' || i FROM "
                              "generate_series(1, %d) i; INSERT INTO data.observation (parameter, "
                              "site_id, day, poc, value, object_id) SELECT 81102, site_id, '%s', "
                              "1, %.17g * (x - floor(x)) + %.17g, 1 FROM data.site, LATERAL "
                              "(SELECT substr(site, 11)::float8 * %s::float8 AS x) w WHERE site "
                              "LIKE '%s%%'",
                              day, n, day, scale, offset, a, day)));
}

static struct quality_check
weyl_check(struct scope *s, struct db *db, int n, int m, double scale, double offset)
{
    CHECK(db_script(s, db, "SELECT data.observation_years('2009-01-01', '2009-01-01')"));
    weyl_put(s, db, n, "0.6180339887498949", 1, 0, "2009-03-15");
    weyl_put(s, db, m, "1.4142135623730951", scale, offset, "2009-04-15");
    return check_of(s, db, "{\"expect\":\"distribution_shift\",\"psi_max\":0}");
}

TEST_DB(distribution_shift_in_sql_gives_the_vectors)
{
    const struct quality_check got = weyl_check(s, db, 1200, 900, 1.2, 0.1);

    CHECK_NEAR(got.observed, 2.2297004923680421, 1e-12);
    CHECK(strstr(got.sample, "\"n_before\":1200,\"n_now\":900,\"psi\":2.22970049236804") != NULL);
    CHECK(strstr(got.sample, "\"d\":0.25166666666666") != NULL);
    CHECK(strstr(got.sample, "\"p\":4.45957873554") != NULL);
    CHECK_TEXT(got.verdict, "fail");
}

TEST_DB(distribution_shift_of_a_small_shift_gives_the_vectors)
{
    const struct quality_check got = weyl_check(s, db, 400, 300, 1, 0.03);

    CHECK_NEAR(got.observed, 0.021009040728398334, 1e-12);
    CHECK(strstr(got.sample, "\"d\":0.0366666666666666") != NULL);
    CHECK(strstr(got.sample, "\"p\":0.96965264635642") != NULL);
}

#define SHIFT(more) "{\"expect\":\"distribution_shift\"" more "}"

TEST_DB(distribution_shift_compares_the_last_month_with_the_one_before)
{
    const char *doubled = "UPDATE data.observation SET value = value * 2 WHERE day > '2009-03-31'";
    const char *one = "UPDATE data.observation SET value = value * 2 WHERE day > '2009-03-31' AND "
                      "site_id = 4";
    PANEL_CASES({"", SHIFT(), "pass", 1, 0, "[]"}, {doubled, SHIFT(), "fail", 1, 1, "\"d\":1"},
                {doubled, SHIFT(",\"ks_max\":0.99"), "fail", 1, 1, "\"d\":1"},
                {doubled, SHIFT(",\"ks_max\":1"), "pass", 1, 0, "[]"},
                {doubled, SHIFT(",\"p_min\":0.05"), "fail", 1, 1, "\"n_now\":300"},
                {"", SHIFT(",\"p_min\":0.05"), "pass", 1, 0, "[]"},
                // Ten days before what changed was as it is.
                {doubled, SHIFT(",\"days\":10,\"reference_days\":10"), "pass", 1, 0, "[]"},
                {one, SHIFT(",\"by\":\"site\""), "fail", 10, 1, "\"site\":\"S4\""},
                {one, SHIFT(",\"by\":\"site\",\"mostly\":0.9"), "pass", 10, 1, "S4"},
                {one, SHIFT(",\"by\":\"site\",\"where\":\"site <> 'S4'\""), "pass", 9, 0, "[]"},
                {"", SHIFT(",\"at_least\":301"), "pass", 0, 0, "[]"},
                {"UPDATE data.observation SET value = 'NaN'", SHIFT(), "pass", 0, 0, "[]"},
                {"DELETE FROM data.observation", SHIFT(), "pass", 0, 0, "[]"});
}

TEST_DB(distribution_shift_by_a_column_with_odd_names_quotes_them)
{
    const char *odd = "UPDATE data.site SET county = E'a\"b\\\\c,{}' WHERE site = 'S1'; UPDATE "
                      "data.site SET county = '' WHERE site = 'S2'";
    PANEL_CASES({odd, SHIFT(",\"by\":\"county\",\"at_least\":30"), "pass", 3, 0, "[]"});
}

TEST_DB(distribution_shift_of_rows_that_tell_no_group_is_judged)
{
    const char *doubled = "UPDATE data.observation SET value = value * 2 WHERE day > '2009-03-31'";
    PANEL_CASES({doubled, SHIFT(",\"by\":\"method\""), "fail", 1, 1, "\"method\":\"\""});
}
