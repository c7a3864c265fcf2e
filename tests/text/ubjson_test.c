#include "text/ubjson.h"

#include "test.h"

#define READ(bytes) read_of(s, (struct str){bytes, sizeof bytes - 1})

static const char *
read_of(struct scope *s, struct str bytes)
{
    struct buf out = buf_open(s, 64);
    const char *words = "";
    if (!ubjson_read(s, bytes, &out)) {
        words = scope_copy(s, s->message);
        scope_forgive(s);
    }
    return *words != '\0' ? words : out.text;
}

// The bytes of each case are worked by hand from Draft 12.
TEST(values_become_json)
{
    CHECK_TEXT(READ("{i\1aSi\2hii\1bi\xff}"), "{\"a\":\"hi\",\"b\":-1}");
    CHECK_TEXT(READ("[ZTFU\xffI\1\0l\0\1\0\0L\0\0\0\1\0\0\0\0]"),
               "[null,true,false,255,256,65536,4294967296]");
    CHECK_TEXT(READ("[d\x3f\xc0\0\0D\xbf\xf0\0\0\0\0\0\0]"), "[1.5,-1]");
    CHECK_TEXT(READ("d\x7f\xc0\0\0"), "null"); // NaN
    CHECK_TEXT(READ("[$d#i\2\x3f\xc0\0\0\x40\0\0\0"), "[1.5,2]");
    CHECK_TEXT(READ("[#i\2i\1U\2"), "[1,2]");
    CHECK_TEXT(READ("{$i#i\1i\1k\x7f"), "{\"k\":127}");
    CHECK_TEXT(READ("[$U#L\0\0\0\0\0\0\0\0"), "[]");
}

TEST(what_is_not_whole_is_refused_at_its_byte)
{
    CHECK_TEXT(READ(""), "not UBJSON at byte 0: it ends here");
    CHECK_TEXT(READ("{i\1a"), "not UBJSON at byte 4: it ends here");
    CHECK_TEXT(READ("[i\1"), "not UBJSON at byte 3: it ends here");
    CHECK_TEXT(READ("Sl\x7f\xff\xff\xff"), "not UBJSON at byte 6: a length beyond the end");
    CHECK_TEXT(READ("[$Z#i\2"), "not UBJSON at byte 6: a container of nothing");
    CHECK_TEXT(READ("i\1i\1"), "not UBJSON at byte 2: something follows the value");
    CHECK_TEXT(READ("Hi\1"
                    "1"),
               "not UBJSON at byte 1: no whole number");
}

TEST(containers_inside_each_other_are_bounded)
{
    char deep[200];
    memset(deep, '[', sizeof deep);
    CHECK_TEXT(read_of(s, (struct str){deep, sizeof deep}),
               "not UBJSON at byte 32: too many containers inside each other");
}
