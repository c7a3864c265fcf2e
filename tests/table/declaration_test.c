#include "table/declaration.h"

#include <math.h>

#include "table/catalogue.h"
#include "test.h"

#define TABLE(columns) "{\"name\": \"t\", \"columns\": [" columns "]}"
#define A "{\"name\": \"a\", \"type\": \"number\"}"

static bool
declared(struct scope *s, const char *text, struct declaration *out)
{
    return declaration_read(s, text, strlen(text), out);
}

TEST(declaration_of_each_shipped_table_reads)
{
    struct declaration d;
    size_t n = 0;
    for (const struct asset *a = table_assets; a->name != NULL; a++, n++)
        CHECK(declaration_read(s, a->bytes, a->size_bytes, &d));
    CHECK(n == 3);
    CHECK(catalogue_shipped(s, "iris") != NULL);
    CHECK(catalogue_shipped(s, "tulips") == NULL);
}

TEST(declaration_tells_its_columns)
{
    struct declaration d;
    CHECK(declared(
        s,
        "{\"name\": \"t\", \"key\": [\"id\"], \"null_words\": [\"NA\"], \"delimiter\": \";\","
        " \"columns\": [{\"name\": \"id\", \"type\": \"integer\", \"header\": \"No\"},"
        " {\"name\": \"x\", \"type\": \"number\", \"unit\": \"m\", \"min\": -1, "
        "\"nullable\": true}, {\"name\": \"k\", \"type\": \"category\", \"allowed\": "
        "{\"0\": \"no\"}}, {\"name\": \"d\", \"type\": \"day\", \"max\": \"1970-01-02\"}]}",
        &d));

    CHECK(d.has_key && d.columns[0].is_key && !d.columns[1].is_key);
    CHECK_TEXT(d.columns[0].header, "No");
    CHECK_TEXT(d.columns[1].header, "x");
    CHECK(d.columns[1].is_nullable && d.columns[1].min == -1 && isnan(d.columns[1].max));
    CHECK_TEXT(d.columns[2].words[0], "0");
    CHECK_TEXT(d.columns[2].values[0], "no");
    CHECK(d.columns[3].max == 1 && d.delimiter == ';');
    CHECK_TEXT(d.null_words[0], "NA");
}

TEST(declaration_that_cannot_be_is_refused_by_name)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"[]", "the declaration is not an object"},
        {"{\"name\": \"T\", \"columns\": [" A "]}",
         "name \"T\" is not 1 to 41 of a-z, 0-9 and \"_\", a letter first"},
        {"{\"name\": \"a; DROP TABLE x\", \"columns\": [" A "]}",
         "name \"a; DROP TABLE x\" is not 1 to 41 of a-z, 0-9 and \"_\", a letter first"},
        {TABLE(""), "columns has 0 members, not 1 to 200"},
        {TABLE("7"), "columns[0] is not an object with a name"},
        {TABLE("{\"name\": \"a\", \"type\": \"float\"}"),
         "column \"a\": unknown type \"float\" (known: number, integer, text, category, boolean, "
         "day, time)"},
        {TABLE("{\"name\": \"_a\", \"type\": \"text\"}"),
         "column \"_a\": its name \"_a\" is not 1 to 41 of a-z, 0-9 and \"_\", a letter first"},
        {TABLE("{\"name\": \"ctid\", \"type\": \"text\"}"),
         "column \"ctid\": its name \"ctid\" is taken by the database"},
        {TABLE("{\"name\": \"a\", \"type\": \"text\", \"min\": 1}"),
         "column \"a\": min is told of a text, which has none"},
        {TABLE("{\"name\": \"a\", \"type\": \"number\", \"min\": 2, \"max\": 1}"),
         "column \"a\": its min is above its max"},
        {TABLE("{\"name\": \"a\", \"type\": \"category\"}"),
         "column \"a\": a category needs its allowed values"},
        {TABLE("{\"name\": \"a\", \"type\": \"number\", \"max_length\": 2}"),
         "column \"a\": max_length is told of a number, not a text"},
        {TABLE(A ", " A), "column \"a\" or its header \"a\" comes twice"},
        {"{\"name\": \"t\", \"key\": [\"b\"], \"columns\": [" A "]}",
         "key[0] is \"b\", which is no column"},
        {"{\"name\": \"t\", \"key\": [\"a\"], \"columns\": [{\"name\": \"a\", \"type\": \"text\", "
         "\"nullable\": true}]}",
         "key[0] is \"a\", which may be missing"},
        {"{\"name\": \"t\", \"header\": \"first\", \"columns\": [" A "]}",
         "header is none of \"names\", \"none\" and {\"line\": …}"},
        {"{\"name\": \"t\", \"delimiter\": \"::\", \"columns\": [" A "]}",
         "delimiter is none of \",\", \";\", \"|\" and a tab"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct declaration d;
        CHECK_FAILS(declared(s, cases[i].text, &d), ERROR_INPUT, cases[i].message);
    }
}

