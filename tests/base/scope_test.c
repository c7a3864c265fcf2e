#include "base/scope.h"

#include "test.h"

static void
count_down(void *n)
{
    --*(int *)n;
}

TEST(scope_release_closes_back_to_its_mark)
{
    int open = 2;
    scope_defer(s, count_down, &open);
    const struct scope_mark mark = scope_mark(s);
    scope_defer(s, count_down, &open);
    scope_alloc(s, 1000);

    scope_release(s, mark);
    CHECK(open == 1);
    scope_close(s);
    CHECK(open == 0);
}

TEST(scope_hands_out_zeroed_memory_after_a_release)
{
    scope_alloc(s, 10);
    const struct scope_mark mark = scope_mark(s);
    memset(scope_alloc(s, 500), 'x', 500);
    scope_release(s, mark);

    const char *again = scope_alloc(s, 500);

    for (size_t i = 0; i < 500; i++)
        CHECK(again[i] == 0);
}

TEST(scope_keeps_the_first_failure_and_explains_it)
{
    fail(s, ERROR_INPUT, "column \"pm25\" is missing");
    fail(s, ERROR_BUG, "a later one");
    explain(s, "could not score run \"%s\"", "7f3a");

    CHECK(s->kind == ERROR_INPUT);
    CHECK_TEXT(s->message, "could not score run \"7f3a\": column \"pm25\" is missing");
}

TEST(scope_message_is_cut_not_overrun)
{
    for (int width = 1; width < 600; width++) {
        struct scope one = {0};
        fail(&one, ERROR_INPUT, "%0600d", 1);
        explain(&one, "%0*d", width, 2);
        CHECK(strlen(one.message) >= sizeof s->message - 4);
        CHECK(strlen(one.message) < sizeof s->message);
    }
}
