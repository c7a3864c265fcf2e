#include "db/array.h"

#include "db.h"

static const struct query back = {
    "t_back",
    "SELECT $1::text[] AS texts, $2::bigint[] AS ints, $3::double precision[] AS numbers"};

TEST_DB(array_comes_back_as_it_was_sent)
{
    static const char *const texts[] = {"", "a \"b\", {c}\\d\n,", "NULL", "caf\u00e9", "x"};
    struct db_array sent = db_array_open(s, 16), none = db_array_open(s, 16);
    for (size_t i = 0; i < 5; i++)
        db_array_text(&sent, texts[i]);
    db_array_text(&sent, NULL);
    const char **got;

    const struct rows *r = DB_QUERY(s, db, &back, db_array_end(&sent), "{}", db_array_end(&none));

    CHECK(r != NULL && db_array_read(s, rows_text(r, 0, "texts"), &got) == 6);
    for (size_t i = 0; i < 5; i++)
        CHECK_TEXT(got[i], texts[i]);
    CHECK(got[5] == NULL);
    CHECK(db_array_read(s, rows_text(r, 0, "ints"), &got) == 0);
}

TEST_DB(array_of_numbers_comes_back_in_binary)
{
    static const int64_t ints[] = {0, -1, INT64_MAX, INT64_MIN};
    static const double numbers[] = {0.1, -5e-324, INFINITY, NAN};
    struct db_array sent_ints = db_array_open(s, 16), sent_numbers = db_array_open(s, 16);
    int64_t got_ints[4];
    double got_numbers[4];
    for (size_t i = 0; i < 4; i++) {
        db_array_int(&sent_ints, ints[i]);
        db_array_number(&sent_numbers, numbers[i]);
    }

    const struct rows *r = db_query_binary(
        s, db, &back, DB_VALUES("{}", db_array_end(&sent_ints), db_array_end(&sent_numbers)));

    CHECK(r != NULL && db_array_count(rows_bytes(r, 0, "ints")) == 4);
    CHECK(db_array_count(rows_bytes(r, 0, "texts")) == 0);
    db_array_ints(rows_bytes(r, 0, "ints"), 4, got_ints);
    db_array_numbers(rows_bytes(r, 0, "numbers"), 4, got_numbers);
    for (size_t i = 0; i < 4; i++)
        CHECK(got_ints[i] == ints[i]);
    CHECK(got_numbers[0] == numbers[0] && got_numbers[1] == numbers[1]);
    CHECK(isinf(got_numbers[2]) && isnan(got_numbers[3]));
}
