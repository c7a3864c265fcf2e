#include "feature/feature.h"

#include "base/chance.h"
#include "base/file.h"

#include "test.h"

#define N_SITES 4

static struct recipe
shipped(struct scope *s)
{
    struct recipe r;
    struct str text;
    CHECK(file_read(s, "deploy/models/pm-next-day.json", 1 << 20, &text));
    CHECK(recipe_read(s, text, &r));
    return r;
}

// Three stations on a line, 111 km apart, and one far away; two years, a fifth of it missing.
static struct panel
made_up(struct scope *s)
{
    static const char *const sites[N_SITES] = {"A", "B", "C", "D"};
    struct chance chance = chance_open(11);
    struct panel p;
    CHECK(panel_open(s, day_from(2001, 1, 1), day_from(2002, 12, 31), N_SITES, sites, &p));
    for (size_t i = 0; i < N_SITES; i++) {
        p.latitude[i] = i == 3 ? -30 : 50 + (double)i;
        p.longitude[i] = 10;
    }
    for (size_t i = 0; i < p.n_days * N_SITES; i++)
        if (chance_unit(&chance) > 0.2)
            p.value[i] = 5 + 30 * chance_unit(&chance);
    return p;
}

static struct feature_set *
fitted(struct scope *s, const struct panel *p, struct day last)
{
    const struct recipe r = shipped(s);
    struct feature_set *f = feature_fit(s, &r, p, last);
    CHECK(f != NULL);
    return f;
}

static double *
row_of(struct scope *s, const struct feature_set *f, const struct panel *p, struct day origin,
       size_t site)
{
    double *out = scope_array(s, feature_count(f), sizeof *out);
    feature_row(feature_view_open(s, f, p), origin, site, out);
    return out;
}

static double
named(const struct feature_set *f, const double *row, const char *name)
{
    const size_t j = feature_find(f, name);
    if (j == feature_count(f))
        TEST_DIE("there is no feature \"%s\"", name);
    return row[j];
}

static void
check_same(const double *got, const double *want, size_t n)
{
    for (size_t j = 0; j < n; j++)
        if (!(got[j] == want[j] || (isnan(got[j]) && isnan(want[j]))))
            TEST_DIE("[%zu] is %.17g, not %.17g", j, got[j], want[j]);
}

TEST(feature_row_holds_what_its_names_say)
{
    // Day n of ten is worth n at A, n + 100 at B …; the eighth is missing; the tenth is the origin.
    struct panel p = made_up(s);
    const struct day origin = day_add(p.first, 9); // a Wednesday
    for (size_t t = 0; t < 10; t++)
        for (size_t i = 0; i < N_SITES; i++)
            p.value[t * N_SITES + i] = t == 7 ? NAN : (double)(t + 1) + 100 * (double)i;
    const struct feature_set *f = fitted(s, &p, panel_last(&p));
    const struct feature_view *v = feature_view_open(s, f, &p);

    const double *x = row_of(s, f, &p, origin, 0);

    CHECK(feature_count(f) == 35);
    CHECK_NEAR(named(f, x, "lag0"), 10, 0);
    CHECK_NEAR(named(f, x, "lag1"), 9, 0);
    CHECK(isnan(named(f, x, "lag2")));
    CHECK(isnan(named(f, x, "lag13"))); // before the panel
    CHECK_NEAR(named(f, x, "change"), 1, 0);
    CHECK_NEAR(named(f, x, "mean3"), 9.5, 0);
    CHECK_NEAR(named(f, x, "mean7"), 41 / 6.0, 1e-15);        // 4 5 6 7 9 10
    CHECK_NEAR(named(f, x, "sd7"), 2.114762923408253, 1e-14); // sqrt(307/6 - (41/6)^2)
    CHECK_NEAR(named(f, x, "max7"), 10, 0);
    CHECK_NEAR(named(f, x, "min7"), 4, 0);
    CHECK_NEAR(named(f, x, "mean14"), 47 / 9.0, 1e-15);
    CHECK(isnan(named(f, x, "mean30"))); // nine values of the twelve that it wants
    CHECK_NEAR(named(f, x, "sin1"), sin(2 * acos(-1) * 11 / 365.25), 1e-15);
    CHECK_NEAR(named(f, x, "cos2"), cos(4 * acos(-1) * 11 / 365.25), 1e-15);
    CHECK_NEAR(named(f, x, "thursday"), 1, 0);
    CHECK_NEAR(named(f, x, "wednesday") + named(f, x, "friday"), 0, 0);
    CHECK_NEAR(named(f, x, "climatology"), feature_climatology(v, day_add(origin, 1), 0), 0);
    CHECK_NEAR(named(f, x, "anomaly"), 10 - feature_climatology(v, origin, 0), 0);
    CHECK_NEAR(named(f, x, "latitude"), 50, 0);
}

