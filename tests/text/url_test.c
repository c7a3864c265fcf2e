#include "text/url.h"

#include "test.h"

static const char *
found(struct scope *s, const char *query, const char *name)
{
    const char *value;
    CHECK(url_query_find(s, query, name, &value));
    return value == NULL ? "(none)" : value;
}

TEST(a_query_is_found_by_name)
{
    const char *query = "site=DE+BB&days=7&&flag&empty=&eq=a=b&days=8&caf%C3%A9=1";

    CHECK_TEXT(found(s, query, "site"), "DE BB");
    CHECK_TEXT(found(s, query, "days"), "7");
    CHECK_TEXT(found(s, query, "flag"), "(none)");
    CHECK_TEXT(found(s, query, "empty"), "");
    CHECK_TEXT(found(s, query, "eq"), "a=b");
    CHECK_TEXT(found(s, query, "sit"), "(none)");
    CHECK_TEXT(found(s, query, "sites"), "(none)");
    CHECK_TEXT(found(s, "", "site"), "(none)");
}

TEST(values_are_decoded)
{
    static const struct {
        const char *query, *want;
    } cases[] = {
        {"a=K%C3%B6ln+West", "K\xC3\xB6ln West"},
        {"a=%2b%2B%20+", "++  "},
        {"a=%26%3D%25&b=", "&=%"},
        {"a=aZ09-._~/?", "aZ09-._~/?"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_TEXT(found(s, cases[i].query, "a"), cases[i].want);
}

TEST(broken_values_are_refused)
{
    static const struct {
        const char *query, *message;
    } cases[] = {
        {"a=%", "\"%\" is not followed by two hexadecimal digits"},
        {"a=a%4", "\"%\" is not followed by two hexadecimal digits"},
        {"a=%4&b=1", "\"%\" is not followed by two hexadecimal digits"},
        {"a=%4g", "\"%\" is not followed by two hexadecimal digits"},
        {"a=a%00b", "a zero byte is not text"},
        {"a=%C3%28", "the bytes are not UTF-8"},
        {"a=%FF", "the bytes are not UTF-8"},
    };
    const char *value;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_FAILS(url_query_find(s, cases[i].query, "a", &value), ERROR_INPUT, cases[i].message);
}

TEST(encoding_leaves_only_unreserved_bytes)
{
    struct buf out = buf_open(s, 0);

    url_encode(&out, "aZ09-._~ a+b@x&y=\xC3\xB6");

    CHECK_TEXT(out.text, "aZ09-._~%20a%2Bb%40x%26y%3D%C3%B6");
}
