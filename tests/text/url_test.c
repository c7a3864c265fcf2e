#include "text/url.h"

#include "test.h"

TEST(encoding_keeps_only_unreserved_characters)
{
    struct buf out = buf_open(s, 16);

    url_encode(&out, "aZ09-._~ /?&=%+\xC3\xA9");

    CHECK_TEXT(out.text, "aZ09-._~%20%2F%3F%26%3D%25%2B%C3%A9");
}

TEST(decoding_undoes_encoding)
{
    struct buf out = buf_open(s, 16);
    const char *all = "every byte: \x01\x1f !\"#$%&'()*+,/:;<=>?@[\\]^`{|}\x7f \xC3\xA9", *text;
    url_encode(&out, all);

    CHECK(url_decode(s, (struct str){out.text, out.n}, false, &text));
    CHECK_TEXT(text, all);
    CHECK(url_decode(s, (struct str){out.text, out.n}, true, &text));
    CHECK_TEXT(text, all);
    CHECK(url_decode(s, (struct str){"a+b%2b", 6}, true, &text));
    CHECK_TEXT(text, "a b+");
    CHECK(url_decode(s, (struct str){"a+b", 3}, false, &text));
    CHECK_TEXT(text, "a+b");
}

TEST(broken_encodings_are_refused)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"%", "\"%\" is not followed by two hexadecimal digits"},
        {"a%4", "\"%\" is not followed by two hexadecimal digits"},
        {"%4g", "\"%\" is not followed by two hexadecimal digits"},
        {"a%00b", "a zero byte is not text"},
        {"%C3%28", "the bytes are not UTF-8"},
        {"%FF", "the bytes are not UTF-8"},
    };
    const char *text;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_FAILS(url_decode(s, (struct str){cases[i].text, strlen(cases[i].text)}, true, &text),
                    ERROR_INPUT, cases[i].message);
}

TEST(a_query_is_found_by_name)
{
    struct url_query q;

    CHECK(url_query_parse(s, "site=DE+BB&days=7&&flag&empty=&eq=a=b", &q));

    CHECK(q.n == 5);
    CHECK_TEXT(url_query_find(&q, "site"), "DE BB");
    CHECK_TEXT(url_query_find(&q, "days"), "7");
    CHECK_TEXT(url_query_find(&q, "flag"), "");
    CHECK_TEXT(url_query_find(&q, "empty"), "");
    CHECK_TEXT(url_query_find(&q, "eq"), "a=b");
    CHECK(url_query_find(&q, "sit") == NULL);
    CHECK(url_query_parse(s, "", &q));
    CHECK(q.n == 0);
}

TEST(wrong_queries_name_what_is_wrong)
{
    struct url_query q;
    struct buf many = buf_open(s, 1024);
    char *large = scope_alloc(s, QUERY_BYTES + 2);
    memset(large, 'a', QUERY_BYTES + 1);
    for (int i = 0; i < QUERY_PAIRS + 1; i++)
        buf_print(&many, "k%d=&", i);

    CHECK_FAILS(url_query_parse(s, "=1", &q), ERROR_INPUT, "a name in the query is empty");
    CHECK_FAILS(url_query_parse(s, "a=1&a=2", &q), ERROR_INPUT, "\"a\" comes twice in the query");
    CHECK_FAILS(url_query_parse(s, "site=%zz", &q), ERROR_INPUT,
                "cannot read \"site\" in the query: "
                "\"%\" is not followed by two hexadecimal digits");
    CHECK_FAILS(url_query_parse(s, "%ff=1", &q), ERROR_INPUT,
                "cannot read a name in the query: the bytes are not UTF-8");
    CHECK_FAILS(url_query_parse(s, many.text, &q), ERROR_LIMIT, "the query has more than 64 pairs");
    CHECK_FAILS(url_query_parse(s, large, &q), ERROR_LIMIT, "the query is longer than 16384 bytes");
}
