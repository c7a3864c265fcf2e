#include "site/chart.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "site/site.sql.h"

#define DRAWING_MOST_MS 60000
#define SVG_LIMIT_BYTES (1u << 20)
#define WORDS_MOST_BYTES 4096

struct drawing {
    struct site *site;
    const char *folder; // temporary, ours alone
    struct buf script;
    size_t n;           // charts; the i-th reads <i>.dat and writes <i>.svg
    const char **paths; // below the site's folder
    const char **titles;
};

bool
chart_is_drawn(const struct station *station)
{
    return station->n_points > 1;
}

static void
put_number(struct buf *b, double x)
{
    if (isfinite(x))
        buf_print(b, " %.6g", x);
    else
        buf_text(b, " NaN");
}

// Gives one chart its data and its line in the script.
static bool
chart_add(struct drawing *d, const char *script, const char *path, const char *title,
          const struct buf *data)
{
    struct scope *s = d->site->s;
    const size_t i = d->n++;
    d->paths[i] = path;
    d->titles[i] = title;
    buf_print(&d->script, "data = \"%zu.dat\"\nset output \"%zu.svg\"\nload \"%s\"\n", i, i,
              script);
    struct str bytes = {data->text, data->n};
    const char *file = scope_print(s, "%s/%zu.dat", d->folder, i);
    int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail(s, ERROR_UNAVAILABLE, "could not write \"%s\": %s", file, strerror(errno));
    const bool ok = file_put(s, fd, bytes.at, bytes.n);
    close(fd);
    return ok;
}

// Rows without a gap in days, so that a missing day breaks the line.
static bool
station_add(struct drawing *d, const struct station *t)
{
    struct scope *s = d->site->s;
    struct buf data = buf_open(s, 16384);
    int at = 0;
    for (size_t i = 0; i < t->n_points; i++) {
        const struct point *p = &t->points[i];
        if (at != 0 && p->at > at + 1)
            buf_char(&data, '\n'); // a blank line breaks the curves
        at = p->at;
        buf_text(&data, p->day);
        put_number(&data, p->truth);
        put_number(&data, p->value);
        put_number(&data, p->lower);
        put_number(&data, p->upper);
        buf_char(&data, '\n');
    }
    buf_print(&d->script, "n_days = %d\n", at - t->points[0].at + 1);
    return chart_add(d, "station.gp", scope_print(s, "chart/station-%s.svg", t->slug),
                     scope_print(s, "Observed and predicted at %s", t->name), &data);
}

static bool
accuracy_add(struct drawing *d, const char *model)
{
    struct scope *s = d->site->s;
    const struct rows *r = DB_QUERY(s, d->site->db, &sql_site_accuracy_days, model, d->site->as_of);
    if (r == NULL)
        return false;
    if (rows_count(r) < 2)
        return true;
    if (strcmp(model, d->site->subject.model) == 0)
        d->site->has_accuracy_chart = true;
    const struct rows *v = DB_QUERY(s, d->site->db, &sql_site_version_days, model, d->site->as_of);
    if (v == NULL)
        return false;
    struct buf data = buf_open(s, 16384);
    double top = 0;
    for (size_t i = 0; i < rows_count(r); i++) {
        const double rmse = rows_number(r, i, "rmse"),
                     other = rows_number(r, i, "persistence_rmse");
        top = fmax(top, fmax(rmse, other));
        buf_text(&data, rows_text(r, i, "day"));
        put_number(&data, rmse);
        put_number(&data, other);
        buf_char(&data, '\n');
    }
    buf_print(&d->script, "top = %.6g\nn_days = %zu\n", top * 1.08, rows_count(r));
    buf_text(&data, "\n\n"); // second block: when versions changed
    for (size_t i = 0; i < rows_count(v); i++)
        if (strcmp(rows_text(v, i, "day"), rows_text(r, 0, "day")) >= 0)
            buf_print(&data, "%s 0\n", rows_text(v, i, "day"));
    buf_print(&data, "%s NaN\n", rows_text(r, 0, "day"));
    return chart_add(d, "accuracy.gp", scope_print(s, "chart/accuracy-%s.svg", page_slug(s, model)),
                     "Error of the forecasts over the last 30 days, against persistence", &data);
}

static bool
network_add(struct drawing *d)
{
    struct scope *s = d->site->s;
    const struct rows *r = DB_QUERY(s, d->site->db, &sql_site_network_days,
                                    db_int(s, d->site->subject.parameter), d->site->as_of);
    if (r == NULL)
        return false;
    if (rows_count(r) < 2)
        return true;
    d->site->has_network_chart = true;
    struct buf data = buf_open(s, 16384);
    for (size_t i = 0; i < rows_count(r); i++) {
        buf_text(&data, rows_text(r, i, "day"));
        put_number(&data, rows_number(r, i, "n"));
        put_number(&data, rows_number(r, i, "median"));
        put_number(&data, rows_number(r, i, "high"));
        buf_char(&data, '\n');
    }
    buf_print(&d->script, "n_days = %zu\n", rows_count(r));
    return chart_add(d, "network.gp", "chart/network.svg", "Stations that reported each day",
                     &data);
}

// Reads what gnuplot says until it closes its standard error or the time is up.
static bool
words_read(int fd, char *words, size_t room, double until_s)
{
    size_t n = 0;
    for (;;) {
        char piece[512];
        const double left_s = until_s - time_monotonic_s();
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (left_s <= 0 || (poll(&p, 1, (int)(left_s * 1000) + 1) < 0 && errno != EINTR))
            return false;
        if (p.revents == 0)
            continue;
        const ssize_t got = read(fd, piece, sizeof piece);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return true;
        for (ssize_t i = 0; i < got && n + 1 < room; i++)
            words[n++] = piece[i] == '\n' ? ' ' : piece[i];
        words[n] = '\0';
    }
}

