// A relay stands between the test and PostgreSQL; when it is frozen, the server is there, takes
// connections into its queue, and says nothing: as one that is stopped or behind a dead network.
#include "db/wire.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/time.h"
#include "db.h"
#include "folder.h"

#define LINES_MOST 8

struct relay {
    struct sockaddr_un server;
    int door;
    struct pollfd ends[2 * LINES_MOST]; // 2i belongs to the client, 2i + 1 to the server
    nfds_t n;
    atomic_bool is_frozen, is_over;
    pthread_t thread;
};

static void
relay_accept(struct relay *r)
{
    const int client = accept(r->door, NULL, NULL), server = socket(AF_UNIX, SOCK_STREAM, 0);
    if (r->n + 2 > 2 * LINES_MOST ||
        connect(server, (const struct sockaddr *)&r->server, sizeof r->server) != 0)
        abort();
    r->ends[r->n++] = (struct pollfd){.fd = client, .events = POLLIN};
    r->ends[r->n++] = (struct pollfd){.fd = server, .events = POLLIN};
}

static void
relay_pass(struct relay *r, nfds_t i)
{
    char bytes[4096];
    struct pollfd *from = &r->ends[i], *to = &r->ends[i ^ 1];
    const ssize_t n = read(from->fd, bytes, sizeof bytes);
    if (n > 0 && send(to->fd, bytes, (size_t)n, MSG_NOSIGNAL) == n)
        return;
    close(from->fd);
    close(to->fd);
    from->fd = to->fd = -1;
}

static void *
relay_work(void *thing)
{
    struct relay *r = thing;
    while (!atomic_load(&r->is_over)) {
        struct pollfd door = {.fd = r->door, .events = POLLIN};
        if (atomic_load(&r->is_frozen)) {
            poll(NULL, 0, 5);
            continue;
        }
        if (poll(&door, 1, 0) > 0)
            relay_accept(r);
        if (poll(r->ends, r->n, 5) <= 0)
            continue;
        for (nfds_t i = 0; i < r->n; i++)
            if (r->ends[i].fd >= 0 && r->ends[i].revents != 0 && !atomic_load(&r->is_frozen))
                relay_pass(r, i);
    }
    return NULL;
}

static void
relay_close(void *thing)
{
    struct relay *r = thing;
    atomic_store(&r->is_over, true);
    pthread_join(r->thread, NULL);
    close(r->door);
    for (nfds_t i = 0; i < r->n; i++)
        if (r->ends[i].fd >= 0)
            close(r->ends[i].fd);
}

// Opens a relay in a folder of its own; tells the address of the database behind it.
static struct relay *
relay_open(struct scope *s, const char **url)
{
    struct relay *r = scope_alloc(s, sizeof *r);
    const char *folder = test_folder(s), *real = getenv("TEST_DATABASE_URL");
    struct sockaddr_un own = {.sun_family = AF_UNIX};
    char host[80];
    CHECK(sscanf(real, "host=%79s", host) == 1);
    r->server.sun_family = AF_UNIX;
    snprintf(r->server.sun_path, sizeof r->server.sun_path, "%s/.s.PGSQL.5432", host);
    snprintf(own.sun_path, sizeof own.sun_path, "%s/.s.PGSQL.5432", folder);
    r->door = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK(bind(r->door, (const struct sockaddr *)&own, sizeof own) == 0);
    CHECK(listen(r->door, 16) == 0);
    CHECK(pthread_create(&r->thread, NULL, relay_work, r) == 0);
    scope_defer(s, relay_close, r);
    *url = scope_print(s, "%s host=%s", real, folder);
    return r;
}

static const struct query add_one = {"t_add", "SELECT $1::int + 1 AS sum"};
static const struct query make_table = {"t_make", "CREATE TABLE t (a int)"};
static const struct query copy_in = {"t_copy", "COPY t FROM STDIN"};
static const struct query count_rows = {"t_count", "SELECT count(*) AS n FROM t"};

// Asks until there is an answer: a wire that gave up leaves the server alone for a moment.
static bool
comes_back(struct db *db)
{
    for (const double end_s = time_monotonic_s() + 20; time_monotonic_s() < end_s;) {
        struct scope one = {0};
        const bool ok = DB_RUN(&one, db, &add_one, "1");
        scope_close(&one);
        if (ok)
            return true;
        poll(NULL, 0, 20);
    }
    return false;
}

TEST_DB(wire_gives_up_on_a_server_that_does_not_answer_and_comes_back)
{
    const char *url;
    struct relay *relay = relay_open(s, &url);
    struct db *mine = db_open_lazily(s, url, "test");
    db_limit(mine, 1);
    CHECK(DB_RUN(s, mine, &add_one, "1"));
    const double begun_s = time_monotonic_s();

    atomic_store(&relay->is_frozen, true);
    CHECK_FAILS(DB_RUN(s, mine, &add_one, "1"), ERROR_UNAVAILABLE,
                "statement \"t_add\": the database has not answered for 1 seconds");
    CHECK(time_monotonic_s() - begun_s < 1.5);

    CHECK_FAILS(DB_RUN(s, mine, &add_one, "1"), ERROR_UNAVAILABLE,
                "the database did not answer a moment ago");
    CHECK(time_monotonic_s() - begun_s < 1.6);

    atomic_store(&relay->is_frozen, false);
    CHECK(comes_back(mine));
}

