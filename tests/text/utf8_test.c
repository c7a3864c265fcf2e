#include "text/utf8.h"

#include "test.h"

TEST(well_formed_characters_have_their_length)
{
    static const struct {
        const char *text;
        size_t length;
    } cases[] = {
        {"a", 1},
        {"\xC2\x80", 2},
        {"\xDF\xBF", 2},
        {"\xE0\xA0\x80", 3},
        {"\xED\x9F\xBF", 3},
        {"\xEE\x80\x80", 3},
        {"\xEF\xBF\xBF", 3},
        {"\xF0\x90\x80\x80", 4},
        {"\xF4\x8F\xBF\xBF", 4},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK(utf8_length(cases[i].text, strlen(cases[i].text)) == cases[i].length);
    CHECK(utf8_length("", 0) == 0);
}

TEST(ill_formed_bytes_have_none)
{
    static const char *const cases[] = {"\x80",
                                        "\xBF",
                                        "\xC0\x80",
                                        "\xC1\xBF",
                                        "\xC2",
                                        "\xC2\x41",
                                        "\xE0\x9F\xBF",
                                        "\xED\xA0\x80",
                                        "\xE2\x82",
                                        "\xF0\x8F\xBF\xBF",
                                        "\xF4\x90\x80\x80",
                                        "\xF5\x80\x80\x80",
                                        "\xFF",
                                        "\xF0\x9F\x98"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (utf8_length(cases[i], strlen(cases[i])) != 0)
            TEST_DIE("case %zu was taken", i);
}

TEST(the_span_ends_before_the_first_bad_byte)
{
    const char *text = "0123456789 \xC3\xA9\xC3\xA9 0123456789\xFF tail";

    CHECK(utf8_span(text, strlen(text)) == 26);
    CHECK(utf8_span(text, 26) == 26);
    CHECK(utf8_span(text, 12) == 11);
    CHECK(utf8_span(text, 0) == 0);
}
