#include "http/server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fcgiapp.h>

#include "base/file.h"
#include "base/log.h"
#include "base/time.h"
#include "http/body.h"

#define BACKLOG 511
#define STATUSES 16 // that one route answers with
#define STOP_POLL_MS 20
#define LARGE_BYTES (4 << 20) // of a message and its answer, together
#define ANSWER_S 10 // a locked table or a stopped database must not take all threads with it

struct server;

struct tally { // of one route in one thread: its series, found once each
    struct counter *seconds;
    struct {
        int status; // 0 while free
        struct counter *n;
    } by[STATUSES];
};

struct worker { // one thread
    struct server *server;
    pthread_t thread;
    FCGX_Request fcgi;
    struct db *db;
    struct tally *tallies; // of each route, then of no route
};

struct server {
    const struct service *service;
    const char *database_url;
    int socket;
    atomic_bool is_stopping;
    atomic_int n_alive;
    struct streams streams;
};

void
server_signals_hold(void)
{
    sigset_t held;
    sigemptyset(&held);
    sigaddset(&held, SIGTERM);
    sigaddset(&held, SIGINT);
    sigaddset(&held, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &held, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); // a limit on files is a full disk to whoever writes
}

struct server_options
server_options(struct scope *s, const struct config *config, const char *name)
{
    return (struct server_options){
        .address = scope_print(s, "%s/run/%s.sock", config->home, name),
        .lock_path = scope_print(s, "%s/run/%s.lock", config->home, name),
        .n_threads = SERVER_THREADS,
    };
}

static const char *
param(const FCGX_Request *r, const char *name)
{
    const char *value = FCGX_GetParam(name, r->envp);
    return value == NULL ? "" : value;
}

static void
request_fill(struct worker *w, struct body *body, struct request *in)
{
    FCGX_Request *r = &w->fcgi;
    in->method = param(r, "REQUEST_METHOD");
    in->path = param(r, "DOCUMENT_URI");
    in->target = param(r, "REQUEST_URI");
    const char *query = strchr(in->target, '?');
    in->query = query == NULL ? "" : query + 1;
    in->authorization = param(r, "HTTP_AUTHORIZATION");
    in->content_type = param(r, "CONTENT_TYPE");
    in->host = param(r, "HTTP_HOST");
    in->origin = param(r, "HTTP_ORIGIN");
    in->user_agent = param(r, "HTTP_USER_AGENT");
    in->if_none_match = param(r, "HTTP_IF_NONE_MATCH");
    in->range = param(r, "HTTP_RANGE");
    in->if_range = param(r, "HTTP_IF_RANGE");
    in->address = param(r, "REMOTE_ADDR");
    in->is_forwarded = FCGX_GetParam("HTTP_X_FORWARDED_FOR", r->envp) != NULL;
    in->is_secure = strcmp(param(r, "HTTP_X_FORWARDED_PROTO"), "https") == 0;
    in->at = time_now();
    in->db = w->db;
    request_id_set(in, FCGX_GetParam("HTTP_X_REQUEST_ID", r->envp));
    in->body = (struct str){"", 0};
    in->inlet = body_open(body, r, &w->server->streams);
    in->body_bytes = body->left_bytes;
}

static bool
outlet_write(void *context, const void *bytes, size_t n)
{
    return n == 0 || FCGX_PutStr(bytes, (int)n, context) == (int)n;
}

// Makes the body while sending it. An answer that is broken off must not look whole: its
// connection is cut without the word that ends a reply.
static void
body_stream(struct scope *s, FCGX_Request *r, const struct request *in, const struct reply *out)
{
    const struct outlet to = {outlet_write, r->out};
    if (out->stream(s, out->context, &to))
        return;
    log_info("request.broken_off", "request_id=%s path=%s reason=\"%s\"", in->id, in->path,
             s->message);
    shutdown(r->ipcFd, SHUT_RDWR);
}

static void
reply_send(struct scope *s, FCGX_Request *r, const struct request *in, const struct reply *out)
{
    struct buf head = buf_open(s, 512);
    reply_head(out, in->id, &head);
    FCGX_PutStr(head.text, (int)head.n, r->out);
    if (strcmp(in->method, "HEAD") == 0)
        return;
    if (out->stream != NULL)
        body_stream(s, r, in, out);
    else
        FCGX_PutStr(out->body.text, (int)out->body.n, r->out);
}

