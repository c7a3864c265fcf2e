#include "frame/panel.h"

#include "test.h"

TEST(panel_is_empty_at_first_and_knows_its_days)
{
    const char *const sites[] = {"A", "B"};
    struct panel p;

    CHECK(panel_open(s, day_from(2008, 2, 28), day_from(2008, 3, 1), 2, sites, &p));

    CHECK(p.n_days == 3);
    CHECK(panel_last(&p).n == day_from(2008, 3, 1).n);
    for (size_t i = 0; i < 6; i++)
        CHECK(isnan(p.value[i]));
    CHECK(isnan(p.latitude[1]) && isnan(p.longitude[0]));
}

TEST(panel_value_is_missing_outside)
{
    const char *const sites[] = {"A", "B"};
    const struct day first = day_from(2008, 2, 28);
    struct panel p;
    CHECK(panel_open(s, first, first, 2, sites, &p));
    p.value[1] = 7;

    CHECK_NEAR(panel_value(&p, first, 1), 7, 0);
    CHECK(isnan(panel_value(&p, first, 2)));
    CHECK(isnan(panel_value(&p, day_add(first, -1), 1)));
    CHECK(isnan(panel_value(&p, day_add(first, 1), 1)));
}

TEST(panel_too_large_is_refused)
{
    const char *const sites[] = {"A", "B"};
    struct panel p;

    CHECK_FAILS(panel_open(s, (struct day){0}, (struct day){50000000}, 2, sites, &p), ERROR_LIMIT,
                "a panel of 50000001 days and 2 stations is above 100000000 cells");
}
