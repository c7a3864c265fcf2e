#include "cli/progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/time.h"

#define BAR_CELLS 24
#define DRAW_S 0.1

struct progress {
    const char *what, *unit;
    int64_t total, done;
    double began_s, drawn_s;
    bool is_drawn; // there is a bar on the terminal's last line
    bool is_shown; // standard error is a terminal
    char note[64];
};

static void
bar_add(struct buf *line, const struct progress *p)
{
    const int full = (int)(BAR_CELLS * (double)p->done / (double)p->total);
    buf_char(line, '[');
    for (int i = 0; i < BAR_CELLS; i++)
        buf_char(line, i < full ? '#' : '.');
    buf_print(line, "] %3d%% ", (int)(100 * (double)p->done / (double)p->total));
}

static void
draw(struct progress *p, double now_s)
{
    struct scope scope = {0};
    struct buf line = buf_open(&scope, 256);
    const double spent_s = now_s - p->began_s;
    const double rate = spent_s > 0 ? (double)p->done / spent_s : 0;

    buf_print(&line, "\r%s ", p->what);
    if (p->total > 0)
        bar_add(&line, p);
    buf_print(&line, "%lld %s", (long long)p->done, p->unit);
    if (rate > 0)
        buf_print(&line, ", %.*f/s", rate < 10, rate);
    if (rate > 0 && p->done < p->total)
        buf_print(&line, ", %.0f s left", (double)(p->total - p->done) / rate);
    if (p->note[0] != '\0')
        buf_print(&line, "  %s", p->note);
    buf_text(&line, "\x1b[K"); // clears what a longer line left
    fwrite(line.text, 1, line.n, stderr);
    fflush(stderr);
    p->drawn_s = now_s;
    p->is_drawn = true;
    scope_close(&scope);
}

static void
progress_close(void *thing)
{
    struct progress *p = thing;
    if (p->is_drawn)
        fputs("\r\x1b[K", stderr);
    p->is_drawn = false;
}

struct progress *
progress_open(struct scope *s, const char *what, int64_t total, const char *unit, bool is_quiet)
{
    struct progress *p = scope_alloc(s, sizeof *p);
    *p = (struct progress){.what = scope_copy(s, what),
                           .unit = scope_copy(s, unit),
                           .total = total,
                           .is_shown = !is_quiet && isatty(STDERR_FILENO) == 1,
                           .began_s = time_monotonic_s()};
    scope_defer(s, progress_close, p);
    return p;
}

void
progress_move(struct progress *p, int64_t done, const char *note)
{
    p->done = p->total > 0 && done > p->total ? p->total : done;
    if (!p->is_shown)
        return;
    if (note != NULL)
        snprintf(p->note, sizeof p->note, "%s", note);
    const double now_s = time_monotonic_s();
    if (now_s - p->drawn_s >= DRAW_S)
        draw(p, now_s);
}

void
progress_finish(struct progress *p)
{
    if (!p->is_shown)
        return;
    if (p->total > 0)
        p->done = p->total;
    draw(p, time_monotonic_s());
    fputc('\n', stderr);
    p->is_drawn = false;
}
