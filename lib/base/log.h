// base/log.h: one line per event on standard error.
//
// A line is "2026-11-21T05:00:00Z info ingest.finished rows=51234 wait_ms=87": a time, a level,
// an event named noun.past_verb, and pairs. The environment's LOG_LEVEL (error, warn, info, debug;
// info by default) decides which levels are written.
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

// Writes one line if its level is wanted. Line ends inside the text become spaces.
void log_line(enum log_level level, const char *event, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define log_error(...) log_line(LOG_ERROR, __VA_ARGS__) // wakes someone
#define log_warn(...) log_line(LOG_WARN, __VA_ARGS__)   // is read tomorrow
#define log_info(...) log_line(LOG_INFO, __VA_ARGS__)   // tells the story
#define log_debug(...) log_line(LOG_DEBUG, __VA_ARGS__) // is off

#endif
