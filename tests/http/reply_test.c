#include "http/reply.h"

#include "test.h"

static bool
nothing_stream(struct scope *s, void *context, const struct outlet *to)
{
    (void)s;
    (void)context;
    (void)to;
    return true;
}

static const char *
head_of(struct scope *s, const struct reply *reply)
{
    struct buf head = buf_open(s, 256);
    reply_head(reply, "r1", &head);
    return head.text;
}

TEST(reply_tells_the_length_of_its_body)
{
    struct reply reply = reply_open(s);
    buf_text(&reply.body, "{}");
    CHECK_TEXT(head_of(s, &reply), "Status: 200 OK\r\nContent-Type: application/json\r\n"
                                   "Content-Length: 2\r\nX-Request-Id: r1\r\n\r\n");
}

TEST(reply_that_streams_tells_its_length_where_it_is_known)
{
    struct reply known = reply_open(s), unknown = reply_open(s);
    reply_stream_set(&known, nothing_stream, NULL, 7);
    reply_stream_set(&unknown, nothing_stream, NULL, -1);
    CHECK(strstr(head_of(s, &known), "Content-Length: 7\r\n") != NULL);
    CHECK(strstr(head_of(s, &known), "X-Accel-Buffering: no\r\n") != NULL);
    CHECK(strstr(head_of(s, &unknown), "Content-Length") == NULL);
}

TEST(reply_of_what_the_caller_has_tells_no_length)
{
    struct reply reply = reply_open(s);
    reply.status = 304;
    CHECK(strstr(head_of(s, &reply), "Status: 304 Not Modified\r\n") != NULL);
    CHECK(strstr(head_of(s, &reply), "Content-Length") == NULL);
}

TEST(reply_of_a_failure_does_not_stream)
{
    struct reply reply = reply_open(s);
    reply_stream_set(&reply, nothing_stream, NULL, 7);
    CHECK(!fail(s, ERROR_UNAVAILABLE, "too many"));
    reply_failure(s, "r1", &reply);
    CHECK(reply.stream == NULL && reply.status == 503 && reply.body.n > 0);
}
