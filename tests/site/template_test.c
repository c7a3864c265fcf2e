#include "site/template.h"

#include "test.h"

static const char *
filled(struct scope *s, const char *text, const struct slots *values)
{
    struct buf out = buf_open(s, 0);
    CHECK(template_fill(s, "t.html", text, values, &out));
    return out.text;
}

TEST(template_puts_escaped_values_into_slots)
{
    struct slots *v = slots_open(s);
    slots_text(v, "name", "<b>\"A\" & 'B'</b>");
    slots_html(v, "mark", "<i>x</i>");

    CHECK_TEXT(filled(s, "[{{name}}] {{mark}} { {{", v),
               "[&lt;b&gt;&quot;A&quot; &amp; &#39;B&#39;&lt;/b&gt;] <i>x</i> { {{");
}

TEST(template_repeats_a_block_for_each_row_and_looks_outward)
{
    struct slots *v = slots_open(s);
    slots_text(v, "unit", "ug");
    slots_text(slots_row(v, "rows"), "x", "1");
    slots_text(slots_row(v, "rows"), "x", "2");

    CHECK_TEXT(filled(s, "{{#rows}}{{x}} {{unit}};{{/rows}}{{^rows}}none{{/rows}}", v),
               "1 ug;2 ug;");
}

TEST(template_writes_the_other_block_for_an_empty_list)
{
    struct slots *v = slots_open(s);
    slots_list(v, "rows");
    slots_if(v, "shown", true);
    slots_if(v, "hidden", false);

    CHECK_TEXT(filled(s,
                      "{{#rows}}x{{/rows}}{{^rows}}none{{/rows}}"
                      "{{#shown}}+{{/shown}}{{#hidden}}-{{/hidden}}",
                      v),
               "none+");
}

TEST(template_nests_lists_in_rows)
{
    struct slots *v = slots_open(s);
    struct slots *row = slots_row(v, "outer");
    slots_text(slots_row(row, "inner"), "x", "a");
    slots_text(slots_row(row, "inner"), "x", "b");
    slots_list(slots_row(v, "outer"), "inner");

    CHECK_TEXT(filled(s, "{{#outer}}<{{#inner}}{{x}}{{/inner}}>{{/outer}}", v), "<ab><>");
}

TEST(template_numbers_read_well)
{
    struct slots *v = slots_open(s);
    slots_int(v, "big", 149151);
    slots_int(v, "less", -1234567);
    slots_int(v, "small", -123);
    slots_number(v, "x", 6.945, 1);
    slots_number(v, "below", -0.25, 2);
    slots_number(v, "zero", -0.001, 2);
    slots_number(v, "none", NAN, 2);

    CHECK_TEXT(filled(s, "{{big}} {{less}} {{small}} {{x}} {{below}} {{zero}} {{none}}", v),
               "149,151 -1,234,567 -123 6.9 −0.25 0.00 –");
}

TEST(template_mark_that_names_nothing_fails)
{
    struct slots *v = slots_open(s);
    struct buf out = buf_open(s, 0);
    slots_text(v, "text", "x");

    const struct {
        const char *text, *message;
    } cases[] = {
        {"a\n{{nme}}", "template \"t.html\" line 2: there is no value for {{nme}}"},
        {"{{#rows}}{{/rows}}", "template \"t.html\" line 1: there is no list for {{#rows}}"},
        {"{{#text}}{{/text}}", "template \"t.html\" line 1: there is no list for {{#text}}"},
        {"{{#rows}}", "template \"t.html\" line 1: no end of block {{#rows}}"},
        {"x{{/rows}}", "template \"t.html\" line 1: no block is open for {{/rows}}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_FAILS(template_fill(s, "t.html", cases[i].text, v, &out), ERROR_BUG,
                    cases[i].message);
}