TEST(feature_neighbours_are_the_nearest_within_reach)
{
    const struct panel p = made_up(s);
    const struct day d = day_add(p.first, 300);
    for (size_t i = 0; i < 2 * N_SITES; i++)
        p.value[299 * N_SITES + i] = 20 + (double)i;
    const struct feature_set *f = fitted(s, &p, panel_last(&p));
    const struct feature_view *v = feature_view_open(s, f, &p);
    const double b = 25 - feature_climatology(v, d, 1), c = 26 - feature_climatology(v, d, 2);
    const double b_before = 21 - feature_climatology(v, day_add(d, -1), 1);

    const double *x = row_of(s, f, &p, d, 0), *far = row_of(s, f, &p, d, 3);

    CHECK_NEAR(named(f, x, "nb5_anom"), b, 1e-12); // C is 222 km away
    CHECK_NEAR(named(f, x, "nb5_change"), b - b_before, 1e-12);
    CHECK_NEAR(named(f, x, "nb20_anom"), (b + c) / 2, 1e-12);
    CHECK(isnan(named(f, far, "nb20_anom")));
}

TEST(feature_climatology_is_a_window_around_the_year_or_the_mean)
{
    // Seven on the first twenty days of the year, a hundred once in July.
    const char *const sites[] = {"A"};
    struct panel p;
    CHECK(panel_open(s, day_from(2001, 1, 1), day_from(2001, 12, 31), 1, sites, &p));
    for (size_t t = 0; t < 20; t++)
        p.value[t] = 7;
    p.value[day_from(2001, 7, 1).n - p.first.n] = 100;
    const struct feature_set *f = fitted(s, &p, panel_last(&p));
    const struct feature_view *v = feature_view_open(s, f, &p);

    CHECK_NEAR(feature_climatology(v, day_from(2003, 1, 5), 0), 7, 0);
    CHECK_NEAR(feature_climatology(v, day_from(2003, 12, 31), 0), 7, 0);      // 14 of January's
    CHECK_NEAR(feature_climatology(v, day_from(2003, 1, 31), 0), 11.4286, 0); // 5: (140 + 100) / 21
    CHECK_NEAR(feature_climatology(v, day_from(2003, 7, 1), 0), 11.4286, 0);
}

TEST(feature_rows_do_not_change_when_the_future_does)
{
    // What is fitted up to a day, and each row's features up to its origin, must not see beyond.
    const struct panel p = made_up(s);
    const struct day last = day_from(2002, 6, 30);
    const size_t n = feature_count(fitted(s, &p, last));
    struct panel wrong = made_up(s);
    for (size_t t = (size_t)(last.n - p.first.n) + 1; t < p.n_days; t++)
        for (size_t i = 0; i < N_SITES; i++)
            wrong.value[t * N_SITES + i] = (t + i) % 3 == 0 ? NAN : 1e6 + (double)(t * i);

    const struct feature_set *a = fitted(s, &p, last), *b = fitted(s, &wrong, last);

    for (size_t i = 0; i < N_SITES; i++)
        for (int back = 0; back < 40; back++)
            check_same(row_of(s, b, &wrong, day_add(last, -back), i),
                       row_of(s, a, &p, day_add(last, -back), i), n);
    // The test can fail: one day later the change is seen.
    CHECK(named(a, row_of(s, a, &wrong, day_add(last, 1), 1), "mean3") !=
          named(a, row_of(s, a, &p, day_add(last, 1), 1), "mean3"));
}

TEST(feature_rows_follow_a_station_to_another_place_in_the_panel)
{
    // Serving loads the last days only, and a new station may stand in front of the old ones.
    static const char *const sites[] = {"0new", "A", "B", "C", "D"};
    const struct panel p = made_up(s);
    const struct day origin = panel_last(&p);
    const struct feature_set *f = fitted(s, &p, origin);
    struct panel later;
    CHECK(panel_open(s, day_add(origin, -40), origin, 5, sites, &later));
    for (size_t t = 0; t < later.n_days; t++)
        for (size_t i = 0; i < N_SITES; i++)
            later.value[t * 5 + i + 1] = p.value[(p.n_days - later.n_days + t) * N_SITES + i];
    later.latitude[0] = 50.5;
    later.longitude[0] = 10;
    later.value[40 * 5] = 12;

    for (size_t i = 0; i < N_SITES; i++)
        check_same(row_of(s, f, &later, origin, i + 1), row_of(s, f, &p, origin, i),
                   feature_count(f));
    const double *fresh = row_of(s, f, &later, origin, 0);
    CHECK_NEAR(named(f, fresh, "lag0"), 12, 0);
    CHECK(isnan(named(f, fresh, "climatology")) && isnan(named(f, fresh, "site_mean")));
    CHECK(!isnan(named(f, fresh, "nb5_anom")) || isnan(p.value[(p.n_days - 1) * N_SITES]));
}

