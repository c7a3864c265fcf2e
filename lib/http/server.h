// http/server.h: the FastCGI loop of a program, and its life from start to SIGTERM.
//
// libfcgi holds a thread for as long as a kept-alive connection of nginx lives, so there must be
// at least as many threads as nginx's workers times its `keepalive`.
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "base/config.h"
#include "http/route.h"

#define SERVER_THREADS 16 // 2 workers of nginx with keepalive 8

// Keeps SIGTERM, SIGINT and SIGHUP from all threads, for server_run to wait on; call it before any
// thread is made. Writes to a connection that is gone, or beyond a limit on files, fail instead of
// killing.
void server_signals_hold(void);

struct server_options {
    const char *address;   // path of a Unix socket, or "host:port" / ":port" for TCP
    const char *lock_path; // NULL for none; only one process has it
    int n_threads;
};

// Answers requests until SIGTERM or SIGINT; then takes no more, finishes those it has, and returns.
//
//   errors  UNAVAILABLE when the address cannot be listened on; CONFLICT when the program runs
//           already (its lock file is locked)
bool server_run(struct scope *s, const struct config *config, const struct service *service,
                const struct server_options *options) MUST_CHECK;

// The path of the Unix socket and of the lock file of a program: run/<name>.sock, run/<name>.lock.
struct server_options server_options(struct scope *s, const struct config *config,
                                     const char *name);

#endif
