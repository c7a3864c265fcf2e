#include "text/xml.h"

#include "test.h"

// Reads a document as "<a ='text'>a" and the like, or the failure's words.
static const char *
walked(struct scope *s, const char *text)
{
    struct xml x = xml_open(text, strlen(text));
    struct xml_event e;
    struct buf out = buf_open(s, 64);
    do {
        if (!xml_next(s, &x, &e)) {
            const char *why = scope_copy(s, s->message);
            scope_forgive(s);
            return why;
        }
        if (e.kind == XML_OPEN)
            buf_print(&out, "<%s ", e.name);
        else if (e.kind == XML_CLOSE)
            buf_print(&out, ">%s='%s' ", e.name, e.text);
    } while (e.kind != XML_END);
    return out.text;
}

TEST(xml_is_read_in_order)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"<?xml version=\"1.0\"?>\n<Error><Code>No</Code><M>a b</M></Error>\n",
         "<Error <Code >Code='No' <M >M='a b' >Error='' "},
        {"<a x='>' y=\"/>\"><b/><b /></a>", "<a <b >b='' <b >b='' >a='' "},
        {"<s3:a xmlns:s3='u'>&lt;&amp;&gt;&quot;&apos;&#65;&#x20ac;</s3:a>",
         "<a >a='<&>\"'A\xe2\x82\xac' "},
        {"<a><!-- <b> --><![CDATA[<c>&amp;]]></a >", "<a >a='<c>&amp;' "},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_TEXT(walked(s, cases[i].text), cases[i].want);
}

TEST(xml_that_is_none_is_refused_at_its_byte)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"<a>", "not XML at byte 3: it is over before its elements are"},
        {"<a></b>", "not XML at byte 6: an element ends that has not begun"},
        {"</a>", "not XML at byte 3: an element ends that has not begun"},
        {"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
         "not XML at byte 0: document types are not read"},
        {"<a>&b;</a>", "not XML at byte 3: an entity that nobody knows"},
        {"<a>&#0;</a>", "not XML at byte 3: no such character"},
        {"<a>&#xD800;</a>", "not XML at byte 3: no such character"},
        {"<a>& b</a>", "not XML at byte 3: \"&\" begins no entity"},
        {"<a>\xff</a>", "not XML at byte 3: no UTF-8"},
        {"<a b='c>", "not XML at byte 6: an attribute does not end"},
        {"<a <b>", "not XML at byte 3: a tag does not end"},
        {"<!-- ", "not XML at byte 0: something begins and does not end"},
        {"< a>", "not XML at byte 1: an element without a name"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_TEXT(walked(s, cases[i].text), cases[i].want);
}

TEST(xml_has_a_depth)
{
    const char *deep = "<a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a>";
    struct xml x = xml_open(deep, strlen(deep));
    struct xml_event e;
    for (int i = 0; i < XML_DEPTH; i++)
        CHECK(xml_next(s, &x, &e));
    CHECK_FAILS(xml_next(s, &x, &e), ERROR_LIMIT,
                "XML with more than 16 elements inside each other");
}

TEST(xml_texts_are_escaped)
{
    struct buf out = buf_open(s, 8);
    xml_text(&out, "\"a<b>&c\"");
    CHECK_TEXT(out.text, "\"a&lt;b&gt;&amp;c\"");
}
