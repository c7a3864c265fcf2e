#include "text/html.h"

#include "test.h"

TEST(text_cannot_become_a_tag_or_leave_an_attribute)
{
    struct buf out = buf_open(s, 16);

    html_text(&out, "<a href=\"x\" b='y'>&amp;");

    CHECK_TEXT(out.text, "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;amp;");
}

TEST(text_stays_text_and_bad_bytes_are_mended)
{
    struct buf out = buf_open(s, 16);

    html_text(&out, "M\xC3\xBCllro\xC3\x9F\x01\n\t\x7f\xFFz\xC3");

    CHECK_TEXT(out.text, "M\xC3\xBCllro\xC3\x9F\n\t\xEF\xBF\xBDz\xEF\xBF\xBD");
}
