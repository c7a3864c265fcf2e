#include "learn/split.h"

#include "test.h"

static struct split
split_of(struct scope *s, struct day first, struct day as_of)
{
    const struct recipe recipe = {.horizon_days = 1, .calibrate_days = 31, .test_days = 28};
    const struct panel panel = {.first = first};
    struct split out = {0};
    CHECK(split_make(s, &recipe, &panel, as_of, &out));
    return out;
}

TEST(split_follows_the_calendar)
{
    const struct split got = split_of(s, day_from(2008, 12, 1), day_from(2009, 2, 28));

    CHECK(got.test.from.n == day_from(2009, 2, 1).n && got.test.to.n == day_from(2009, 2, 28).n);
    CHECK(got.calibrate.from.n == day_from(2009, 1, 1).n);
    CHECK(got.calibrate.to.n == day_from(2009, 1, 31).n);
    CHECK(got.train.from.n == day_from(2008, 12, 2).n); // the first target day has an origin
    CHECK(got.train.to.n == day_from(2008, 12, 31).n);
}

TEST(split_without_a_day_to_train_on_is_an_input_error)
{
    const struct recipe recipe = {.horizon_days = 1, .calibrate_days = 31, .test_days = 28};
    const struct panel panel = {.first = day_from(2008, 12, 31)};
    struct split out;
    CHECK_FAILS(split_make(s, &recipe, &panel, day_from(2009, 2, 28), &out), ERROR_INPUT,
                "too little data: observations from 2008-12-31 to 2009-02-28 leave no day to train "
                "on beside 31 days to calibrate and 28 to test");
}

TEST(split_slices_by_target_day)
{
    struct day target[] = {{1}, {1}, {2}, {4}, {4}, {5}};
    double numbers[12] = {0, 0, 0, 0, 40, 0, 41, 0};
    uint32_t site[6] = {0};
    const struct design all = {.n_rows = 6,
                               .n_features = 2,
                               .X = numbers,
                               .y = numbers,
                               .persistence = numbers,
                               .climatology = numbers,
                               .target = target,
                               .site = site};

    const struct design got = design_slice(&all, (struct span){{2}, {4}});
    const struct design none = design_slice(&all, (struct span){{3}, {3}});

    CHECK(got.n_rows == 3 && got.target == target + 2 && got.X == numbers + 4);
    CHECK(none.n_rows == 0);
}

TEST(split_refuses_a_part_that_decides_nothing)
{
    const struct design part = {.n_rows = 49};
    const struct span span = {day_from(2009, 1, 1), day_from(2009, 1, 31)};
    CHECK_FAILS(split_check(s, "calibrate", span, &part), ERROR_INPUT,
                "too little data to calibrate: 49 rows from 2009-01-01 to 2009-01-31 have a value "
                "on the day and on its origin, at least 50 are needed");
}
