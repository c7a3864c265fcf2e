// tests/net/server.h: a server on the loopback that answers each connection with the next of its
// texts, keeps what it was asked, and closes; after a text that ends in HOLD it waits for the
// client to go first.
#ifndef TESTS_NET_SERVER_H
#define TESTS_NET_SERVER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test.h"

#define SERVER_MOST 16
#define HOLD "\1"

struct server {
    int fd, port;
    size_t n;
    const char *const *answers;
    pthread_t thread;
    size_t n_asked;
    char asked[SERVER_MOST][4096]; // requests, headers and all
};

// Reads a request to its empty line.
static inline bool
server_read(int fd, char request[4096])
{
    size_t n = 0;
    while (n < 4095) {
        const ssize_t more = read(fd, request + n, 4095 - n);
        if (more <= 0)
            return false;
        n += (size_t)more;
        request[n] = '\0';
        if (strstr(request, "\r\n\r\n") != NULL)
            return true;
    }
    return false;
}

static inline void
server_write(int fd, const char *answer)
{
    size_t n = strlen(answer);
    const bool holds = n > 0 && answer[n - 1] == HOLD[0];
    char byte;
    n -= holds;
    while (n > 0) {
        const ssize_t sent = send(fd, answer, n, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        answer += sent;
        n -= (size_t)sent;
    }
    while (holds && read(fd, &byte, 1) > 0)
        continue;
}

static inline void *
server_run(void *context)
{
    struct server *server = context;
    for (size_t i = 0; i < server->n; i++) {
        const int fd = accept(server->fd, NULL, NULL);
        if (fd < 0)
            break;
        if (server_read(fd, server->asked[i])) {
            server->n_asked = i + 1;
            server_write(fd, server->answers[i]);
        }
        close(fd);
    }
    return NULL;
}

static inline void
server_close(void *context)
{
    struct server *server = context;
    shutdown(server->fd, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->fd);
}

// Serves until the scope closes.
static inline struct server *
server_open(struct scope *s, size_t n, const char *const answers[])
{
    struct server *server = scope_alloc(s, sizeof *server);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    CHECK(n <= SERVER_MOST);
    server->fd = socket(AF_INET, SOCK_STREAM, 0);
    server->n = n;
    server->answers = answers;
    CHECK(bind(server->fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(server->fd, 8) == 0);
    CHECK(getsockname(server->fd, (struct sockaddr *)&at, &size) == 0);
    server->port = ntohs(at.sin_port);
    CHECK(pthread_create(&server->thread, NULL, server_run, server) == 0);
    scope_defer(s, server_close, server);
    return server;
}

#endif
