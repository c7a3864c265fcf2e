#include "table/cell.h"

#include <math.h>

#include "test.h"

static const char *words[] = {"N", "S"}, *values[] = {"north", "south"}, *nulls[] = {"", "NA"};

struct example {
    struct column column;
    const char *field;
    const char *wanted; // bytes in hexadecimal without the length, or the reason
};

// A column of a type with its bounds; a category takes the words above.
#define C(kind, low, high, length)                                                                 \
    {                                                                                              \
        .name = "c", .type = COLUMN_##kind, .min = (low), .max = (high), .max_length = (length),   \
        .n_words = 2, .words = words, .values = values                                             \
    }

static const char *
hex(struct scope *s, struct buf bytes)
{
    struct buf text = buf_open(s, 64);
    for (size_t i = 4; i < bytes.n; i++)
        buf_print(&text, "%02x", (unsigned)(unsigned char)bytes.text[i]);
    return text.text;
}

// The wanted bytes are big-endian: a double's bits, days and microseconds since 2000-01-01.
TEST(cell_takes_what_its_type_allows)
{
    const struct example cases[] = {
        {C(NUMBER, NAN, NAN, 0), "1.5", "3ff8000000000000"},
        {C(NUMBER, NAN, NAN, 0), "-2", "c000000000000000"},
        {C(NUMBER, 1, 1.5, 0), "1.5", "3ff8000000000000"},
        {C(INTEGER, NAN, NAN, 0), "258", "0000000000000102"},
        {C(INTEGER, NAN, NAN, 0), "-1", "ffffffffffffffff"},
        {C(INTEGER, NAN, NAN, 0), "999999999999999999", "0de0b6b3a763ffff"},
        {C(TEXT, NAN, NAN, 0), "a b", "612062"},
        {C(TEXT, NAN, NAN, 2), "\xc3\xa9\xc3\xa9", "c3a9c3a9"}, // two characters
        {C(CATEGORY, NAN, NAN, 0), "S", "736f757468"},
        {C(BOOLEAN, NAN, NAN, 0), "true", "01"},
        {C(BOOLEAN, NAN, NAN, 0), "0", "00"},
        {C(DAY, NAN, NAN, 0), "2000-01-02", "00000001"},
        {C(DAY, NAN, NAN, 0), "19991231", "ffffffff"},
        {C(TIME, NAN, NAN, 0), "2000-01-01 00:00:01", "00000000000f4240"}, // 1,000,000
        {C(TIME, NAN, NAN, 0), "2000-01-01T00:01Z", "0000000003938700"},   // 60,000,000
    };
    const struct declaration d = {.n_null_words = 2, .null_words = nulls};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char reason[CELL_REASON_BYTES] = "";
        struct buf out = buf_open(s, 64);
        const struct str field = {cases[i].field, strlen(cases[i].field)};
        if (!cell_put(&out, &d, &cases[i].column, field, reason))
            TEST_DIE("%s", reason);
        CHECK_TEXT(hex(s, out), cases[i].wanted);
        CHECK((size_t)out.text[3] == out.n - 4);
    }
}

TEST(cell_refuses_the_rest_with_a_reason)
{
    const struct example cases[] = {
        {C(NUMBER, NAN, NAN, 0), "x", "c \"x\" is not a number"},
        {C(NUMBER, NAN, NAN, 0), " 1", "c \" 1\" is not a number"},
        {C(NUMBER, NAN, NAN, 0), "nan", "c \"nan\" is not a number"},
        {C(NUMBER, 1, NAN, 0), "0.5", "c \"0.5\" is below 1"},
        {C(NUMBER, NAN, 1, 0), "2", "c \"2\" is above 1"},
        {C(NUMBER, NAN, NAN, 0), "NA", "c is missing"},
        {C(NUMBER, NAN, NAN, 0), "", "c is missing"},
        {C(INTEGER, NAN, NAN, 0), "1.0", "c \"1.0\" is not a whole number of at most 18 digits"},
        {C(INTEGER, NAN, NAN, 0), "1000000000000000000",
         "c \"1000000000000000000\" is not a whole number of at most 18 digits"},
        {C(INTEGER, NAN, NAN, 0), "-", "c \"-\" is not a whole number of at most 18 digits"},
        {C(TEXT, NAN, NAN, 2), "abc", "c has 3 characters, more than 2"},
        {C(TEXT, NAN, NAN, 0), "\xff", "c is not UTF-8"},
        {C(CATEGORY, NAN, NAN, 0), "north", "c \"north\" is not an allowed value"},
        {C(BOOLEAN, NAN, NAN, 0), "maybe", "c \"maybe\" is neither true nor false"},
        {C(DAY, NAN, NAN, 0), "2001-02-29", "c \"2001-02-29\" is not a day, YYYY-MM-DD"},
        {C(DAY, NAN, 0, 0), "1970-01-02", "c \"1970-01-02\" is above its column's max"},
        {C(TIME, NAN, NAN, 0), "2000-01-01", "c \"2000-01-01\" is not a time, YYYY-MM-DD HH:MM:SS"},
        {C(TIME, NAN, NAN, 0), "2000-01-01 24:00",
         "c \"2000-01-01 24:00\" is not a time, YYYY-MM-DD HH:MM:SS"},
    };
    const struct declaration d = {.n_null_words = 2, .null_words = nulls};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char reason[CELL_REASON_BYTES] = "";
        struct buf out = buf_open(s, 64);
        const struct str field = {cases[i].field, strlen(cases[i].field)};
        CHECK(!cell_put(&out, &d, &cases[i].column, field, reason));
        CHECK_TEXT(reason, cases[i].wanted);
    }
}

TEST(cell_without_a_value_is_null_where_it_may_be)
{
    const struct column c = {.name = "c", .is_nullable = true, .min = NAN, .max = NAN};
    const struct declaration d = {.n_null_words = 2, .null_words = nulls};
    const struct str fields[] = {{"", 0}, {"NA", 2}, {NULL, 0}};
    for (size_t i = 0; i < 3; i++) {
        char reason[CELL_REASON_BYTES];
        struct buf out = buf_open(s, 16);
        CHECK(cell_put(&out, &d, &c, fields[i], reason));
        CHECK(out.n == 4 && memcmp(out.text, "\xff\xff\xff\xff", 4) == 0);
    }
}
