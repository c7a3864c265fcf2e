#include "text/base64.h"

#include "test.h"

// source  RFC 4648, section 10
static const char *const vectors[][2] = {{"", ""},
                                         {"f", "Zg=="},
                                         {"fo", "Zm8="},
                                         {"foo", "Zm9v"},
                                         {"foob", "Zm9vYg=="},
                                         {"fooba", "Zm9vYmE="},
                                         {"foobar", "Zm9vYmFy"},
                                         {"\xff\xfe", "//4="}};

TEST(base64_writes_and_reads_the_vectors_of_its_rfc)
{
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        struct buf out = buf_open(s, 16), back = buf_open(s, 16);
        base64_write(&out, vectors[i][0], strlen(vectors[i][0]));
        CHECK_TEXT(out.text, vectors[i][1]);
        CHECK(base64_read((struct str){out.text, out.n}, &back));
        CHECK_TEXT(back.text, vectors[i][0]);
    }
}

TEST(base64_may_lack_what_fills_it_up)
{
    struct buf back = buf_open(s, 16);
    CHECK(base64_read((struct str){"Zm8", 3}, &back));
    CHECK_TEXT(back.text, "fo");
}

TEST(base64_reads_nothing_else)
{
    static const char *const wrong[] = {
        "Z", "Zg=", "Zg===", "Z*==", "Zm9v=", "=", "Zm 9", "Zm9v\n"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct buf back = buf_open(s, 16);
        if (base64_read((struct str){wrong[i], strlen(wrong[i])}, &back))
            TEST_DIE("\"%s\" was read", wrong[i]);
    }
}
