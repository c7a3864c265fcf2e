#include "net/download.h"

#include <fcntl.h>
#include <glob.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/file.h"
#include "folder.h"
#include "net/server.h"

#define FIRST "HTTP/1.1 200 OK\r\nETag: \"one\"\r\nContent-Length: 10\r\nConnection: close\r\n\r\n"
#define REST                                                                                       \
    "HTTP/1.1 206 Partial Content\r\nETag: \"one\"\r\nContent-Length: 6\r\n"                       \
    "Content-Range: bytes 4-9/10\r\nConnection: close\r\n\r\n"

struct world {
    const char *folder, *url;
    struct server *server;
    struct download_answer got;
};

static struct world *
world_open(struct scope *s, size_t n, const char *const answers[])
{
    struct world *w = scope_alloc(s, sizeof *w);
    w->folder = scope_print(s, "%s/below", test_folder(s));
    w->server = server_open(s, n, answers);
    w->url = scope_print(s, "http://127.0.0.1:%d/a?key=topsecret", w->server->port);
    return w;
}

static bool
fetch(struct scope *s, struct world *w, const char *etag)
{
    const struct download d = {
        .url = w->url,
        .folder = w->folder,
        .etag = etag,
        .limits = {.size_bytes = 100, .n_tries = 3, .pause_ms = 1},
    };
    return download_get(s, &d, &w->got);
}

// One fetch with a single try, which its own scope ends, as a process that dies would.
static bool
fetch_once(struct world *w)
{
    struct scope one = {0};
    const struct download d = {.url = w->url, .folder = w->folder, .limits = {.n_tries = 1}};
    const bool ok = download_get(&one, &d, &w->got);
    w->got.type = w->got.etag = "";
    scope_close(&one);
    return ok;
}

static const char *
body(struct scope *s, const struct world *w)
{
    struct str text;
    CHECK(file_read_fd(s, w->got.fd, 1000, &text));
    return text.at;
}

static size_t
files_in(const char *folder)
{
    char pattern[200];
    glob_t found = {0};
    snprintf(pattern, sizeof pattern, "%s/*", folder);
    const size_t n = glob(pattern, 0, NULL, &found) == 0 ? found.gl_pathc : 0;
    globfree(&found);
    return n;
}

TEST(download_goes_on_after_a_cut_with_the_bytes_that_are_missing)
{
    static const char *const answers[] = {FIRST "0123", REST "456789"};
    struct world *w = world_open(s, 2, answers);

    CHECK(fetch(s, w, NULL));

    CHECK_TEXT(body(s, w), "0123456789");
    CHECK(strstr(w->server->asked[0], "Range:") == NULL);
    CHECK(strstr(w->server->asked[1], "\r\nRange: bytes=4-\r\n") != NULL);
    CHECK(strstr(w->server->asked[1], "\r\nIf-Range: \"one\"\r\n") != NULL);
    CHECK(w->got.status == 200 && w->got.size_bytes == 10 && w->got.come_bytes == 10);
    CHECK_TEXT(w->got.etag, "\"one\"");
}

TEST(download_goes_on_with_what_an_earlier_run_has_left)
{
    static const char *const answers[] = {FIRST "0123", REST "456789"};
    struct world *w = world_open(s, 2, answers);
    CHECK(!fetch_once(w));

    CHECK(fetch(s, w, NULL));

    CHECK_TEXT(body(s, w), "0123456789");
    CHECK(w->got.kept_bytes == 4 && w->got.come_bytes == 6);
}

TEST(download_goes_on_by_a_date_where_there_is_no_etag)
{
    static const char *const answers[] = {
        "HTTP/1.1 200 OK\r\nLast-Modified: Sat, 14 Nov 2020 10:00:00 GMT\r\nContent-Length: 10\r\n"
        "\r\n0123",
        "HTTP/1.1 206 Partial Content\r\nLast-Modified: Sat, 14 Nov 2020 10:00:00 GMT\r\n"
        "Content-Length: 6\r\nContent-Range: bytes 4-9/10\r\n\r\n456789"};
    struct world *w = world_open(s, 2, answers);

    CHECK(fetch(s, w, NULL));

    CHECK_TEXT(body(s, w), "0123456789");
    CHECK(strstr(w->server->asked[1], "\r\nIf-Range: Sat, 14 Nov 2020 10:00:00 GMT\r\n") != NULL);
    CHECK_TEXT(w->got.etag, "Sat, 14 Nov 2020 10:00:00 GMT");
}

