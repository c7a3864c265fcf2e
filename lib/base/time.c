#include "base/time.h"

#include <string.h>
#include <time.h>

#define DAY_S 86400

struct day
day_from(int year, int month, int day_of_month)
{
    const int y = month <= 2 ? year - 1 : year;
    const int era = (y >= 0 ? y : y - 399) / 400;
    const int of_era = y - era * 400;
    const int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day_of_month - 1;
    const int day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    return (struct day){era * 146097 + day_of_era - 719468};
}

void
day_parts(struct day d, int *year, int *month, int *day_of_month)
{
    const int z = d.n + 719468;
    const int era = (z >= 0 ? z : z - 146096) / 146097;
    const int of_era = z - era * 146097;
    const int y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const int of_year = of_era - (365 * y + y / 4 - y / 100);
    const int m = (5 * of_year + 2) / 153;

    *day_of_month = of_year - (153 * m + 2) / 5 + 1;
    *month = m < 10 ? m + 3 : m - 9;
    *year = y + era * 400 + (*month <= 2);
}

struct day
day_add(struct day d, int n_days)
{
    return (struct day){d.n + n_days};
}

int
day_year(struct day d)
{
    int year, month, day_of_month;
    day_parts(d, &year, &month, &day_of_month);
    return year;
}

int
day_of_year(struct day d)
{
    return d.n - day_from(day_year(d), 1, 1).n + 1;
}

int
day_of_week(struct day d)
{
    const int w = (d.n + 3) % 7; // 1970-01-01 was a Thursday
    return w < 0 ? w + 7 : w;
}

static bool
digits_read(const char *text, int n, int *out)
{
    int value = 0;
    for (int i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        value = value * 10 + (text[i] - '0');
    }
    *out = value;
    return true;
}

bool
day_read(const char *text, size_t n, struct day *out)
{
    int year, month, day_of_month, y, m, d;
    const bool dashed = n == 10 && text[4] == '-' && text[7] == '-';
    if (!dashed && n != 8)
        return false;
    if (!digits_read(text, 4, &year) || !digits_read(text + (dashed ? 5 : 4), 2, &month) ||
        !digits_read(text + (dashed ? 8 : 6), 2, &day_of_month))
        return false;
    if (month < 1 || month > 12 || day_of_month < 1 || year < 1)
        return false;
    *out = day_from(year, month, day_of_month);
    day_parts(*out, &y, &m, &d);
    return y == year && m == month && d == day_of_month; // 30 February would come back as March
}

bool
day_parse(struct scope *s, const char *text, struct day *out)
{
    if (!day_read(text, strlen(text), out))
        return fail(s, ERROR_INPUT, "\"%.40s\" is not a day, such as 2009-12-31", text);
    return true;
}

static void
digits_write(char *out, int n, int value)
{
    for (int i = n - 1; i >= 0; i--, value /= 10)
        out[i] = (char)('0' + value % 10);
}

char *
day_format(struct day d, char out[DAY_TEXT])
{
    int year, month, day_of_month;
    day_parts(d, &year, &month, &day_of_month);
    digits_write(out, 4, year);
    out[4] = out[7] = '-';
    digits_write(out + 5, 2, month);
    digits_write(out + 8, 2, day_of_month);
    out[10] = '\0';
    return out;
}

int64_t
time_now(void)
{
    return (int64_t)time(NULL);
}

int64_t
time_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

double
time_monotonic_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

struct day
time_day(int64_t t)
{
    return (struct day){(int32_t)(t >= 0 ? t / DAY_S : -((-t + DAY_S - 1) / DAY_S))};
}

int64_t
time_of_day(struct day d)
{
    return (int64_t)d.n * DAY_S;
}

bool
time_parse(struct scope *s, const char *text, int64_t *out)
{
    struct day d;
    int hour, minute, second;
    const size_t n = strlen(text);

    if (strcmp(text, "now") == 0) {
        *out = time_now();
        return true;
    }
    if (n == 10 && day_read(text, n, &d)) {
        *out = time_of_day(d) + DAY_S - 1;
        return true;
    }
    if (n == 20 && day_read(text, 10, &d) && text[10] == 'T' && text[13] == ':' &&
        text[16] == ':' && text[19] == 'Z' && digits_read(text + 11, 2, &hour) &&
        digits_read(text + 14, 2, &minute) && digits_read(text + 17, 2, &second) && hour < 24 &&
        minute < 60 && second < 60) {
        *out = time_of_day(d) + hour * 3600 + minute * 60 + second;
        return true;
    }
    return fail(s, ERROR_INPUT,
                "\"%.40s\" is not a time, such as now, 2009-12-31 or 2009-12-31T06:00:00Z", text);
}

char *
time_format(int64_t t, char out[TIME_TEXT])
{
    const struct day d = time_day(t);
    const int second = (int)(t - time_of_day(d));
    day_format(d, out);
    out[10] = 'T';
    digits_write(out + 11, 2, second / 3600);
    digits_write(out + 14, 2, second / 60 % 60);
    digits_write(out + 17, 2, second % 60);
    out[13] = out[16] = ':';
    out[19] = 'Z';
    out[20] = '\0';
    return out;
}
