#include "track/filter.h"

#include "test.h"

static const struct filter_attribute attributes[] = {
    {"name", "name", FILTER_TEXTUAL, true},
    {"run name", "name", FILTER_TEXTUAL, true},
    {"run_id", "run_id", FILTER_TEXTUAL | FILTER_LISTED, false},
    {"start_time", "start_time", FILTER_NUMERIC, true},
    {0},
};
static const struct filter_attribute dataset[] = {{"digest", "digest", FILTER_TEXTUAL, false}, {0}};
static const struct filter_language language = {
    .of = "things",
    .attributes = attributes,
    .dataset = dataset,
    .operators = {[FILTER_METRIC] = FILTER_NUMERIC, [FILTER_TAG] = FILTER_TEXTUAL | FILTER_NULLED},
    .orderable = FILTER_BIT(FILTER_METRIC),
};

// Writes clauses as entity|key|operator|value, so that a table can hold them.
static const char *
written(struct scope *s, const char *text)
{
    static const char letters[] = "amptd";
    struct filter f;
    struct buf out = buf_open(s, 128);
    CHECK(filter_read(s, text, &language, &f));
    for (size_t i = 0; i < f.n; i++) {
        const struct filter_clause *c = &f.clauses[i];
        buf_print(&out, "%s%c|%s|%d|", i == 0 ? "" : " ", letters[c->entity], c->key, (int)c->op);
        if (c->is_number)
            buf_number(&out, c->number);
        else if (c->texts == NULL)
            buf_text(&out, c->text == NULL ? "-" : c->text);
        for (size_t j = 0; j < c->n_texts; j++)
            buf_print(&out, "%s%s", j == 0 ? "" : ",", c->texts[j]);
    }
    return out.text;
}

TEST(filter_reads_every_form_of_a_clause)
{
    static const struct {
        const char *text, *clauses;
    } cases[] = {
        {"", ""},
        {" \t\n", ""},
        {"name = 'x'", "a|name|0|x"},
        {"name='x'", "a|name|0|x"},
        {"name != \"x y\"", "a|name|1|x y"},
        {"name <> 'x'", "a|name|1|x"},
        {"attribute.name = 'x'", "a|name|0|x"},
        {"attributes.name = 'x' AND attr.name = 'y' and run.name = 'z'",
         "a|name|0|x a|name|0|y a|name|0|z"},
        {"\"run name\" like 'x%'", "a|name|6|x%"},
        {"`run name` ILIKE '%X_'", "a|name|7|%X_"},
        {"attribute.\"run name\" = 'x'", "a|name|0|x"},
        {"start_time < 5", "a|start_time|2|5"},
        {"start_time <= -5.5", "a|start_time|3|-5.5"},
        {"start_time > 1e3", "a|start_time|4|1000"},
        {"start_time >= .5", "a|start_time|5|0.5"},
        {"metrics.loss = 0.25", "m|loss|0|0.25"},
        {"metric.a.b_c != 1", "m|a.b_c|1|1"},
        {"metrics.`a b/c-d` >= 1", "m|a b/c-d|5|1"},
        {"metrics.\"1st\" < 1", "m|1st|2|1"},
        {"metrics.caf\u00e9 < 1", "m|caf\u00e9|2|1"},
        {"tag.Key = ''", "t|Key|0|"},
        {"tags.`mlflow.user` = 'it''s'", "t|mlflow.user|0|it's"},
        {"tags.x IS NULL", "t|x|10|-"},
        {"tags.x is  not null AND tags.y = '1'", "t|x|11|- t|y|0|1"},
        {"dataset.digest LIKE 'a%'", "d|digest|6|a%"},
        {"datasets.digest = 'a AND b'", "d|digest|0|a AND b"},
        {"run_id IN ('a', \"b\",'c')", "a|run_id|8|a,b,c"},
        {"run_id not in('a')", "a|run_id|9|a"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_TEXT(written(s, cases[i].text), cases[i].clauses);
}

TEST(filter_names_what_it_does_not_understand)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"name", "at its end: a comparison is expected"},
        {"name =", "Expected a quoted string value for 'name'"},
        {"name = x", "Expected a quoted string value for 'name'"},
        {"name = 5", "Expected a quoted string value for 'name'"},
        {"name = `x`", "Expected a quoted string value for 'name'"},
        {"name = 'x", "a quote is not closed"},
        {"name = 'x' OR name = 'y'", "'OR name = 'y'' at 12: AND or the end is expected"},
        {"name = 'x' AND", "a clause is expected behind AND"},
        {"AND name = 'x'", "Invalid attribute key 'AND'"},
        {"name = 'x'; name = 'y'", "there is no such sign"},
        {"(name = 'x')", "an identifier is expected"},
        {"'name' = 'x'", "an identifier is expected"},
        {"name > 'x'", "Invalid comparator '>' in \"name > \""},
        {"name IN ('x')", "does not support comparison with a list"},
        {"nobody = 'x'", "Invalid attribute key 'nobody' specified. Valid keys are {'name',"},
        {"dataset.nobody = 'x'", "Invalid dataset key 'nobody'"},
        {"metrics.x = '1'", "Expected numeric value type for 'x'"},
        {"metrics.x LIKE '1'", "Invalid comparator 'LIKE'"},
        {"metrics.x = 1e999", "Expected numeric value type"},
        {"metrics.x = 1x", "Expected numeric value type"},
        {"metrics.a-b = 1", "there is no such sign"},
        {"metrics. x = 1", "a key is expected"},
        {"metrics.'x' = 1", "a key is expected"},
        {"params.x = '1'", "Invalid entity type 'param' for a search of things"},
        {"thing.x = '1'", "Invalid entity type 'thing'"},
        {"start_time = '1'", "Expected numeric value type"},
        {"start_time LIKE 1", "Invalid comparator 'LIKE'"},
        {"name IS NULL", "Invalid comparator 'IS NULL'"},
        {"tags.x IS 'x'", "NULL is expected"},
        {"tags.x NOT LIKE 'x'", "IN is expected"},
        {"run_id IN ()", "a list may hold quoted string values only"},
        {"run_id IN (5)", "a list may hold quoted string values only"},
        {"run_id IN ('a',)", "a list may hold quoted string values only"},
        {"run_id IN ('a'", "\")\" is expected"},
        {"run_id IN 'a'", "a list of quoted string values in () is expected"},
        {"name = 'x' name = 'y'", "AND or the end is expected"},
        {"name LIKE 'x\\'", "a pattern must not end with"},
        {"tags.x ILIKE '\\\\\\'", "a pattern must not end with"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct filter f;
        CHECK(!filter_read(s, cases[i].text, &language, &f));
        CHECK(s->kind == ERROR_INPUT);
        if (strstr(s->message, cases[i].message) == NULL)
            TEST_DIE("%s: %s", cases[i].text, s->message);
        scope_forgive(s);
    }
}

