#include "quality/condition.h"

#include "quality/panel.h"

static const char *
written(struct scope *s, const char *text, struct statement *st)
{
    struct buf out = buf_open(s, 64);
    *st = statement_open(s, day_from(2009, 4, 30));
    const struct condition *c = condition_read(s, text, &relation_observations);
    if (c == NULL)
        TEST_DIE("%s: %s", text, s->message);
    condition_write(c, st, &out);
    return out.text;
}

TEST(condition_becomes_names_and_numbered_values_only)
{
    static const struct {
        const char *text, *sql, *first;
    } cases[] = {
        {"value > 0", "(\"value\" > $1::double precision)", "0"},
        {"VALUE_ = 1 or 1 = 1", NULL, NULL},
        {"state = 'NC'", "(\"state\" = $1::text)", "NC"},
        {"state <> 'it''s'", "(\"state\" <> $1::text)", "it's"},
        {"'NC' = state", "($1::text = \"state\")", "NC"},
        {"\"state\" != 'NC'", "(\"state\" <> $1::text)", "NC"},
        {"value between -1.5 and 2e3",
         "((\"value\" >= $1::double precision) AND (\"value\" <= $2::double precision))", "-1.5"},
        {"day >= today - 7", "(\"day\" >= $1::date)", "2009-04-23"},
        {"day < '2009-01-01'", "(\"day\" < $1::date)", "2009-01-01"},
        {"not poc = 1 and n_hours is null or method is not null",
         "(((NOT (\"poc\" = $1::double precision)) AND (\"n_hours\" IS NULL)) OR (\"method\" IS "
         "NOT "
         "NULL))",
         "1"},
        {"not (poc = 1 and value > 2)",
         "(NOT ((\"poc\" = $1::double precision) AND (\"value\" > $2::double precision)))", "1"},
        {"state in ('A', 'B')", "(\"state\" IN ($1::text, $2::text))", "A"},
        {"state NOT IN ('A')", "(\"state\" NOT IN ($1::text))", "A"},
        {"n_hours < poc", "(\"n_hours\" < \"poc\")", NULL},
        {"poc = 1 and poc = 2 and poc = 3 or poc = 4 or poc = 5",
         "(((\"poc\" = $1::double precision) AND (\"poc\" = $2::double precision) AND (\"poc\" = "
         "$3::double precision)) OR (\"poc\" = $4::double precision) OR (\"poc\" = $5::double "
         "precision))",
         "1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct statement st;
        if (cases[i].sql == NULL)
            continue;
        CHECK_TEXT(written(s, cases[i].text, &st), cases[i].sql);
        if (cases[i].first != NULL)
            CHECK_TEXT(st.values[0], cases[i].first);
    }
}

TEST(condition_errors_name_the_place)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "at 1, \"\": a column or a value is wanted here"},
        {"stat = 'NC'", "at 1, \"stat\": no such column (known: site, day, poc, value, n_hours, "
                        "method, event, state, county, latitude, longitude)"},
        {"value", "at 6, \"\": a comparison is wanted here"},
        {"value >", "at 8, \"\": a column or a value is wanted here"},
        {"value > 1 value", "at 11, \"value\": \"and\" or \"or\" is wanted here"},
        {"(value > 1", "at 11, \"\": \")\", \"and\" or \"or\" is wanted here"},
        {"value > 'x'", "before 12: a number is compared with a text"},
        {"state = 5", "before 10: a text is compared with a number"},
        {"day = 'yesterday'", "'yesterday' is not a day as 2009-12-31"},
        {"1 = 1", "at 6, \"\": a comparison before this names no column"},
        {"state in ()", "at 11, \")\": a column or a value is wanted here"},
        {"state in ('a' 'b')", "at 16, \"b\": \",\" or \")\" is wanted here"},
        {"state = 'NC", "at 9, \"'\": a quote is not closed"},
        {"value > 1; drop table x", "at 10, \";\": no such sign"},
        {"value > 1 -- x", "at 11, \"-\": \"and\" or \"or\" is wanted here"},
        {"value > 1e999", "at 9, \"1e999\": not a number"},
        {"value > 0x10", "at 9, \"0x10\": not a number"},
        {"day > today - x", "at 15, \"x\": not a number of days to 100000"},
        {"'x' is null", "at 8, \"null\": only a column can be null"},
        {"value is maybe", "at 10, \"maybe\": \"null\" or \"not null\" is wanted here"},
        {"value between 1 or 2", "at 17, \"or\": \"and\" is wanted here"},
        {"pg_sleep(5) = 1", "at 1, \"pg_sleep\": no such column (known: site, day, poc, value, "
                            "n_hours, method, event, state, county, latitude, longitude)"},
        {"state = (select 1)", "at 9, \"(\": a column or a value is wanted here"},
        {"value::text = '1'", "at 6, \":\": no such sign"},
        {"state = E'x'", "at 9, \"E\": no such column (known: site, day, poc, value, n_hours, "
                         "method, event, state, county, latitude, longitude)"},
        {"state = $1", "at 9, \"$\": no such sign"},
        {"state = $$x$$", "at 9, \"$\": no such sign"},
        {"state = 'a' /* x */ and poc = 1", "at 13, \"/\": no such sign"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_FAILS(condition_read(s, cases[i].text, &relation_observations) != NULL, ERROR_INPUT,
                    cases[i].message);
}

