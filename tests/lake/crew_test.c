#include "lake/crew.h"

#include <stdatomic.h>

#include "test.h"

static bool
count(struct scope *s, void *context, size_t i)
{
    atomic_int *seen = context;
    atomic_fetch_add(&seen[i], 1);
    return i != 700 || fail(s, ERROR_INPUT, "item %zu", i);
}

TEST(crews_work_on_each_item_once)
{
    atomic_int *seen = scope_array(s, 500, sizeof *seen);

    CHECK(crew_run(s, 7, 500, count, seen));
    CHECK(crew_run(s, 7, 0, count, seen));

    for (size_t i = 0; i < 500; i++)
        CHECK(seen[i] == 1);
}

TEST(crews_end_with_the_first_failure)
{
    atomic_int *seen = scope_array(s, 100000, sizeof *seen);

    CHECK_FAILS(crew_run(s, 4, 100000, count, seen), ERROR_INPUT, "item 700");
}