TEST(filter_has_limits)
{
    struct buf text = buf_open(s, 4096);
    struct filter f;
    for (int i = 0; i < FILTER_CLAUSES; i++)
        buf_print(&text, "%sname = 'x'", i == 0 ? "" : " AND ");
    CHECK(filter_read(s, text.text, &language, &f) && f.n == FILTER_CLAUSES);
    buf_text(&text, " AND name = 'x'");
    CHECK_FAILS(filter_read(s, text.text, &language, &f), ERROR_LIMIT,
                "a filter has more than 50 clauses");
    buf_clear(&text);
    while (text.n <= FILTER_BYTES)
        buf_char(&text, ' ');
    CHECK_FAILS(filter_read(s, text.text, &language, &f), ERROR_LIMIT,
                "a filter is longer than 65536 bytes");
}

TEST(order_reads_its_direction)
{
    static const struct {
        const char *text, *key;
        enum filter_entity entity;
        bool is_descending;
    } cases[] = {
        {"name", "name", FILTER_ATTRIBUTE, false},
        {"name ASC", "name", FILTER_ATTRIBUTE, false},
        {" attribute.start_time desc ", "start_time", FILTER_ATTRIBUTE, true},
        {"metrics.`a b` DESC", "a b", FILTER_METRIC, true},
        {"metrics.\"a b\"", "a b", FILTER_METRIC, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct filter_order o;
        CHECK(filter_order_read(s, cases[i].text, &language, &o));
        CHECK_TEXT(o.key, cases[i].key);
        CHECK(o.entity == cases[i].entity && o.is_descending == cases[i].is_descending);
    }
}

TEST(order_refuses_what_is_none)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "Invalid order_by clause ''"},
        {"name UP", "Invalid order_by clause 'name UP': ASC, DESC or the end"},
        {"name, start_time", "Invalid order_by clause"},
        {"run_id", "things cannot be ordered by it"},
        {"tags.x", "things cannot be ordered by it"},
        {"nobody", "Invalid order_by clause 'nobody': Invalid attribute key"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct filter_order o;
        CHECK(!filter_order_read(s, cases[i].text, &language, &o));
        if (strstr(s->message, cases[i].message) == NULL)
            TEST_DIE("%s: %s", cases[i].text, s->message);
        scope_forgive(s);
    }
}

TEST(order_by_one_field_twice_is_refused)
{
    const char *const texts[] = {"name", "\"run name\" DESC"};
    const struct filter_order *orders;
    CHECK(!filter_orders_read(s, 2, texts, &language, &orders));
    CHECK(strstr(s->message, "`order_by` contains duplicate fields") != NULL);
}
