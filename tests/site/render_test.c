#include "site/render.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"

#include "db.h"
#include "folder.h"

#define AS_OF 1262303999 // 2009-12-31T23:59:59Z

static struct render_request
request_new(struct scope *s)
{
    return (struct render_request){.folder = test_folder(s),
                                   .temporary = test_folder(s),
                                   .gnuplot = "gnuplot",
                                   .as_of = AS_OF};
}

static void
fixture_load(struct scope *s, struct db *db)
{
    struct str sql;
    CHECK(file_read(s, "tests/site/fixture.sql", 1 << 20, &sql));
    CHECK(db_script(s, db, sql.at));
}

static const char *
page(struct scope *s, const struct render_request *request, const char *path)
{
    struct str text;
    CHECK(file_read(s, scope_print(s, "%s/%s", request->folder, path), 4 << 20, &text));
    return text.at;
}

// The hash of each file's name and bytes, added up so that the folder's order does not count.
static uint64_t
folder_sum(struct scope *s, const char *path, size_t *n_files)
{
    uint64_t sum = 0;
    DIR *folder = opendir(path);
    CHECK(folder != NULL);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        struct str text;
        char hex[HASH_TEXT];
        struct stat what;
        if (entry->d_name[0] == '.')
            continue;
        const char *full = scope_print(s, "%s/%s", path, entry->d_name);
        if (stat(full, &what) == 0 && S_ISDIR(what.st_mode)) {
            sum += folder_sum(s, full, n_files);
            continue;
        }
        CHECK(file_read(s, full, 4 << 20, &text));
        struct buf both = buf_open(s, text.n + 256);
        buf_text(&both, entry->d_name);
        buf_add(&both, text.at, text.n);
        sum += strtoull(scope_copy_n(s, hash_bytes(both.text, both.n, hex), 16), NULL, 16);
        ++*n_files;
    }
    closedir(folder);
    return sum;
}

TEST_DB(render_gives_the_same_bytes_twice)
{
    const struct render_request first = request_new(s), second = request_new(s);
    struct render_summary one, two;
    size_t n_one = 0, n_two = 0;
    fixture_load(s, db);

    CHECK(site_render(s, db, &first, &one));
    CHECK(site_render(s, db, &second, &two));

    CHECK(folder_sum(s, first.folder, &n_one) == folder_sum(s, second.folder, &n_two));
    // 404, home, data, one model, 14 stations; charts of 13, of the model and of the network.
    CHECK(one.n_pages == 18 && two.n_pages == 18);
    CHECK(one.n_charts == 15 && two.n_charts == 15);
    CHECK(n_one == n_two && n_one == 18 + 15 + 3);
}

TEST_DB(render_shows_version_metrics_and_every_forecast)
{
    const struct render_request request = request_new(s);
    struct render_summary done;
    fixture_load(s, db);

    CHECK(site_render(s, db, &request, &done));

    const char *home = page(s, &request, "index.html");
    CHECK(strstr(home, "V1.0.2") != NULL);
    CHECK(strstr(home, "Speaks as of Thu 31 December 2009") != NULL);
    CHECK(strstr(home, "<h1>Air on Fri 1 January 2010</h1>") != NULL);
    CHECK(strstr(home, "6.88") != NULL && strstr(home, "9.88") != NULL);
    CHECK(strstr(home, "<b>69</b> Moderate") != NULL);   // 51 + 49 / 99 * (92 - 55)
    CHECK(strstr(home, "<b>112</b> Unhealthy") != NULL); // 101 + 49 / 99 * (178 - 155)
    for (int i = 1; i <= 12; i++)
        CHECK(strstr(home, scope_print(s, "<tr data-site=\"DEXX%03d\">", i)) != NULL);
    CHECK(strstr(home, "DEOLD01") == NULL);
    CHECK(strstr(page(s, &request, "station/DEOLD01.html"), "No forecast") != NULL);
    CHECK(strstr(page(s, &request, "station/DEOLD01.html"), "50.10° N, 8.10° W") != NULL);
}

TEST_DB(render_escapes_hostile_station_names)
{
    const struct render_request request = request_new(s);
    struct render_summary done;
    fixture_load(s, db);

    CHECK(site_render(s, db, &request, &done));

    const char *slug = "~2e.~2f~3cb~3e~22x~22~26~27";
    const char *home = page(s, &request, "index.html");
    const char *own = page(s, &request, scope_print(s, "station/%s.html", slug));
    const char *data = page(s, &request, "data.html");
    const char *chart = page(s, &request, scope_print(s, "chart/station-%s.svg", slug));
    CHECK(strstr(home, "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;Sons&#39;") !=
          NULL);
    CHECK(strstr(home, "<script>alert") == NULL && strstr(own, "<script>alert") == NULL);
    CHECK(strstr(data, "<img src=x>") == NULL && strstr(data, "&lt;img src=x&gt;") != NULL);
    CHECK(strstr(chart, "<script") == NULL && strstr(chart, "&lt;script&gt;") != NULL);
}

TEST_DB(render_of_an_empty_database_says_what_to_do)
{
    const struct render_request request = request_new(s);
    struct render_summary done;

    CHECK(site_render(s, db, &request, &done));

    CHECK(done.n_pages == 3 && done.n_charts == 0);
    CHECK(strstr(page(s, &request, "index.html"), "No forecast yet") != NULL);
    CHECK(strstr(page(s, &request, "index.html"), "build/airwatch ingest") != NULL);
    CHECK(strstr(page(s, &request, "data.html"), "Nothing was ingested yet") != NULL);
}

TEST_DB(render_removes_pages_of_stations_that_vanished)
{
    const struct render_request request = request_new(s);
    struct render_summary done;
    fixture_load(s, db);
    CHECK(site_render(s, db, &request, &done));
    CHECK(db_script(s, db,
                    "DELETE FROM data.observation WHERE site_id ="
                    " (SELECT site_id FROM data.site WHERE site = 'DEXX005')"));

    CHECK(site_render(s, db, &request, &done));

    const char *gone = scope_print(s, "%s/station/DEXX005.html", request.folder);
    const char *kept = scope_print(s, "%s/station/DEXX006.html", request.folder);
    CHECK(access(gone, F_OK) != 0 && access(kept, F_OK) == 0);
}

TEST_DB(render_without_gnuplot_tells_its_name)
{
    struct render_request request = request_new(s);
    struct render_summary done;
    fixture_load(s, db);
    request.gnuplot = "no-such-gnuplot";

    CHECK_FAILS(site_render(s, db, &request, &done), ERROR_UNAVAILABLE,
                "could not render the site: gnuplot (\"no-such-gnuplot\") failed: could not start "
                "it: No such file or directory");
}

TEST_DB(render_that_gnuplot_breaks_off_gives_gnuplots_words)
{
    struct render_request request = request_new(s);
    struct render_summary done;
    fixture_load(s, db);
    const char *program = scope_print(s, "%s/broken", request.folder);
    const char *text = "#!/bin/sh\necho 'undefined variable: x' >&2\nexit 2\n";
    CHECK(file_write(s, program, (struct str){text, strlen(text)}, 0700));
    request.gnuplot = program;

    CHECK(!site_render(s, db, &request, &done));

    CHECK(s->kind == ERROR_UNAVAILABLE);
    CHECK(strstr(s->message, "undefined variable: x") != NULL);
}
