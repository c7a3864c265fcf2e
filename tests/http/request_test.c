#include "http/request.h"

#include "test.h"

static const char *
value_of(struct scope *s, const char *query, const char *name)
{
    const char *value;
    const struct request in = {.query = query};
    CHECK(request_query(s, &in, name, &value));
    return value == NULL ? "(none)" : value;
}

TEST(request_query_decodes_what_was_asked_for)
{
    CHECK_TEXT(value_of(s, "site=DEBB051&model=pm", "site"), "DEBB051");
    CHECK_TEXT(value_of(s, "site=DEBB051&model=pm", "model"), "pm");
    CHECK_TEXT(value_of(s, "a=1&site=K%C3%B6ln+West", "site"), "K\xc3\xb6ln West");
    CHECK_TEXT(value_of(s, "website=x", "site"), "(none)");
    CHECK_TEXT(value_of(s, "site", "site"), "(none)");
    CHECK_TEXT(value_of(s, "", "site"), "(none)");
    CHECK_TEXT(value_of(s, "site=100%25", "site"), "100%");
}

TEST(request_query_refuses_what_is_not_text)
{
    static const struct {
        const char *query, *reason;
    } cases[] = {
        {"site=%00", "cannot be read: a zero byte is not text"},
        {"site=%ff", "cannot be read: the bytes are not UTF-8"},
        {"site=100%2", "cannot be read: \"%\" is not followed by two hexadecimal digits"},
        {"site=a%0Ab", "is not text of at most 256 bytes"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *value;
        const struct request in = {.query = cases[i].query};
        CHECK_FAILS(request_query(s, &in, "site", &value), ERROR_INPUT,
                    scope_print(s, "query value \"site\" %s", cases[i].reason));
    }
}

TEST(request_query_check_names_what_is_unknown_or_comes_twice)
{
    static const struct {
        const char *query, *allowed, *message;
    } cases[] = {
        {"", "", NULL},
        {"&&", "", NULL},
        {"site=a&day=2", "day site", NULL},
        {"site", "day site", NULL},
        {"website=x", "day site", "unknown query value \"website\" (known: day, site)"},
        {"sit=x", "day site", "unknown query value \"sit\" (known: day, site)"},
        {"day=1&si%74e=x", "day site", "unknown query value \"si%74e\" (known: day, site)"},
        {"=x", "day site", "unknown query value \"\" (known: day, site)"},
        {"_=1", "", "unknown query value \"_\": this address takes none"},
        {"site=a&site=b", "day site", "query value \"site\" comes twice"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct request in = {.query = cases[i].query};
        if (cases[i].message == NULL)
            CHECK(request_query_check(s, &in, cases[i].allowed));
        else
            CHECK_FAILS(request_query_check(s, &in, cases[i].allowed), ERROR_INPUT,
                        cases[i].message);
    }
}

TEST(request_id_of_the_caller_is_kept_if_it_is_sane)
{
    struct request in = {0};
    request_id_set(&in, "trace-1.a_B");
    CHECK_TEXT(in.id, "trace-1.a_B");

    static const char *const insane[] = {
        "", "a b", "a\r\nSet-Cookie: x", "\xff",
        "01234567890123456789012345678901234567890123456789012345678901234"}; // 65
    for (size_t i = 0; i < sizeof insane / sizeof *insane; i++) {
        request_id_set(&in, insane[i]);
        CHECK(strlen(in.id) == 36);
    }
}
