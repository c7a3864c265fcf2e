#include "base/memo.h"

#include "test.h"

static bool
finds(struct memo *m, const char *key, int64_t want)
{
    int64_t value = -1;
    uint64_t asked;
    return memo_find(m, key, &value, &asked) && value == want;
}

static void
keep(struct memo *m, const char *key, int64_t value)
{
    int64_t old;
    uint64_t asked;
    if (!memo_find(m, key, &old, &asked))
        memo_keep(m, key, value, asked);
}

TEST(memo_finds_what_was_kept)
{
    struct memo *m = memo_open(s, 16, 60);
    keep(m, "a", 1);
    keep(m, "b", 2);
    CHECK(finds(m, "a", 1) && finds(m, "b", 2) && !finds(m, "c", 0));
}

TEST(memo_forgets_all_at_once)
{
    struct memo *m = memo_open(s, 16, 60);
    keep(m, "a", 1);
    memo_forget(m);
    CHECK(!finds(m, "a", 1));
}

TEST(memo_keeps_no_answer_that_was_asked_for_before_it_forgot)
{
    struct memo *m = memo_open(s, 16, 60);
    int64_t value;
    uint64_t asked;
    CHECK(!memo_find(m, "a", &value, &asked));
    memo_forget(m);
    memo_keep(m, "a", 1, asked);
    CHECK(!finds(m, "a", 1));
}

TEST(memo_keeps_nothing_beyond_its_time)
{
    struct memo *m = memo_open(s, 16, 0);
    keep(m, "a", 1);
    CHECK(!finds(m, "a", 1));
}

TEST(memo_holds_as_many_as_it_has_places)
{
    struct memo *m = memo_open(s, 64, 60);
    size_t n = 0;
    for (int i = 0; i < 1000; i++)
        keep(m, scope_print(s, "key %d", i), i);
    for (int i = 0; i < 1000; i++)
        n += finds(m, scope_print(s, "key %d", i), i);
    CHECK(n > 32 && n <= 68);
    CHECK(finds(m, "key 999", 999));
}
