// source/bar.h: the progress bar of a reading: units, rows and MB/s, and how far a file has come.
#ifndef SOURCE_BAR_H
#define SOURCE_BAR_H

#include "source/tally.h"

struct bar;

// Begins it; nothing is shown but on a terminal.
//
//   owner   the scope
struct bar *bar_open(struct scope *s, const char *source, int64_t n_units, bool is_quiet);

// Moves it to what the tally has now.
void bar_units(struct bar *bar, const struct source_tally *t);

// Tells how far the file in hand has come, its rate and the time left; `bar` is a struct bar. The
// total is 0 where it is not known. A smaller number than before begins another file.
void bar_bytes(void *bar, int64_t done_bytes, int64_t total_bytes);

void bar_finish(struct bar *bar);

#endif
