#include "db/wire.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/time.h"

#define CONNECT_S 5       // of a wire with patience
#define CONNECT_LONG_S 30 // of one without
#define WATCH_S 30        // of silence, until a wire without patience asks whether the server lives
#define AWAY_S 2          // before a wire with patience tries again
#define UNSENT_BYTES 65536 // of a copy at most

enum wait { WAIT_READY, WAIT_OVER, WAIT_BROKEN };

// Waits until the socket can be read or written, as asked, or a moment has come.
static enum wait
socket_await(int fd, short events, double until_s, short *came)
{
    struct pollfd one = {.fd = fd, .events = events};
    for (;;) {
        const double left_s = until_s - time_monotonic_s();
        if (left_s <= 0)
            return WAIT_OVER;
        const int n = poll(&one, 1, (int)(left_s * 1000) + 1);
        *came = one.revents;
        if (n > 0)
            return WAIT_READY;
        if (n < 0 && errno != EINTR)
            return WAIT_BROKEN;
    }
}

static double
connect_wait_s(const struct wire *w)
{
    return (w->patience_s > 0 ? w->patience_s : w->watch_s) / 2.0;
}

// Connects, or gives up in time; then the connection is not yet made.
static PGconn *
connection_make(const struct wire *w, bool *is_over)
{
    const double until_s = time_monotonic_s() + connect_wait_s(w);
    PGconn *c = PQconnectStartParams(w->names, w->values, 1);
    PostgresPollingStatusType wants = PGRES_POLLING_WRITING;
    short came;
    *is_over = false;
    while (PQstatus(c) != CONNECTION_BAD && wants != PGRES_POLLING_OK && !*is_over) {
        const short events = wants == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        *is_over = socket_await(PQsocket(c), events, until_s, &came) != WAIT_READY;
        if (!*is_over)
            wants = PQconnectPoll(c);
    }
    return c;
}

static bool
gave_up(struct scope *s, struct wire *w, double after_s)
{
    wire_close(w);
    w->away_until_s = time_monotonic_s() + (w->patience_s > 0 ? AWAY_S : 0);
    return fail(s, ERROR_UNAVAILABLE, "the database has not answered for %g seconds", after_s);
}

const char *
wire_words(struct scope *s, const char *message)
{
    char *text = scope_copy(s, message);
    for (char *c = text; *c != '\0'; c++)
        if (*c == '\n')
            *c = ' ';
    for (size_t n = strlen(text); n > 0 && text[n - 1] == ' '; n--)
        text[n - 1] = '\0';
    return strncmp(text, "ERROR:  ", 8) == 0 ? text + 8 : text;
}

bool
wire_open(struct scope *s, struct wire *w)
{
    bool is_over;
    if (time_monotonic_s() < w->away_until_s)
        return fail(s, ERROR_UNAVAILABLE, "the database did not answer a moment ago");
    w->connection = connection_make(w, &is_over);
    w->n_waiting = 0;
    if (is_over)
        return gave_up(s, w, connect_wait_s(w));
    if (PQstatus(w->connection) == CONNECTION_OK && PQsetnonblocking(w->connection, 1) == 0)
        return true;
    fail(s, ERROR_UNAVAILABLE, "could not connect to the database: %s",
         wire_words(s, PQerrorMessage(w->connection)));
    wire_close(w);
    return false;
}

void
wire_close(struct wire *w)
{
    if (w->connection == NULL)
        return;
    PQfinish(w->connection);
    w->connection = NULL;
}

// A refusal in the server's words is an answer, too.
static bool
server_lives(const struct wire *w)
{
    bool is_over;
    PGconn *c = connection_make(w, &is_over);
    const bool lives = PQstatus(c) == CONNECTION_OK || strstr(PQerrorMessage(c), "FATAL") != NULL;
    PQfinish(c);
    return lives && !is_over;
}

// Waits for the socket within the wire's patience, or for as long as the server lives.
static bool
await(struct scope *s, struct wire *w, short events, double begun_s, short *came)
{
    for (;;) {
        const double until_s =
            w->patience_s > 0 ? begun_s + w->patience_s : time_monotonic_s() + w->watch_s;
        switch (socket_await(PQsocket(w->connection), events, until_s, came)) {
        case WAIT_READY:
            return true;
        case WAIT_BROKEN:
            return fail(s, ERROR_UNAVAILABLE, "could not wait: %s", strerror(errno));
        case WAIT_OVER:
            if (w->patience_s > 0 || !server_lives(w))
                return gave_up(s, w, w->patience_s > 0 ? w->patience_s : w->watch_s);
        }
    }
}

// Sends all that libpq holds. The server may have words of its own meanwhile, and would wait until
// they are read. A connection that breaks is told by what comes next.
static bool
flush(struct scope *s, struct wire *w, double begun_s)
{
    short came;
    w->n_waiting = 0;
    while (PQflush(w->connection) == 1) {
        if (!await(s, w, POLLIN | POLLOUT, begun_s, &came))
            return false;
        if ((came & POLLIN) != 0 && PQconsumeInput(w->connection) != 1)
            break;
    }
    return true;
}

static bool
input_await(struct scope *s, struct wire *w, double begun_s)
{
    short came;
    while (PQisBusy(w->connection)) {
        if (!await(s, w, POLLIN, begun_s, &came))
            return false;
        if (PQconsumeInput(w->connection) != 1)
            break; // PQgetResult tells what is wrong
    }
    return true;
}

PGresult *
wire_answer(struct scope *s, struct wire *w, int is_given)
{
    const double begun_s = time_monotonic_s();
    PGresult *last = NULL;
    if (is_given != 1 || !flush(s, w, begun_s))
        return NULL;
    while (input_await(s, w, begun_s)) {
        PGresult *result = PQgetResult(w->connection);
        if (result == NULL)
            return last;
        PQclear(last);
        last = result;
        if (PQresultStatus(last) == PGRES_COPY_IN || PQresultStatus(last) == PGRES_COPY_OUT)
            return last;
    }
    PQclear(last);
    return NULL;
}

bool
wire_put(struct scope *s, struct wire *w, const void *bytes, size_t n)
{
    if (PQputCopyData(w->connection, bytes, (int)n) != 1)
        return fail(s, ERROR_UNAVAILABLE, "%s", wire_words(s, PQerrorMessage(w->connection)));
    w->n_waiting += n;
    return w->n_waiting < UNSENT_BYTES || flush(s, w, time_monotonic_s());
}

bool
wire_get(struct scope *s, struct wire *w, char **row, size_t *n)
{
    short came;
    const double begun_s = time_monotonic_s();
    for (;;) {
        const int length = PQgetCopyData(w->connection, row, 1);
        *n = length > 0 ? (size_t)length : 0;
        if (length != 0)
            return true;
        if (!await(s, w, POLLIN, begun_s, &came))
            return false;
        if (PQconsumeInput(w->connection) != 1)
            return true;
    }
}
