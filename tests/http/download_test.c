#include "http/download.h"

#include <unistd.h>

#include "base/file.h"

#include "folder.h"

#define SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define TEXT                                                                                       \
    "date,site,pm\n"                                                                               \
    "2009-01-01,a,1\n"                                                                             \
    "2009-01-01,\"b,\"\"1\"\"\",2\n"                                                               \
    "2009-01-02,a,3\n"                                                                             \
    "2009-01-03,c,4\n"

static struct download
download_of(struct scope *s)
{
    struct download d = {
        .size_bytes = sizeof TEXT - 1, .sha256 = SHA, .name = "x.csv", .content_type = "text/csv"};
    const char *path = scope_print(s, "%s/x", test_folder(s));
    CHECK(file_write(s, path, (struct str){TEXT, sizeof TEXT - 1}, 0600));
    CHECK(file_open(s, path, &d.fd));
    return d;
}

static bool
gather(void *context, const void *bytes, size_t n)
{
    buf_add(context, bytes, n);
    return true;
}

static bool
leave(void *context, const void *bytes, size_t n)
{
    (void)bytes;
    return (*(size_t *)context += n) == 0;
}

static const char *
body_of(struct scope *s, const struct reply *reply)
{
    struct buf body = buf_open(s, 256);
    const struct outlet to = {gather, &body};
    if (reply->stream == NULL)
        return reply->body.text;
    CHECK(reply->stream(s, reply->context, &to));
    return body.text;
}

static struct request
request_of(const char *if_none_match, const char *range, const char *if_range)
{
    return (struct request){.if_none_match = if_none_match, .range = range, .if_range = if_range};
}

TEST(download_is_all_of_it_with_its_hash_as_tag)
{
    const struct download d = download_of(s);
    const struct request in = request_of("", "", "");
    struct reply reply = reply_open(s);
    CHECK(download_answer(s, &in, &d, &reply));
    CHECK(reply.status == 200 && reply.stream_bytes == sizeof TEXT - 1);
    CHECK_TEXT(body_of(s, &reply), TEXT);
    CHECK(strstr(reply.headers.text, "ETag: \"" SHA "\"\r\n") != NULL);
}

TEST(download_of_what_the_caller_has_is_304)
{
    static const struct {
        const char *header;
        int status;
    } cases[] = {
        {"\"" SHA "\"", 304},
        {"W/\"" SHA "\"", 304},
        {"\"x\", \"" SHA "\"", 304},
        {"\"" SHA "\" , \"y\"", 304},
        {"*", 304},
        {"\"x\"", 200},
        {SHA, 200},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct download d = download_of(s);
        const struct request in = request_of(cases[i].header, "", "");
        struct reply reply = reply_open(s);
        CHECK(download_answer(s, &in, &d, &reply));
        CHECK(reply.status == cases[i].status);
        CHECK((reply.stream == NULL) == (reply.status == 304));
    }
}

TEST(download_of_a_range_is_that_part)
{
    static const struct {
        const char *range, *if_range;
        int status;
        const char *body;
    } cases[] = {
        {"bytes=0-3", "", 206, "date"},
        {"bytes=5-8", "\"" SHA "\"", 206, "site"},
        {"bytes=5-8", "\"older\"", 200, TEXT},
        {"bytes=-2", "", 206, "4\n"},
        {"bytes=78-", "", 206, ",4\n"},
        {"bytes=78-9999999999999999999999", "", 206, ",4\n"},
        {"bytes=81-", "", 416, ""},
        {"bytes=-0", "", 416, ""},
        {"bytes=-1000", "", 206, TEXT},
        {"bytes=0-1,3-4", "", 200, TEXT}, // several may be answered with the whole
        {"bytes=4-2", "", 200, TEXT},
        {"bytes=-", "", 200, TEXT},
        {"lines=1-2", "", 200, TEXT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct download d = download_of(s);
        const struct request in = request_of("", cases[i].range, cases[i].if_range);
        struct reply reply = reply_open(s);
        CHECK(download_answer(s, &in, &d, &reply));
        CHECK(reply.status == cases[i].status);
        CHECK(reply.stream_bytes == (int64_t)strlen(cases[i].body));
        CHECK_TEXT(body_of(s, &reply), cases[i].body);
    }
}

TEST(download_filters_lines_by_site_and_day)
{
    const char *a[] = {"a"}, *b_and_c[] = {"b,\"1\"", "c"};
    const struct {
        struct download_filter filter;
        const char *body;
    } cases[] = {
        {{.from = {INT32_MIN}, .to = {INT32_MAX}}, TEXT},
        {{.from = {INT32_MIN}, .to = {INT32_MAX}, .n_sites = 1, .sites = a},
         "date,site,pm\n2009-01-01,a,1\n2009-01-02,a,3\n"},
        {{.from = {INT32_MIN}, .to = {INT32_MAX}, .n_sites = 2, .sites = b_and_c},
         "date,site,pm\n2009-01-01,\"b,\"\"1\"\"\",2\n2009-01-03,c,4\n"},
        {{.from = day_from(2009, 1, 2), .to = day_from(2009, 1, 2)},
         "date,site,pm\n2009-01-02,a,3\n"},
        {{.from = day_from(2010, 1, 1), .to = {INT32_MAX}}, "date,site,pm\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct download d = download_of(s);
        struct reply reply = reply_open(s);
        CHECK(download_answer_lines(s, &d, &cases[i].filter, &reply));
        CHECK(reply.stream_bytes == -1);
        CHECK_TEXT(body_of(s, &reply), cases[i].body);
    }
}

TEST(download_stops_when_the_caller_has_left)
{
    const struct download d = download_of(s);
    const struct request in = request_of("", "", "");
    size_t n_put = 0;
    const struct outlet to = {leave, &n_put};
    struct reply reply = reply_open(s);
    CHECK(download_answer(s, &in, &d, &reply));
    CHECK_FAILS(reply.stream(s, reply.context, &to), ERROR_UNAVAILABLE,
                "the caller left before the end of the answer");
    CHECK(n_put == sizeof TEXT - 1);
}
