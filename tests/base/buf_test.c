#include "base/buf.h"

#include "base/chance.h"
#include "test.h"

TEST(a_buffer_grows_and_stays_terminated)
{
    struct buf b = buf_open(s, 0);
    CHECK_TEXT(b.text, "");
    for (size_t i = 0; i < 10000; i++) {
        buf_char(&b, (char)('a' + i % 26));
        CHECK(b.n == i + 1);
        CHECK(b.text[b.n] == '\0');
    }
    CHECK(strncmp(b.text + 26, "abcdefghij", 10) == 0);
}

TEST(pieces_are_added_in_order)
{
    struct buf b = buf_open(s, 4);
    buf_text(&b, "one ");
    buf_add(&b, "two three", 4);
    buf_add(&b, NULL, 0);
    buf_print(&b, "%d %s", 3, "and a text that does not fit into the room that there was");
    buf_int(&b, INT64_MIN);

    CHECK_TEXT(b.text, "one two 3 and a text that does not fit into the room that there was"
                       "-9223372036854775808");
    buf_clear(&b);
    CHECK_TEXT(b.text, "");
    CHECK(b.n == 0);
}

TEST(room_is_written_to_directly)
{
    struct buf b = buf_open(s, 1);
    memcpy(buf_room(&b, 100), "0123456789", 10);
    buf_grow(&b, 10);

    CHECK_TEXT(b.text, "0123456789");
}

TEST(numbers_have_the_fewest_digits)
{
    static const struct {
        double x;
        const char *text;
    } cases[] = {
        {0, "0"},
        {-0.0, "0"},
        {1, "1"},
        {-12.5, "-12.5"},
        {0.1, "0.1"},
        {0.3, "0.3"},
        {1e15, "1e+15"},
        {123456789012345.0, "123456789012345"},
        {1e300, "1e+300"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1.0 / 3, "0.3333333333333333"},
        {5e-324, "4.94065645841247e-324"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf b = buf_open(s, 32);
        buf_number(&b, cases[i].x);
        CHECK_TEXT(b.text, cases[i].text);
    }
}

TEST(numbers_read_back_as_the_same_double)
{
    struct chance c = chance_open(2);
    struct buf b = buf_open(s, 32);
    for (int i = 0; i < 50000; i++) {
        const uint64_t bits = chance_next(&c);
        double x;
        memcpy(&x, &bits, sizeof x);
        if (!isfinite(x))
            continue;
        buf_clear(&b);
        buf_number(&b, x);
        if (strtod(b.text, NULL) != x)
            TEST_DIE("%.17g became %s", x, b.text);
    }
}

TEST(a_slice_is_compared_whole)
{
    CHECK(str_is((struct str){"abcdef", 3}, "abc"));
    CHECK(!str_is((struct str){"abcdef", 3}, "abcd"));
    CHECK(!str_is((struct str){"abcdef", 3}, "ab"));
    CHECK(str_is((struct str){NULL, 0}, ""));
}
