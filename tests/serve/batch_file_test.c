#include "serve/batch_file.h"

#include "test.h"

static struct batch
sample(struct scope *s)
{
    struct batch b = {.model = "pm",
                      .version = "V1.0.0",
                      .made_at = 1236729599, // 2009-03-10T23:59:59Z
                      .parameter = 81102,
                      .day = day_from(2009, 3, 11),
                      .n_rows = 2,
                      .rows = scope_array(s, 2, sizeof *b.rows)};
    b.rows[0] = (struct batch_row){"", "DEA", 10.5, 8, 13, 11, 0.1};
    b.rows[1] = (struct batch_row){"", "odd, \"site\"", 1.0 / 3, 0, 1, NAN, NAN};
    for (size_t i = 0; i < 2; i++)
        batch_id(&b, b.rows[i].site, b.rows[i].id);
    return b;
}

static bool
reads(struct scope *s, const char *text)
{
    struct batch got;
    return batch_read(s, (struct str){text, strlen(text)}, &got);
}

TEST(batch_file_reads_what_was_written)
{
    const struct batch b = sample(s);
    struct buf text = buf_open(s, 0), again = buf_open(s, 0);
    struct batch got;

    batch_write(&b, &text);
    CHECK(batch_read(s, (struct str){text.text, text.n}, &got));
    batch_write(&got, &again);

    CHECK(got.n_rows == 2 && got.parameter == 81102 && got.day.n == b.day.n);
    CHECK_NEAR(got.rows[1].value, 1.0 / 3, 0);
    CHECK(isnan(got.rows[1].persistence));
    CHECK_TEXT(got.rows[1].site, "odd, \"site\"");
    CHECK_TEXT(again.text, text.text);
}

TEST(batch_id_is_a_uuid_of_version_8_and_differs_by_station)
{
    const struct batch b = sample(s);

    CHECK(strlen(b.rows[0].id) == 36);
    CHECK(b.rows[0].id[14] == '8');
    CHECK(strchr("89ab", b.rows[0].id[19]) != NULL);
    CHECK(strcmp(b.rows[0].id, b.rows[1].id) != 0);
}

TEST(batch_file_refuses_what_it_did_not_write)
{
    const struct batch b = sample(s);
    struct buf text = buf_open(s, 0);
    batch_write(&b, &text);
    char *value = strstr(text.text, "10.5");

    *value = 'x';
    CHECK_FAILS(reads(s, text.text), ERROR_INPUT, "line 2: \"x0.5\" is not a number");
    *value = '1';
    *strstr(text.text, "DEA") = 'F';
    CHECK(!reads(s, text.text));
    CHECK(strstr(s->message, "line 2: its id ") == s->message);
    scope_forgive(s);
    CHECK_FAILS(reads(s, "a,b\n"), ERROR_INPUT,
                "it does not begin with the line \"prediction_id,model,version,made_at,parameter,"
                "day,site,value,lower,upper,persistence,climatology\" and end a line");
}
