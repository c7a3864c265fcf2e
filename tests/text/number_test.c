#include "text/number.h"

#include "base/chance.h"
#include "test.h"

static struct str
slice(const char *text)
{
    return (struct str){text, strlen(text)};
}

TEST(decimals_read_as_strtod_reads_them)
{
    static const char *const cases[] = {"0",
                                        "-0",
                                        "1",
                                        "12.5",
                                        ".5",
                                        "5.",
                                        "1e3",
                                        "1E+3",
                                        "1e-3",
                                        "-7.25e2",
                                        "1e22",
                                        "1e23",
                                        "1e-22",
                                        "1e-23",
                                        "0.1",
                                        "0.3",
                                        "123456789012345",
                                        "1234567890123456",
                                        "9007199254740993",
                                        "0.000000000000000000000000000001",
                                        "00012.50",
                                        "1.7976931348623157e308",
                                        "4.9e-324",
                                        "1e-400",
                                        "2.2250738585072011e-308"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double x;
        CHECK(number_read(slice(cases[i]), &x));
        const double want = strtod(cases[i], NULL);
        if (memcmp(&x, &want, sizeof x) != 0)
            TEST_DIE("%s reads as %.17g", cases[i], x);
    }
}

TEST(random_decimals_read_as_strtod_reads_them)
{
    struct chance c = chance_open(1);
    for (int i = 0; i < 200000; i++) {
        char text[64];
        double x;
        snprintf(text, sizeof text, "%.*g", (int)(chance_next(&c) % 18) + 1,
                 (chance_unit(&c) - 0.5) * pow(10, (double)(chance_next(&c) % 30) - 15));
        CHECK(number_read(slice(text), &x));
        if (x != strtod(text, NULL))
            TEST_DIE("%s reads as %.17g", text, x);
    }
}

TEST(what_is_no_decimal_is_refused)
{
    static const char *const cases[] = {"",
                                        "-",
                                        ".",
                                        "e5",
                                        "1e",
                                        "1e+",
                                        " 1",
                                        "1 ",
                                        "+1",
                                        "0x10",
                                        "nan",
                                        "inf",
                                        "1,5",
                                        "1.2.3",
                                        "--1",
                                        "1e400",
                                        "-1e999999999999"};
    double x;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (number_read(slice(cases[i]), &x))
            TEST_DIE("\"%s\" reads as %.17g", cases[i], x);
    char *digits = scope_alloc(s, 1000);
    memset(digits, '9', 999);
    CHECK(!number_read(slice(digits), &x));
    CHECK(!number_read((struct str){NULL, 0}, &x));
}

TEST(only_the_slice_is_read)
{
    double x;
    CHECK(number_read((struct str){"12.34", 4}, &x));
    CHECK_NEAR(x, 12.3, 0);
}

TEST(whole_numbers_are_read_up_to_a_limit)
{
    int x;
    CHECK(number_read_whole(slice("2147483647"), INT32_MAX, &x));
    CHECK(x == INT32_MAX);
    CHECK(number_read_whole(slice("000000000000000000007"), 7, &x));
    CHECK(x == 7);
    CHECK(!number_read_whole(slice("8"), 7, &x));
    static const char *const cases[] = {"",    "-",  "-1",  "+1",
                                        "1.0", " 1", "1e1", "99999999999999999999999"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (number_read_whole(slice(cases[i]), INT32_MAX, &x))
            TEST_DIE("\"%s\" reads as %d", cases[i], x);
}