// A streamed answer holds its thread for as long as the caller takes to read it.
static bool
stream_begin(struct scope *s, struct server *server, const struct request *in, struct reply *out)
{
    if (out->stream == NULL)
        return false;
    if (streams_enter(s, &server->streams))
        return true;
    route_failure(s, in, out);
    return false;
}

// Methods outside the tables share one label, so that callers cannot make series.
static const char *
method_label(const char *method)
{
    static const char *const known[] = {"GET",   "HEAD",   "POST",    "PUT",
                                        "PATCH", "DELETE", "OPTIONS", NULL};
    size_t i = 0;
    while (known[i] != NULL && strcmp(known[i], method) != 0)
        i++;
    return known[i] == NULL ? "other" : known[i];
}

static void
tally_begin(struct scope *s, const struct service *service, const struct request *in,
            struct buf *labels)
{
    counter_label(labels, "program", service->name);
    counter_label(labels, "route",
                  in->route == NULL
                      ? "none"
                      : scope_print(s, "%s%s", in->area->prefixes[0], in->route->path));
    counter_label(labels, "method",
                  in->route == NULL || strcmp(in->route->method, "*") == 0
                      ? method_label(in->method)
                      : in->route->method);
}

// The place of a status among those that the route has answered with; NULL when there is no room.
static struct counter **
status_find(struct tally *t, int status)
{
    size_t i = 0;
    while (i < STATUSES && t->by[i].status != status && t->by[i].status != 0)
        i++;
    if (i == STATUSES)
        return NULL;
    t->by[i].status = status;
    return &t->by[i].n;
}

static void
count(struct scope *s, struct worker *w, const struct request *in, int status, double seconds)
{
    const struct service *service = w->server->service;
    if (service->counters == NULL)
        return;
    struct tally *t = &w->tallies[route_number(service, in)];
    struct counter **n = status_find(t, status);
    if (n == NULL)
        return;
    if (*n == NULL || t->seconds == NULL) {
        struct buf labels = buf_open(s, COUNTER_LABELS);
        tally_begin(s, service, in, &labels);
        t->seconds = counter_find(service->counters, COUNTER_http_request_seconds, labels.text);
        counter_label(&labels, "code", scope_print(s, "%d", status));
        *n = counter_find(service->counters, COUNTER_http_requests_total, labels.text);
    }
    counter_add(*n, 1);
    counter_observe(t->seconds, seconds);
}

// A kept connection holds its thread, and nginx goes on using it for whoever comes next; so one is
// kept only while no other waits to be accepted. Otherwise those would wait for as long as there is
// work, and the queue would fill up until nginx is refused.
static void
connection_yield(struct worker *w)
{
    struct pollfd others = {.fd = w->server->socket, .events = POLLIN};
    if (w->fcgi.keepConnection && poll(&others, 1, 0) > 0)
        w->fcgi.keepConnection = 0;
}

// Returns how large the message and its answer were.
static size_t
serve_one(struct scope *s, struct worker *w)
{
    const double start_s = time_monotonic_s();
    struct request in = {0};
    struct reply out = reply_open(s);
    struct body body;

    request_fill(w, &body, &in);
    route_answer(s, w->server->service, &in, &out);
    body_close(&body);
    const bool is_streaming = stream_begin(s, w->server, &in, &out);
    reply_send(s, &w->fcgi, &in, &out);
    if (is_streaming)
        streams_leave(&w->server->streams);
    const int status = out.status;
    count(s, w, &in, status, time_monotonic_s() - start_s);
    connection_yield(w);
    FCGX_Finish_r(&w->fcgi);
    return in.body.n + out.body.n;
}

