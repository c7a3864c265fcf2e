#include "net/http.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/time.h"
#include "net/server.h"
#include "test.h"

#define REPLY(status, body)                                                                        \
    "HTTP/1.1 " status "\r\nContent-Type: application/json\r\n"                                    \
    "Connection: close\r\n\r\n" body

static const struct http_limits limits = {.size_bytes = 100, .n_tries = 3, .pause_ms = 1};

static bool
fetched(struct scope *s, const struct server *server, char body[200], struct http_answer *answer)
{
    char path[] = "/tmp/aw-http.XXXXXX";
    const int fd = mkstemp(path);
    CHECK(fd >= 0 && unlink(path) == 0);
    const char *url =
        scope_print(s, "http://127.0.0.1:%d/x?email=a@b.c&key=topsecret&param=1", server->port);
    const bool ok = http_download(s, url, &limits, fd, answer);
    const ssize_t n = pread(fd, body, 199, 0);
    body[n < 0 ? 0 : n] = '\0';
    close(fd);
    return ok;
}

TEST(http_streams_a_body)
{
    static const char *const answers[] = {REPLY("200 OK", "{\"a\":1}")};
    char body[200];
    struct http_answer got;

    CHECK(fetched(s, server_open(s, 1, answers), body, &got));

    CHECK_TEXT(body, "{\"a\":1}");
    CHECK_TEXT(got.type, "application/json");
    CHECK(got.status == 200 && got.size_bytes == 7);
}

TEST(http_tries_again_and_starts_the_body_anew)
{
    static const char *const answers[] = {REPLY("503 Busy", "a long maintenance page"),
                                          REPLY("429 Slow", "slow down"), REPLY("200 OK", "yes")};
    char body[200];
    struct http_answer got;

    CHECK(fetched(s, server_open(s, 3, answers), body, &got));

    CHECK_TEXT(body, "yes");
}

TEST(http_gives_up_and_hides_the_key)
{
    static const char *const answers[] = {REPLY("503 Busy", ""), REPLY("503 Busy", ""),
                                          REPLY("500 Bad", "")};
    char body[200];
    struct http_answer got;
    const struct server *server = server_open(s, 3, answers);

    CHECK(!fetched(s, server, body, &got));

    CHECK(s->kind == ERROR_UNAVAILABLE);
    CHECK_TEXT(s->message,
               scope_print(s,
                           "could not fetch \"http://127.0.0.1:%d/x?email=redacted&key=redacted"
                           "&param=1\": the server answered 500",
                           server->port));
}

TEST(http_keeps_the_body_of_a_refusal)
{
    static const char *const answers[] = {REPLY("400 Bad", "{\"Header\":[]}")};
    char body[200];
    struct http_answer got;

    CHECK(fetched(s, server_open(s, 1, answers), body, &got));

    CHECK(got.status == 400);
    CHECK_TEXT(body, "{\"Header\":[]}");
}

TEST(http_refuses_a_body_that_is_too_large)
{
    static const char *const answers[] = {
        REPLY("200 OK", "0123456789012345678901234567890123456789012345678901234567890123456789"
                        "0123456789012345678901234567890123456789")};
    char body[200];
    struct http_answer got;

    CHECK(!fetched(s, server_open(s, 1, answers), body, &got));

    CHECK(s->kind == ERROR_LIMIT);
}

