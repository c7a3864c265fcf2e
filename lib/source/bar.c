#include "source/bar.h"

#include "base/time.h"
#include "cli/progress.h"

struct bar {
    struct progress *progress;
    int64_t n_done;      // units
    double begun_s;      // of the reading
    double file_begun_s; // of the file in hand
    int64_t from_bytes;  // where it stood when it was first heard of
    int64_t file_bytes;  // where it stands
};

struct bar *
bar_open(struct scope *s, const char *source, int64_t n_units, bool is_quiet)
{
    struct bar *bar = scope_alloc(s, sizeof *bar);
    bar->progress = progress_open(s, source, n_units, "units", is_quiet);
    bar->begun_s = time_monotonic_s();
    return bar;
}

void
bar_units(struct bar *bar, const struct source_tally *t)
{
    struct scope one = {0};
    const double seconds = time_monotonic_s() - bar->begun_s;
    bar->n_done = t->n_done + t->n_empty + t->n_failed + t->n_past + t->n_busy;
    bar->file_bytes = 0;
    progress_move(bar->progress, bar->n_done,
                  scope_print(&one, "%lld rows, %.1f MB/s", (long long)t->n_rows,
                              seconds > 0 ? (double)t->n_bytes / 1e6 / seconds : 0));
    scope_close(&one);
}

void
bar_bytes(void *thing, int64_t done_bytes, int64_t total_bytes)
{
    struct bar *bar = thing;
    struct scope one = {0};
    struct buf note = buf_open(&one, 64);
    if (bar->file_bytes == 0 || done_bytes < bar->file_bytes) {
        bar->file_begun_s = time_monotonic_s();
        bar->from_bytes = done_bytes;
    }
    bar->file_bytes = done_bytes;
    const double seconds = time_monotonic_s() - bar->file_begun_s;
    const double rate = seconds > 0 ? (double)(done_bytes - bar->from_bytes) / seconds : 0;
    buf_print(&note, "%.1f", (double)done_bytes / 1e6);
    if (total_bytes > 0)
        buf_print(&note, " of %.1f", (double)total_bytes / 1e6);
    buf_print(&note, " MB, %.1f MB/s", rate / 1e6);
    if (rate > 0 && total_bytes > done_bytes)
        buf_print(&note, ", %.0f s left", (double)(total_bytes - done_bytes) / rate);
    progress_move(bar->progress, bar->n_done, note.text);
    scope_close(&one);
}

void
bar_finish(struct bar *bar)
{
    progress_finish(bar->progress);
}