TEST(condition_has_limits)
{
    struct buf deep = buf_open(s, 1024), wide = buf_open(s, 1024), lists = buf_open(s, 4096);
    for (int i = 0; i < 40; i++)
        buf_text(&deep, "(");
    for (int i = 0; i < 200; i++)
        buf_text(&wide, "poc = 1 or ");
    buf_text(&lists, "poc in (1");
    for (int i = 0; i < 200; i++)
        buf_text(&lists, ",1");
    buf_text(&lists, ")");

    CHECK_FAILS(condition_read(s, deep.text, &relation_observations) != NULL, ERROR_LIMIT,
                "nested more than 30 deep");
    CHECK_FAILS(condition_read(s, wide.text, &relation_observations) != NULL, ERROR_LIMIT,
                "a condition of 2200 bytes is above 2000");
    CHECK_FAILS(condition_read(s, lists.text, &relation_observations) != NULL, ERROR_LIMIT,
                "a list has more than 200 values");
}

TEST_DB(condition_chooses_the_rows_it_says)
{
    static const struct {
        const char *where;
        int64_t n; // of the panel's 900 rows of 90 days
    } cases[] = {
        {"state = 'NC'", 450},
        {"state = 'NC' and site = 'S1'", 90},
        {"state = 'VA' or site = 'S1'", 540},
        {"not state = 'NC'", 450},
        {"site in ('S1', 'S2', 'none')", 180},
        {"site not in ('S1', 'S2')", 720},
        {"method is null", 900},
        {"method is not null", 0},
        {"method = 1", 0},
        {"not method = 1", 0}, // neither is true of what is missing
        {"day > today - 10", 100},
        {"day between '2009-04-01' and '2009-04-02'", 20},
        {"latitude >= 50.5 and longitude = 10", 540},
        {"n_hours > poc", 900},
        {"site = 'x'' or ''1''=''1'", 0},
        {"site = 'S1; DROP TABLE data.observation'", 0},
        {"value = -0", 0},
        {"county = 'c' AND NOT (poc <> 1 OR value < 0)", 900},
    };
    CHECK(db_script(s, db, panel));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct quality_check got = check_of(
            s, db,
            scope_print(s, "{\"expect\":\"row_count\",\"min\":0,\"days\":90,\"where\":\"%s\"}",
                        cases[i].where));
        if (got.n_rows != cases[i].n)
            TEST_DIE("%s: %lld rows, not %lld", cases[i].where, (long long)got.n_rows,
                     (long long)cases[i].n);
    }
}

TEST_DB(condition_texts_never_become_sql)
{
    static const char *const evil[] = {
        "'; DROP TABLE data.site; --",
        "\\'; DROP TABLE data.site; --",
        "' OR true --",
        "$1",
        "$$",
        "%s",
        "\\x27 OR 1=1",
        "x') OR ('a'='a",
        "/*rows*/",
        "/*.*/",
        "\xc3\xa9\xe2\x82\xac",
    };
    CHECK(db_script(s, db, panel));
    for (size_t i = 0; i < sizeof evil / sizeof *evil; i++) {
        struct buf item = buf_open(s, 256), where = buf_open(s, 256);
        struct json_writer w = {.out = &item};
        buf_text(&where, "county = '");
        for (const char *c = evil[i]; *c != '\0'; c++)
            buf_text(&where, *c == '\'' ? "''" : (char[]){*c, '\0'});
        buf_text(&where, "'");
        json_object_begin(&w);
        json_pair_text(&w, "expect", "range");
        json_pair_number(&w, "min", 1000);
        json_pair_text(&w, "where", where.text);
        json_object_end(&w);
        const char *set = "UPDATE data.site SET county = $1 WHERE site = 'S3'";
        CHECK(db_query_once(s, db, &(struct query){"t_set", set}, 1,
                            (const char *const[]){evil[i]}) != NULL);

        const struct quality_check got = check_of(s, db, item.text);

        CHECK(got.n_rows == 90 && got.n_bad == 90); // S3's and no other
        CHECK(strstr(got.sample, "\"S3\"") != NULL);
    }
}
