#include "net/http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test.h"

struct server { // answers each connection with the next of its texts
    int fd, port;
    size_t n;
    const char *const *answers;
    size_t n_served;
    pthread_t thread;
};

static void *
serve(void *context)
{
    struct server *server = context;
    for (size_t i = 0; i < server->n; i++) {
        char request[4096];
        const int fd = accept(server->fd, NULL, NULL);
        if (fd < 0)
            break;
        if (read(fd, request, sizeof request) > 0 &&
            write(fd, server->answers[i], strlen(server->answers[i])) > 0)
            server->n_served++;
        close(fd);
    }
    return NULL;
}

static void
server_close(void *context)
{
    struct server *server = context;
    shutdown(server->fd, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->fd);
}

static struct server *
server_open(struct scope *s, size_t n, const char *const answers[])
{
    struct server *server = scope_alloc(s, sizeof *server);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    *server = (struct server){.fd = socket(AF_INET, SOCK_STREAM, 0), .n = n, .answers = answers};
    CHECK(bind(server->fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(server->fd, 8) == 0);
    CHECK(getsockname(server->fd, (struct sockaddr *)&at, &size) == 0);
    server->port = ntohs(at.sin_port);
    CHECK(pthread_create(&server->thread, NULL, serve, server) == 0);
    scope_defer(s, server_close, server);
    return server;
}

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