TEST_DB(wire_gives_up_on_a_server_that_does_not_take_the_connection)
{
    const char *url;
    struct relay *relay = relay_open(s, &url);
    struct db *mine = db_open_lazily(s, url, "test");
    db_limit(mine, 1);

    atomic_store(&relay->is_frozen, true);
    CHECK_FAILS(DB_RUN(s, mine, &add_one, "1"), ERROR_UNAVAILABLE,
                "the database has not answered for 0.5 seconds");
    atomic_store(&relay->is_frozen, false);
    CHECK(comes_back(mine));
}

TEST_DB(wire_gives_up_inside_a_transaction_and_leaves_nothing_of_it)
{
    const char *url;
    struct relay *relay = relay_open(s, &url);
    struct db *mine = db_open_lazily(s, url, "test");
    db_limit(mine, 1);
    CHECK(db_run(s, mine, &make_table, 0, NULL));
    const struct scope_mark mark = scope_mark(s);
    CHECK(db_begin(s, mine));
    CHECK(db_script(s, mine, "INSERT INTO t VALUES (1)"));

    atomic_store(&relay->is_frozen, true);
    CHECK(!db_commit(s, mine));
    CHECK(s->kind == ERROR_UNAVAILABLE);
    scope_forgive(s);
    CHECK_FAILS(DB_RUN(s, mine, &add_one, "1"), ERROR_UNAVAILABLE,
                "lost the connection to the database");
    scope_release(s, mark);
    atomic_store(&relay->is_frozen, false);

    CHECK(comes_back(mine));
}

TEST_DB(wire_gives_up_in_the_middle_of_a_copy)
{
    const char *url;
    struct relay *relay = relay_open(s, &url);
    struct db *mine = db_open_lazily(s, url, "test");
    char rows[20000];
    bool ok = true;
    db_limit(mine, 1);
    for (size_t i = 0; i < sizeof rows; i++)
        rows[i] = "1\n"[i % 2];
    CHECK(db_run(s, mine, &make_table, 0, NULL));
    const struct scope_mark mark = scope_mark(s);
    CHECK(db_begin(s, mine) && db_copy_open(s, mine, &copy_in));
    CHECK(db_copy_put(s, mine, rows, sizeof rows));
    const double begun_s = time_monotonic_s();

    atomic_store(&relay->is_frozen, true);
    for (int i = 0; i < 10000 && ok; i++) // more than any buffer on the way holds
        ok = db_copy_put(s, mine, rows, sizeof rows);
    CHECK_FAILS(ok, ERROR_UNAVAILABLE,
                "could not send rows to the database: the database has not answered for 1 seconds");
    scope_release(s, mark);
    CHECK(time_monotonic_s() - begun_s < 3);
    atomic_store(&relay->is_frozen, false);

    CHECK(comes_back(mine));
    const struct rows *r = db_query(s, mine, &count_rows, 0, NULL);
    CHECK(r != NULL && rows_int(r, 0, "n") == 0);
}

static const struct query copy_out = {
    "t_out", "COPY (SELECT i, repeat('x', 1000) FROM generate_series(1, 100000) AS i) TO STDOUT"};

// Stops the relay once rows come.
static bool
row_freeze(struct scope *s, void *context, const char *row, size_t n)
{
    struct relay *relay = context;
    (void)s;
    (void)row;
    (void)n;
    atomic_store(&relay->is_frozen, true);
    return true;
}

TEST_DB(wire_gives_up_in_the_middle_of_a_copy_out)
{
    const char *url;
    struct relay *relay = relay_open(s, &url);
    struct db *mine = db_open_lazily(s, url, "test");
    int64_t n_rows = -1;
    db_limit(mine, 1);

    CHECK_FAILS(db_copy_out(s, mine, &copy_out, row_freeze, relay, &n_rows), ERROR_UNAVAILABLE,
                "the database has not answered for 1 seconds");
    CHECK(n_rows == -1);
    atomic_store(&relay->is_frozen, false);

    CHECK(comes_back(mine));
}

// A wire as a job has it, but quicker to ask whether the server lives.
static struct wire
patient(const char *url)
{
    return (struct wire){.names = {"dbname"}, .values = {url}, .watch_s = 1};
}

TEST_DB(wire_without_a_limit_waits_as_long_as_the_server_lives)
{
    const char *url;
    relay_open(s, &url);
    struct wire w = patient(url);
    CHECK(wire_open(s, &w));

    PGresult *result = wire_answer(s, &w, PQsendQuery(w.connection, "SELECT pg_sleep(2.5)"));

    CHECK(PQresultStatus(result) == PGRES_TUPLES_OK);
    PQclear(result);
    wire_close(&w);
}

TEST_DB(wire_without_a_limit_gives_up_when_the_server_takes_no_connection)
{
    const char *url;
    struct relay *relay = relay_open(s, &url);
    struct wire w = patient(url);
    CHECK(wire_open(s, &w));
    const double begun_s = time_monotonic_s();

    atomic_store(&relay->is_frozen, true);
    CHECK_FAILS(wire_answer(s, &w, PQsendQuery(w.connection, "SELECT 1")) != NULL,
                ERROR_UNAVAILABLE, "the database has not answered for 1 seconds");
    CHECK(time_monotonic_s() - begun_s < 2.5);
    CHECK(w.connection == NULL);
}
