#include "base/sorted.h"

#include "test.h"

TEST(texts_are_found_where_they_are_or_would_be)
{
    static const char *const texts[] = {"", "A", "B", "b"};
    static const struct {
        const char *text;
        bool is_there;
        size_t at;
    } cases[] = {{"", true, 0},   {"A", true, 1}, {"AA", false, 2}, {"B", true, 2},
                 {"a", false, 3}, {"b", true, 3}, {"c", false, 4}};
    size_t at;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK(sorted_find(4, texts, cases[i].text, &at) == cases[i].is_there);
        CHECK(at == cases[i].at);
    }
    CHECK(!sorted_find(0, NULL, "x", &at));
    CHECK(at == 0);
}
