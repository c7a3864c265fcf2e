#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"

static const char *const names[] = {"error", "warn", "info", "debug"};

static enum log_level
wanted(void)
{
    const char *level = getenv("LOG_LEVEL");
    for (unsigned i = 0; level != NULL && i < sizeof names / sizeof *names; i++)
        if (strcmp(level, names[i]) == 0)
            return (enum log_level)i;
    return LOG_INFO;
}

void
log_line(enum log_level level, const char *event, const char *format, ...)
{
    if (level > wanted())
        return;
    char pairs[1024], when[TIME_TEXT];
    va_list args;
    va_start(args, format);
    vsnprintf(pairs, sizeof pairs, format, args);
    va_end(args);
    for (char *c = pairs; *c != '\0'; c++)
        if ((unsigned char)*c < ' ')
            *c = ' ';
    fprintf(stderr, "%s %s %s %s\n", time_format(time_now(), when), names[level], event, pairs);
}