TEST(feature_design_holds_the_rows_with_both_days_in_order)
{
    const struct panel p = made_up(s);
    const struct day from = day_from(2001, 3, 1), to = day_from(2001, 4, 30);
    const struct feature_set *f = fitted(s, &p, panel_last(&p));
    struct design d;
    size_t k = 0;

    CHECK(feature_design(s, feature_view_open(s, f, &p), from, to, &d));

    for (struct day t = from; t.n <= to.n; t = day_add(t, 1))
        for (size_t i = 0; i < N_SITES; i++) {
            const double y = panel_value(&p, t, i), today = panel_value(&p, day_add(t, -1), i);
            if (isnan(y) || isnan(today))
                continue;
            CHECK(k < d.n_rows && d.target[k].n == t.n && d.site[k] == i);
            CHECK_NEAR(d.y[k], y, 0);
            CHECK_NEAR(d.persistence[k], today, 0);
            check_same(&d.X[k * d.n_features], row_of(s, f, &p, day_add(t, -1), i), d.n_features);
            k++;
        }
    CHECK(k == d.n_rows && k > 100);
}

TEST(feature_design_outside_the_panel_is_empty)
{
    const struct panel p = made_up(s);
    const struct feature_set *f = fitted(s, &p, panel_last(&p));
    struct design d;

    CHECK(feature_design(s, feature_view_open(s, f, &p), day_from(2010, 1, 1), day_from(2011, 1, 1),
                         &d));
    CHECK(d.n_rows == 0);
}

TEST(feature_set_without_a_value_is_an_input_error)
{
    const struct panel p = made_up(s);
    const struct recipe r = shipped(s);

    CHECK_FAILS(feature_fit(s, &r, &p, day_from(2000, 12, 31)), ERROR_INPUT,
                "no station has a value up to 2000-12-31");
}

static struct buf
saved(struct scope *s, const struct feature_set *f)
{
    struct buf out = buf_open(s, 4096);
    struct json_writer w = {.out = &out};
    feature_save(f, &w);
    return out;
}

TEST(feature_set_loaded_gives_the_same_rows_and_bytes)
{
    struct panel p = made_up(s);
    p.latitude[3] = NAN;
    const struct recipe r = shipped(s);
    const struct feature_set *f = fitted(s, &p, day_from(2002, 6, 30));
    const struct buf a = saved(s, f);

    const struct feature_set *g = feature_load(s, &r, json_parse(s, a.text, a.n));

    CHECK(g != NULL);
    CHECK_TEXT(saved(s, g).text, a.text);
    for (size_t i = 0; i < N_SITES; i++)
        check_same(row_of(s, g, &p, panel_last(&p), i), row_of(s, f, &p, panel_last(&p), i),
                   feature_count(f));
}

TEST(feature_set_damaged_is_refused_by_path)
{
    static const struct {
        const char *from, *to, *message;
    } cases[] = {
        {"\"lag0\"", "\"lag9\"", "names[0] is not \"lag0\", which the recipe gives"},
        {"\"lag0\",", "", "names has 34 features where the recipe gives 35"},
        {"\"A\",\"B\"", "\"B\",\"A\"", "sites[1] does not ascend"},
        {"\"A\",\"B\"", "1,\"B\"", "sites[0] is not text"},
        {"\"A\",\"B\"", "\"B\"", "latitude has 4 members, not 3"},
        {"\"climatology\":[[", "\"climatology\":[[1,", "climatology[0] has 367 members, not 366"},
        {"\"mean\":[", "\"mean\":[null,", "mean has 5 members, not 4"},
        {"\"latitude\":[50", "\"latitude\":[\"x\"", "latitude[0] is not a number"},
    };
    const struct panel p = made_up(s);
    const struct recipe r = shipped(s);
    const struct buf good = saved(s, fitted(s, &p, panel_last(&p)));

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *at = strstr(good.text, cases[i].from);
        struct buf bad = buf_open(s, good.n + 64);
        CHECK(at != NULL);
        buf_add(&bad, good.text, (size_t)(at - good.text));
        buf_text(&bad, cases[i].to);
        buf_text(&bad, at + strlen(cases[i].from));
        CHECK_FAILS(feature_load(s, &r, json_parse(s, bad.text, bad.n)), ERROR_INPUT,
                    cases[i].message);
    }
}