TEST(http_refuses_a_size_that_is_too_large_before_the_body)
{
    static const char *const answers[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 5000000000\r\n\r\n" HOLD};
    char body[200];
    struct http_answer got;

    CHECK(!fetched(s, server_open(s, 1, answers), body, &got));

    CHECK(s->kind == ERROR_LIMIT);
    CHECK(strstr(s->message, "it has more than 100 bytes") != NULL);
}

// An answer with headers of so many bytes.
static const char *
large_header(struct scope *s, size_t n_lines, size_t line_bytes)
{
    struct buf text = buf_open(s, n_lines * (line_bytes + 16));
    buf_text(&text, "HTTP/1.1 200 OK\r\n");
    for (size_t i = 0; i < n_lines; i++) {
        buf_print(&text, "X-%zu: ", i);
        memset(buf_room(&text, line_bytes), 'x', line_bytes);
        buf_grow(&text, line_bytes);
        buf_text(&text, "\r\n");
    }
    buf_text(&text, "\r\nbody");
    return text.text;
}

TEST(http_refuses_headers_that_are_too_large)
{
    const char *const many[] = {large_header(s, 70, 1000)}, *const one[] = {
                                                                large_header(s, 1, 200000)};
    char body[200];
    struct http_answer got;

    CHECK(!fetched(s, server_open(s, 1, many), body, &got));
    CHECK(s->kind == ERROR_LIMIT);
    CHECK(strstr(s->message, "its headers have more than 65536 bytes") != NULL);
    scope_forgive(s);

    CHECK(!fetched(s, server_open(s, 1, one), body, &got));
    CHECK(s->kind == ERROR_LIMIT);
    CHECK_TEXT(body, "");
}

TEST(http_follows_a_redirect_and_gives_up_on_a_loop)
{
    static const char *const once[] = {"HTTP/1.1 302 Found\r\nLocation: /there\r\n"
                                       "Content-Length: 3\r\nConnection: close\r\n\r\nold",
                                       REPLY("200 OK", "new")};
    static const char loop[] =
        "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    static const char *const ever[] = {loop, loop, loop, loop, loop, loop, loop};
    char body[200];
    struct http_answer got;

    const struct server *server = server_open(s, 2, once);
    CHECK(fetched(s, server, body, &got));
    CHECK_TEXT(body, "new");
    CHECK(strncmp(server->asked[1], "GET /there ", 11) == 0);

    server = server_open(s, 7, ever);
    CHECK(!fetched(s, server, body, &got));
    CHECK(s->kind == ERROR_INPUT);
    CHECK(strstr(s->message, "it redirects more than 5 times") != NULL);
    CHECK(server->n_asked == 6);
}

TEST(http_follows_no_redirect_to_another_scheme)
{
    static const char *const answers[] = {
        "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nConnection: close\r\n\r\n"};
    char body[200];
    struct http_answer got;

    CHECK(!fetched(s, server_open(s, 1, answers), body, &got));

    CHECK(s->kind == ERROR_INPUT);
    CHECK(strstr(s->message, "it redirects to what is not an http or https address") != NULL);
}

TEST(http_waits_as_long_as_retry_after_says)
{
    static const char *const answers[] = {
        "HTTP/1.1 429 Slow\r\nRetry-After: 1\r\nConnection: close\r\n\r\n", REPLY("200 OK", "yes")};
    const double begun_s = time_monotonic_s();
    char body[200];
    struct http_answer got;

    CHECK(fetched(s, server_open(s, 2, answers), body, &got));

    CHECK(time_monotonic_s() - begun_s >= 1);
    CHECK_TEXT(body, "yes");
}

TEST(http_does_not_wait_for_a_retry_after_of_hours)
{
    static const char *const answers[] = {
        "HTTP/1.1 503 Down\r\nRetry-After: 7200\r\nConnection: close\r\n\r\n"};
    static const char *const date[] = {"HTTP/1.1 503 Down\r\nConnection: close\r\n"
                                       "Retry-After: Fri, 31 Dec 2099 23:59:59 GMT\r\n\r\n"};
    char body[200];
    struct http_answer got;

    CHECK(!fetched(s, server_open(s, 1, answers), body, &got));
    CHECK(s->kind == ERROR_UNAVAILABLE && got.status == 503 && got.retry_after_ms == 7200000);
    CHECK(strstr(s->message, "which asks to wait for 7200 s: the server answered 503") != NULL);
    scope_forgive(s);

    CHECK(!fetched(s, server_open(s, 1, date), body, &got));
    CHECK(s->kind == ERROR_UNAVAILABLE && got.retry_after_ms > 7200000);
}

TEST(http_tries_again_after_a_cut_and_a_closed_connection)
{
    static const char *const answers[] = {"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhalf of",
                                          "", REPLY("200 OK", "whole")};
    char body[200];
    struct http_answer got;

    CHECK(fetched(s, server_open(s, 3, answers), body, &got));

    CHECK_TEXT(body, "whole");
}

TEST(http_gives_up_on_a_server_that_falls_silent)
{
    static const char *const answers[] = {"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhalf" HOLD};
    const struct http_limits patience = {.n_tries = 1, .idle_seconds = 1};
    const struct server *server = server_open(s, 1, answers);
    const char *url = scope_print(s, "http://127.0.0.1:%d/", server->port);
    struct http_answer got;

    CHECK(!http_download(s, url, &patience, fileno(tmpfile()), &got));

    CHECK(s->kind == ERROR_UNAVAILABLE && !got.is_local);
    CHECK(strstr(s->message, "Operation too slow") != NULL);
}

TEST(http_tells_a_full_disk_from_a_service_that_is_away)
{
    static const char *const answers[] = {REPLY("200 OK", "bytes")};
    const struct server *server = server_open(s, 1, answers);
    const char *url = scope_print(s, "http://127.0.0.1:%d/", server->port);
    FILE *full = fopen("/dev/full", "w");
    struct http_answer got;

    CHECK(!http_download(s, url, &limits, fileno(full), &got));

    CHECK(s->kind == ERROR_UNAVAILABLE && got.is_local);
    fclose(full);
}

TEST(http_refuses_other_schemes)
{
    struct http_answer got;

    CHECK_FAILS(http_download(s, "file:///etc/passwd", &limits, fileno(tmpfile()), &got),
                ERROR_INPUT,
                "could not fetch \"file:///etc/passwd\": not an http or https address");
}

TEST(http_redacts_credentials)
{
    static const struct {
        const char *url, *shown;
    } cases[] = {
        {"https://h/a?email=x@y.z&key=k&param=88101",
         "https://h/a?email=redacted&key=redacted&param=88101"},
        {"https://h/a?KEY=k#f", "https://h/a?KEY=redacted#f"},
        {"https://user:pw@h/a@b", "https://redacted@h/a@b"},
        {"https://h/a?monkey=k&key", "https://h/a?monkey=k&key"},
        {"nonsense", "nonsense"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CHECK_TEXT(http_redact(s, cases[i].url), cases[i].shown);
}

TEST(http_look_asks_for_one_byte_and_tells_of_the_file)
{
    static const struct {
        const char *answer;
        int status, size;
    } cases[] = {
        {"HTTP/1.1 206 Partial Content\r\nContent-Length: 1\r\nContent-Range: bytes 0-0/200\r\n"
         "Last-Modified: then\r\n\r\nx",
         200, 200},
        {"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nLast-Modified: then\r\n\r\n0123" HOLD, 200,
         1000},
        {"HTTP/1.1 200 OK\r\nLast-Modified: then\r\n\r\n", 200, -1},
        {"HTTP/1.1 416 No\r\nContent-Range: bytes */0\r\nLast-Modified: then\r\n\r\n", 200, 0},
        {"HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\nLast-Modified: then\r\n\r\nno!", 404, 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct http_head head;
        struct server *server = server_open(s, 1, &cases[i].answer);

        CHECK(http_look(s, scope_print(s, "http://127.0.0.1:%d/a", server->port), &head));

        CHECK(head.status == cases[i].status && head.size_bytes == cases[i].size);
        CHECK_TEXT(head.modified, "then");
        CHECK(strstr(server->asked[0], "\r\nRange: bytes=0-0\r\n") != NULL);
    }
}

TEST(http_look_asks_once)
{
    static const char *const answer[] = {"HTTP/1.1 503 Away\r\nContent-Length: 0\r\n\r\n"};
    struct http_head head;
    struct server *server = server_open(s, 1, answer);
    const char *url = scope_print(s, "http://127.0.0.1:%d/a?key=x", server->port);

    CHECK_FAILS(http_look(s, url, &head), ERROR_UNAVAILABLE,
                scope_print(s,
                            "could not ask for \"http://127.0.0.1:%d/a?key=redacted\": the server "
                            "answered 503",
                            server->port));
}