TEST(download_begins_anew_where_no_version_is_named)
{
    static const char *const cases[][2] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123", ""},
        {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nETag: W/\"one\"\r\n\r\n0123", "W/\"one\""},
    };
    for (size_t i = 0; i < 2; i++) {
        const char *const answers[] = {
            cases[i][0],
            i == 0 ? "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nnew"
                   : "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nETag: W/\"one\"\r\n\r\nnew"};
        struct world *w = world_open(s, 2, answers);

        CHECK(fetch(s, w, NULL));

        CHECK_TEXT(body(s, w), "new");
        CHECK(strstr(w->server->asked[1], "Range:") == NULL);
        CHECK_TEXT(w->got.etag, cases[i][1]);
    }
}

TEST(download_begins_anew_when_the_version_has_changed)
{
    static const char *const answers[] = {
        FIRST "0123", "HTTP/1.1 200 OK\r\nETag: \"two\"\r\nContent-Length: 3\r\n\r\nnew"};
    struct world *w = world_open(s, 2, answers);

    CHECK(fetch(s, w, NULL));

    CHECK_TEXT(body(s, w), "new");
    CHECK_TEXT(w->got.etag, "\"two\"");
    CHECK(w->got.size_bytes == 3);
}

TEST(download_copes_with_a_server_that_knows_no_ranges)
{
    static const char *const answers[] = {FIRST "0123", FIRST "0123456789"};
    struct world *w = world_open(s, 2, answers);

    CHECK(fetch(s, w, NULL));

    CHECK_TEXT(body(s, w), "0123456789");
    CHECK(w->got.come_bytes == 14);
}

TEST(download_does_not_mix_parts_of_two_versions)
{
    static const char *const wrong[] = {
        // Another version's rest, which If-Range should have prevented.
        "HTTP/1.1 206 Partial Content\r\nETag: \"two\"\r\nContent-Length: 6\r\n"
        "Content-Range: bytes 4-9/10\r\n\r\nxxxxxx",
        // Another place, another length, no place.
        "HTTP/1.1 206 Partial Content\r\nETag: \"one\"\r\nContent-Range: bytes 5-9/10\r\n\r\nxxxxx",
        "HTTP/1.1 206 Partial Content\r\nETag: \"one\"\r\nContent-Range: bytes "
        "4-9/11\r\n\r\nxxxxxx",
        "HTTP/1.1 206 Partial Content\r\nETag: \"one\"\r\n\r\nxxxxxx",
        "HTTP/1.1 416 No\r\nContent-Range: bytes */3\r\nContent-Length: 0\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const char *const answers[] = {FIRST "0123", wrong[i], FIRST "abcdefghij"};
        struct world *w = world_open(s, 3, answers);

        CHECK(fetch(s, w, NULL));

        CHECK_TEXT(body(s, w), "abcdefghij");
        CHECK(strstr(w->server->asked[2], "Range:") == NULL);
    }
}

TEST(download_of_what_one_has_brings_nothing)
{
    static const char *const answers[] = {"HTTP/1.1 304 Not Modified\r\nETag: \"one\"\r\n\r\n",
                                          "HTTP/1.1 304 Not Modified\r\n\r\n"};
    struct world *w = world_open(s, 2, answers);

    CHECK(fetch(s, w, "\"one\""));
    CHECK(w->got.status == 304 && w->got.fd == -1 && w->got.come_bytes == 0);
    CHECK(strstr(w->server->asked[0], "\r\nIf-None-Match: \"one\"\r\n") != NULL);
    CHECK(files_in(w->folder) == 0);

    CHECK(fetch(s, w, "Sat, 14 Nov 2020 10:00:00 GMT"));
    CHECK(w->got.status == 304);
    CHECK(strstr(w->server->asked[1], "\r\nIf-Modified-Since: Sat, 14 Nov 2020 10:00:00 GMT\r\n") !=
          NULL);
}

TEST(download_that_is_whole_is_not_sent_again)
{
    static const char *const answers[] = {FIRST "0123456789",
                                          "HTTP/1.1 304 Not Modified\r\nETag: \"one\"\r\n\r\n"};
    struct world *w = world_open(s, 2, answers);
    CHECK(fetch_once(w));

    CHECK(fetch(s, w, NULL));

    CHECK_TEXT(body(s, w), "0123456789");
    CHECK(w->got.status == 200 && w->got.kept_bytes == 10 && w->got.come_bytes == 0);
    CHECK_TEXT(w->got.etag, "\"one\"");
}

TEST(download_that_is_forgotten_leaves_nothing)
{
    static const char *const answers[] = {FIRST "0123456789"};
    struct world *w = world_open(s, 1, answers);
    CHECK(fetch(s, w, NULL));
    CHECK(files_in(w->folder) == 2);

    CHECK(download_forget(s, w->folder, w->url) && download_forget(s, w->folder, w->url));

    CHECK(files_in(w->folder) == 0);
}

