#include "aqs/series.h"

#include "test.h"

TEST(series_of_several_instruments_ascend_each_for_itself)
{
    struct series *series = series_open(s);
    for (int day = 0; day < 100; day++)
        for (uint32_t place = 0; place < 50; place++)
            for (int poc = 1; poc < 4; poc++) {
                series_note(series, place, 88101, poc, day - (int)place);
                series_note(series, place, 88502, poc, day + poc);
            }
    CHECK(series_ascend(series));
}

TEST(series_that_repeat_or_go_back_do_not_ascend)
{
    static const struct {
        uint32_t place;
        int parameter, poc;
        int32_t moment;
    } next[] = {{7, 88101, 1, 10}, {7, 88101, 1, 9}, {8, 88101, 1, 20}, {7, 88101, 2, -5}};
    for (size_t i = 0; i < sizeof next / sizeof next[0]; i++) {
        struct series *series = series_open(s);
        series_note(series, 7, 88101, 1, 10);
        series_note(series, 8, 88101, 1, 20);
        series_note(series, 7, 88101, 2, -5);
        CHECK(series_ascend(series));

        series_note(series, next[i].place, next[i].parameter, next[i].poc, next[i].moment);

        CHECK(!series_ascend(series));
        series_note(series, 9, 88101, 1, 30);
        CHECK(!series_ascend(series)); // for good
    }
}

TEST(series_tells_very_many_instruments_apart)
{
    struct series *series = series_open(s);
    for (int day = 0; day < 2; day++)
        for (uint32_t place = 0; place < 100000; place++)
            for (int poc = 0; poc < 5; poc++)
                series_note(series, place, 99999, poc == 4 ? 32767 : poc, day);
    CHECK(series_ascend(series));

    series_note(series, 4711, 99999, 32767, 1);

    CHECK(!series_ascend(series));
}

TEST(series_of_more_instruments_than_are_remembered_count_as_disordered)
{
    struct series *series = series_open(s);
    for (uint32_t place = 0; place < 600000; place++)
        series_note(series, place, 88101, 1, 1);
    CHECK(!series_ascend(series));
}