#define NUMBER(more) TABLE("{\"name\": \"a\", \"type\": \"number\", \"unit\": \"m\"" more "}")

TEST(declaration_may_grow_wider)
{
    static const char *const wider[] = {
        NUMBER(", \"min\": 0, \"max\": 9"),
        NUMBER(", \"min\": -1, \"max\": 9"),
        NUMBER(", \"min\": 0"),
        NUMBER(", \"min\": 0, \"max\": 9, \"nullable\": true"),
        NUMBER(
            ", \"min\": 0, \"max\": 9}, {\"name\": \"b\", \"type\": \"text\", \"nullable\": true"),
    };
    struct declaration before, after;
    CHECK(declared(s, NUMBER(", \"min\": 0, \"max\": 9"), &before));
    for (size_t i = 0; i < sizeof wider / sizeof *wider; i++)
        CHECK(declared(s, wider[i], &after) && declaration_compare(s, &before, &after));
}

TEST(declaration_may_not_change_what_is_there)
{
    static const struct {
        const char *text, *differs;
    } cases[] = {
        {TABLE("{\"name\": \"b\", \"type\": \"text\", \"nullable\": true}"),
         "column \"a\" is gone"},
        {TABLE("{\"name\": \"a\", \"type\": \"text\", \"unit\": \"m\"}"),
         "column \"a\" is text, was number"},
        {TABLE("{\"name\": \"a\", \"type\": \"number\", \"unit\": \"km\"}"),
         "column \"a\" is in \"km\", was in \"m\""},
        {NUMBER(", \"min\": 1, \"max\": 9"), "column \"a\" has narrower bounds"},
        {NUMBER(", \"max\": 8"), "column \"a\" has narrower bounds"},
        {NUMBER("}, {\"name\": \"b\", \"type\": \"text\""), "new column \"b\" is not nullable"},
        {"{\"name\": \"t\", \"key\": [\"a\"], \"columns\": [{\"name\": \"a\", \"type\": "
         "\"number\", "
         "\"unit\": \"m\"}]}",
         "column \"a\" is now part of the key"},
    };
    struct declaration before, after;
    CHECK(declared(s, NUMBER(", \"min\": 0, \"max\": 9"), &before));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK(declared(s, cases[i].text, &after));
        CHECK_FAILS(declaration_compare(s, &before, &after), ERROR_CONFLICT,
                    scope_print(s, "table \"t\" is declared otherwise: %s", cases[i].differs));
    }
}

TEST(declaration_tells_all_that_differs)
{
    struct declaration before, after;
    CHECK(declared(s,
                   TABLE("{\"name\": \"a\", \"type\": \"text\", \"nullable\": true}, {\"name\": "
                         "\"b\", \"type\": \"category\", \"allowed\": [\"x\", \"y\"]}"),
                   &before));
    CHECK(declared(s,
                   TABLE("{\"name\": \"a\", \"type\": \"text\"}, {\"name\": \"b\", \"type\": "
                         "\"category\", \"allowed\": [\"x\"]}"),
                   &after));
    CHECK_FAILS(declaration_compare(s, &before, &after), ERROR_CONFLICT,
                "table \"t\" is declared otherwise: column \"a\" may not be missing, was nullable; "
                "column \"b\" no longer allows \"y\"");
}