TEST(download_tells_what_is_not_there)
{
    static const char *const answers[] = {
        "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone"};
    struct world *w = world_open(s, 1, answers);

    CHECK(fetch(s, w, NULL));

    CHECK(w->got.status == 404 && w->got.fd == -1 && files_in(w->folder) == 0);
}

TEST(download_counts_only_tries_that_bring_nothing)
{
    static const char *const answers[] = {FIRST "01",
                                          "HTTP/1.1 206 P\r\nETag: \"one\"\r\nContent-Range: bytes "
                                          "2-9/10\r\nContent-Length: 8\r\n\r\n23",
                                          "HTTP/1.1 206 P\r\nETag: \"one\"\r\nContent-Range: bytes "
                                          "4-9/10\r\nContent-Length: 6\r\n\r\n45",
                                          "HTTP/1.1 206 P\r\nETag: \"one\"\r\nContent-Range: bytes "
                                          "6-9/10\r\nContent-Length: 4\r\n\r\n67",
                                          "HTTP/1.1 206 P\r\nETag: \"one\"\r\nContent-Range: bytes "
                                          "8-9/10\r\nContent-Length: 2\r\n\r\n89"};
    static const char *const silent[] = {FIRST "01", "", "", "", "HTTP/1.1 200 OK\r\n\r\n"};
    struct world *w = world_open(s, 5, answers);

    CHECK(fetch(s, w, NULL));
    CHECK_TEXT(body(s, w), "0123456789");

    w = world_open(s, 5, silent);
    CHECK(!fetch(s, w, NULL));
    CHECK(s->kind == ERROR_UNAVAILABLE && w->server->n_asked == 4);
    CHECK(strstr(s->message, "topsecret") == NULL && strstr(s->message, "key=redacted") != NULL);
}

TEST(download_refuses_what_is_too_large)
{
    static const char *const answers[] = {"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" HOLD};
    static const char *const parts[] = {
        "HTTP/1.1 200 OK\r\nETag: \"one\"\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n0123\r\n",
        "HTTP/1.1 206 P\r\nETag: \"one\"\r\nContent-Range: bytes 4-1003/1004\r\n"
        "Content-Length: 99\r\n\r\n4" HOLD};
    struct world *w = world_open(s, 1, answers);

    CHECK(!fetch(s, w, NULL));
    CHECK(s->kind == ERROR_LIMIT);
    scope_forgive(s);

    w = world_open(s, 2, parts);
    CHECK(!fetch(s, w, NULL));
    CHECK(s->kind == ERROR_LIMIT);
}

TEST(download_by_two_processes_is_refused_to_the_second)
{
    static const char *const answers[] = {FIRST "0123456789"};
    struct world *w = world_open(s, 1, answers);
    CHECK(fetch(s, w, NULL)); // and keeps its lock until the scope closes

    const pid_t child = fork();
    if (child == 0) {
        struct scope own = {0};
        _exit(!fetch(&own, w, NULL) && own.kind == ERROR_CONFLICT ? 0 : 1);
    }
    int status = 1;
    CHECK(waitpid(child, &status, 0) == child && status == 0);
}

TEST(download_ignores_a_damaged_note)
{
    static const char *const answers[] = {FIRST "0123", FIRST "0123456789"};
    struct world *w = world_open(s, 2, answers);
    glob_t found = {0};
    CHECK(!fetch_once(w));
    CHECK(glob(scope_print(s, "%s/*.note", w->folder), 0, NULL, &found) == 0);
    CHECK(truncate(found.gl_pathv[0], 7) == 0);
    globfree(&found);

    CHECK(fetch(s, w, NULL));

    CHECK_TEXT(body(s, w), "0123456789");
    CHECK(strstr(w->server->asked[1], "Range:") == NULL);
}

static void
moved_note(void *context, int64_t done_bytes, int64_t total_bytes)
{
    int64_t *last = context;
    last[0] = done_bytes;
    last[1] = total_bytes;
}

TEST(download_tells_how_far_it_is)
{
    static const char *const answers[] = {FIRST "0123", REST "456789"};
    struct world *w = world_open(s, 2, answers);
    int64_t last[2] = {0};
    const struct download d = {
        .url = w->url,
        .folder = w->folder,
        .limits = {.pause_ms = 1},
        .moved = moved_note,
        .context = last,
    };

    CHECK(download_get(s, &d, &w->got));

    CHECK(last[0] == 10 && last[1] == 10);
}

TEST(download_gives_up_where_the_same_bytes_come_again_and_again)
{
    static const char *const answers[] = {FIRST "0123", FIRST "0123", FIRST "01", FIRST "0123"};
    struct world *w = world_open(s, 4, answers);

    CHECK(!fetch(s, w, NULL));

    CHECK(s->kind == ERROR_UNAVAILABLE);
    CHECK(w->server->n_asked == 4); // one that brought something, and three in vain
}
