// base/time.h: days, times and the only clock.
//
// A time is UTC seconds since 1970 in an int64_t. A day is a calendar day in the station's local
// standard time, which AQS keeps all year. Jobs take "now" as a parameter (--as-of); only their
// main asks time_now for its default.
#ifndef BASE_TIME_H
#define BASE_TIME_H

#include <stdint.h>

#include "base/scope.h"

struct day {
    int32_t n; // days since 1970-01-01, proleptic Gregorian
};

#define DAY_TEXT 11  // "2009-12-31" and its end
#define TIME_TEXT 21 // "2009-12-31T06:00:00Z" and its end

// Builds a day from its calendar parts, and takes one apart.
//
//   source  Hinnant, "chrono-Compatible Low-Level Date Algorithms"
struct day day_from(int year, int month, int day_of_month);
void day_parts(struct day d, int *year, int *month, int *day_of_month);

// The day that lies `n_days` later (or earlier, if negative).
struct day day_add(struct day d, int n_days);

int day_year(struct day d);
int day_of_year(struct day d); // 1 .. 366
int day_of_week(struct day d); // 0 Monday .. 6 Sunday

// Reads "YYYY-MM-DD" or "YYYYMMDD", n bytes of it; days that do not exist are refused.
bool day_read(const char *text, size_t n, struct day *out);

// The same for a whole text.
//
//   errors  INPUT when it is not a day; the message quotes it
bool day_parse(struct scope *s, const char *text, struct day *out) MUST_CHECK;

// Writes "YYYY-MM-DD". Returns `out`.
char *day_format(struct day d, char out[DAY_TEXT]);

// The wall clock, in seconds and in milliseconds. Nothing else in the house asks it.
int64_t time_now(void);
int64_t time_now_ms(void);

// Seconds and microseconds since some start, for durations and rates; never goes back.
double time_monotonic_s(void);

// The UTC day of a time, and a day's first second.
struct day time_day(int64_t t);
int64_t time_of_day(struct day d);

// Reads "now", "YYYY-MM-DD" (its last second, so that the day is over) or "YYYY-MM-DDTHH:MM:SSZ".
//
//   errors  INPUT when it is none of these
bool time_parse(struct scope *s, const char *text, int64_t *out) MUST_CHECK;

// Writes "YYYY-MM-DDTHH:MM:SSZ". Returns `out`.
char *time_format(int64_t t, char out[TIME_TEXT]);

#endif
