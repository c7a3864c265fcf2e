// cli/progress.h: a bar on standard error for long work; nothing unless it is a terminal.
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdint.h>

#include "base/scope.h"

struct progress;

// Begins a bar: `what` is a few words, `total` is in `unit` ("rows", "days", "MB"), 0 if unknown.
// Rate and time left are worked out. The bar goes away when the scope closes.
struct progress *progress_open(struct scope *s, const char *what, int64_t total, const char *unit,
                               bool is_quiet);

// Moves it to `done`, with a short note behind it ("best RMSE 6.94") or NULL. Cheap: draws at most
// ten times a second.
void progress_move(struct progress *p, int64_t done, const char *note);

// Fills it and ends its line.
void progress_finish(struct progress *p);

#endif