static void
gnuplot_become(const char *program, const char *folder, int words_fd)
{
    const int nothing = open("/dev/null", O_RDWR);
    if (nothing >= 0 && chdir(folder) == 0 && dup2(nothing, 0) == 0 && dup2(nothing, 1) == 1 &&
        dup2(words_fd, 2) == 2) {
        execlp(program, program, "-d", "main.gp", (char *)NULL);
        dprintf(2, "could not start it: %s", strerror(errno));
    }
    _exit(127);
}

static bool
gnuplot_run(struct scope *s, const char *program, const char *folder)
{
    int ends[2], status = 0;
    char words[WORDS_MOST_BYTES] = "";
    if (pipe(ends) != 0)
        return fail(s, ERROR_UNAVAILABLE, "could not make a pipe: %s", strerror(errno));
    const pid_t child = fork();
    if (child == 0)
        gnuplot_become(program, folder, ends[1]);
    close(ends[1]);
    const bool is_done = child > 0 && words_read(ends[0], words, sizeof words,
                                                 time_monotonic_s() + DRAWING_MOST_MS / 1e3);
    close(ends[0]);
    if (child < 0)
        return fail(s, ERROR_UNAVAILABLE, "could not start gnuplot: %s", strerror(errno));
    if (!is_done)
        kill(child, SIGKILL);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (!is_done)
        return fail(s, ERROR_LIMIT, "gnuplot took more than %d s", DRAWING_MOST_MS / 1000);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return fail(s, ERROR_UNAVAILABLE, "gnuplot (\"%s\") failed: %.300s", program, words);
    return true;
}

// Gives a drawn chart its title and the colours of the dark, and moves it to the site.
static bool
chart_publish(struct drawing *d, size_t i)
{
    struct scope *s = d->site->s;
    struct str svg;
    if (!file_read(s, scope_print(s, "%s/%zu.svg", d->folder, i), SVG_LIMIT_BYTES, &svg))
        return explain(s, "could not take gnuplot's chart \"%s\"", d->paths[i]);
    const char *from = strstr(svg.at, "<title>");
    const char *to = strstr(svg.at, "<g id=\"gnuplot_canvas\">");
    if (from == NULL || to == NULL || to < from)
        return fail(s, ERROR_UNAVAILABLE, "gnuplot drew \"%s\" in a form we do not know",
                    d->paths[i]);
    struct slots *v = slots_open(s);
    struct buf out = buf_open(s, svg.n + 1024);
    slots_text(v, "title", d->titles[i]);
    slots_html(v, "style", asset_text("chart.css"));
    buf_add(&out, svg.at, (size_t)(from - svg.at));
    if (!template_fill(s, "chart.svg", asset_text("chart.svg"), v, &out))
        return false;
    buf_text(&out, to);
    d->site->summary->n_charts++;
    return page_put(d->site, d->paths[i], (struct str){out.text, out.n});
}

static void
folder_remove(void *thing)
{
    const struct drawing *d = thing;
    struct scope s = {0};
    static const char *const scripts[] = {"main.gp", "common.gp", "station.gp", "accuracy.gp",
                                          "network.gp"};
    for (size_t i = 0; i < d->n; i++) {
        unlink(scope_print(&s, "%s/%zu.dat", d->folder, i));
        unlink(scope_print(&s, "%s/%zu.svg", d->folder, i));
    }
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
        unlink(scope_print(&s, "%s/%s", d->folder, scripts[i]));
    rmdir(d->folder);
    scope_close(&s);
}

static bool
scripts_write(struct drawing *d)
{
    static const char *const scripts[] = {"common.gp", "station.gp", "accuracy.gp", "network.gp"};
    struct scope *s = d->site->s;
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        const char *text = asset_text(scripts[i]);
        if (!file_write(s, scope_print(s, "%s/%s", d->folder, scripts[i]),
                        (struct str){text, strlen(text)}, 0600))
            return false;
    }
    return file_write(s, scope_print(s, "%s/main.gp", d->folder),
                      (struct str){d->script.text, d->script.n}, 0600);
}

bool
charts_draw(struct site *site)
{
    struct scope *s = site->s;
    const size_t most = site->n_stations + rows_count(site->models) + 1;
    struct drawing *d = scope_alloc(s, sizeof *d);
    char *folder = scope_print(s, "%s/charts.XXXXXX", site->request->temporary);
    if (!file_make_folders(s, site->request->temporary))
        return false;
    if (mkdtemp(folder) == NULL)
        return fail(s, ERROR_UNAVAILABLE, "could not make folder \"%s\": %s", folder,
                    strerror(errno));
    *d = (struct drawing){.site = site,
                          .folder = folder,
                          .script = buf_open(s, 4096),
                          .paths = scope_array(s, most, sizeof *d->paths),
                          .titles = scope_array(s, most, sizeof *d->titles)};
    scope_defer(s, folder_remove, d);
    buf_print(&d->script, "load \"common.gp\"\nband = \"%.0f %% band\"\n",
              100 * site->subject.coverage);
    for (size_t i = 0; i < site->n_stations; i++)
        if (chart_is_drawn(&site->stations[i]) && !station_add(d, &site->stations[i]))
            return false;
    for (size_t i = 0; i < rows_count(site->models); i++)
        if (!accuracy_add(d, rows_text(site->models, i, "model")))
            return false;
    if (!network_add(d) || d->n == 0)
        return s->kind == ERROR_NONE;
    if (!scripts_write(d) || !gnuplot_run(s, site->request->gnuplot, folder))
        return false;
    for (size_t i = 0; i < d->n; i++)
        if (!chart_publish(d, i))
            return false;
    return true;
}