static void *
work(void *thing)
{
    struct worker *w = thing;
    struct server *server = w->server;
    struct scope own = {0}, s = {0};

    w->db = db_open_lazily(&own, server->database_url, server->service->name);
    db_limit(w->db, ANSWER_S);
    w->tallies = scope_array(&own, route_count(server->service) + 1, sizeof *w->tallies);
    FCGX_InitRequest(&w->fcgi, server->socket, FCGI_FAIL_ACCEPT_ON_INTR);
    scope_alloc(&s, 1); // so that the first block stays for the next request
    const struct scope_mark start = scope_mark(&s);
    while (!atomic_load(&server->is_stopping)) {
        if (FCGX_Accept_r(&w->fcgi) != 0) {
            if (!atomic_load(&server->is_stopping))
                poll(NULL, 0, 10); // out of descriptors, most likely; others are freeing them
            continue;
        }
        const bool is_large = serve_one(&s, w) > (size_t)LARGE_BYTES;
        scope_release(&s, start);
        scope_forgive(&s);
        if (is_large)
            scope_memory_return(); // each thread would keep what it once took, for good
    }
    FCGX_Free(&w->fcgi, 1);
    scope_close(&s);
    scope_close(&own);
    atomic_fetch_sub(&server->n_alive, 1);
    return NULL;
}

// The kernel drops the lock with the process, however that ends.
static bool
lock_take(struct scope *s, const char *path)
{
    if (path == NULL)
        return true;
    const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (fd < 0)
        return fail(s, ERROR_UNAVAILABLE, "could not open \"%s\": %s", path, strerror(errno));
    file_defer_close(s, fd);
    return flock(fd, LOCK_EX | LOCK_NB) == 0 ||
           fail(s, ERROR_CONFLICT, "the program runs already: \"%s\" is locked", path);
}

static bool
listen_on(struct scope *s, const char *address, int *fd)
{
    if (address[0] == '/')
        unlink(address); // left by one that was killed
    *fd = FCGX_OpenSocket(address, BACKLOG);
    if (*fd < 0)
        return fail(s, ERROR_UNAVAILABLE, "could not listen on \"%s\": %s", address,
                    strerror(errno));
    file_defer_close(s, *fd);
    if (address[0] == '/')
        chmod(address, 0660); // nginx runs as the same user
    return true;
}

// Wakes threads that wait for a connection or for the next request on one. What a thread has
// begun it finishes: only reading is shut.
static void
threads_stop(struct server *server, struct worker workers[], int n)
{
    atomic_store(&server->is_stopping, true);
    while (atomic_load(&server->n_alive) > 0) {
        shutdown(server->socket, SHUT_RDWR);
        for (int i = 0; i < n; i++)
            if (workers[i].fcgi.ipcFd > 0)
                shutdown(workers[i].fcgi.ipcFd, SHUT_RD);
        poll(NULL, 0, STOP_POLL_MS);
    }
    for (int i = 0; i < n; i++)
        pthread_join(workers[i].thread, NULL);
}

static void
signal_await(const char *name)
{
    sigset_t wanted;
    int came = 0;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGTERM);
    sigaddset(&wanted, SIGINT);
    while (sigwait(&wanted, &came) != 0)
        continue;
    log_info("program.stopping", "program=%s signal=%d", name, came);
}

bool
server_run(struct scope *s, const struct config *config, const struct service *service,
           const struct server_options *options)
{
    const int n = options->n_threads;
    struct server server = {.service = service,
                            .database_url = config->database_url,
                            .streams = {.most = n > 1 ? n / 2 : 1}};
    struct worker *workers = scope_array(s, (size_t)n, sizeof *workers);

    scope_memory_limit(LARGE_BYTES); // else what is kept grows with the largest answer
    if (!lock_take(s, options->lock_path) || FCGX_Init() != 0 ||
        !listen_on(s, options->address, &server.socket))
        return s->kind == ERROR_NONE ? fail(s, ERROR_BUG, "libfcgi did not start") : false;
    for (int i = 0; i < n; i++) {
        workers[i].server = &server;
        atomic_fetch_add(&server.n_alive, 1);
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0) {
            atomic_fetch_sub(&server.n_alive, 1);
            threads_stop(&server, workers, i);
            return fail(s, ERROR_UNAVAILABLE, "could not start a thread: %s", strerror(errno));
        }
    }
    log_info("program.started", "program=%s address=%s threads=%d", service->name, options->address,
             n);
    signal_await(service->name);
    threads_stop(&server, workers, n);
    if (options->address[0] == '/')
        unlink(options->address);
    log_info("program.stopped", "program=%s", service->name);
    return true;
}
