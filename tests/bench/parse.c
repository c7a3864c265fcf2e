// tests/bench/parse.c: how fast CSV is read on one core, against a memchr walk of the same file.
//
// Each way reads the file from the page cache in pieces, in turns; processor seconds count, so that
// other programs on the machine matter little, and the best round of each.
// usage: parse ROUNDS FILE
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "aqs/record.h"
#include "text/csv.h"

#define PIECE_BYTES ((size_t)128 * 1024) // as the reader's own

struct count {
    long lines, fields;
    double sum; // so that nothing can be left out
};

static double
cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool
piece_fill(__attribute__((unused)) struct scope *s, void *context, char *to, size_t room_bytes,
           size_t *n)
{
    const ssize_t got = read(*(const int *)context, to, room_bytes);
    *n = got < 0 ? 0 : (size_t)got;
    return got >= 0;
}

static bool
walk(__attribute__((unused)) struct scope *s, int fd, struct count *count)
{
    static char piece[PIECE_BYTES];
    for (ssize_t n; (n = read(fd, piece, sizeof piece)) > 0;)
        for (const char *at = piece, *end = piece + n;
             (at = memchr(at, '\n', (size_t)(end - at))) != NULL; at++)
            count->lines++;
    return true;
}

static bool
split(struct scope *s, int fd, struct count *count)
{
    const struct csv_record *r;
    struct csv *csv = csv_open(s, piece_fill, &fd, TABLE_LINE_BYTES);
    while (csv_next(s, csv, &r)) {
        if (r == NULL)
            return true;
        count->lines++;
        count->fields += (long)r->n;
    }
    return false;
}

static bool
judge(struct scope *s, int fd, struct count *count)
{
    char reason[RECORD_REASON_BYTES];
    struct rules rules = {.last = day_from(RECORD_LAST_YEAR, 12, 31)};
    struct record record;
    const struct line *line;
    enum skip skip;
    struct table *table = table_open(s, fd, 0);
    static const int parameters[] = {88101, 88502, 81102};
    for (size_t i = 0; i < 3; i++) {
        rules.parameters[i].parameter = parameters[i];
        rules.parameters[i].floor = -10;
        rules.parameters[i].ceiling = 10000;
    }
    rules.n_parameters = 3;
    while (table != NULL && table_next(s, table, &line)) {
        if (line == NULL)
            return true;
        count->lines++;
        if (record_read(&rules, table, line, &record, &skip, reason) != RECORD_KEPT)
            continue;
        count->fields++;
        count->sum += record.value;
    }
    return false;
}

static const struct {
    const char *name;
    bool (*run)(struct scope *s, int fd, struct count *count);
} ways[] = {
    {"memchr: lines found", walk},
    {"lib/text/csv: all fields of all lines", split},
    {"lib/aqs: those, and the rules of each line", judge},
};
#define N_WAYS (sizeof ways / sizeof ways[0])

int
main(int argc, char **argv)
{
    const int fd = argc == 3 ? open(argv[2], O_RDONLY) : -1;
    double best_s[N_WAYS];
    struct count count[N_WAYS];
    const double mb = (double)lseek(fd, 0, SEEK_END) / 1e6;
    if (fd < 0)
        return 64;
    for (int round = 0; round < atoi(argv[1]); round++)
        for (size_t i = 0; i < N_WAYS; i++) {
            struct scope s = {0};
            count[i] = (struct count){0};
            lseek(fd, 0, SEEK_SET);
            const double from_s = cpu_s();
            if (!ways[i].run(&s, fd, &count[i])) {
                fprintf(stderr, "parse: %s\n", s.message);
                return 70;
            }
            const double took_s = cpu_s() - from_s;
            best_s[i] = round == 0 || took_s < best_s[i] ? took_s : best_s[i];
            scope_close(&s);
        }
    for (size_t i = 0; i < N_WAYS; i++)
        printf("  %-44s %6.0f MB/s, %.2f of memchr's\n", ways[i].name, mb / best_s[i],
               best_s[0] / best_s[i]);
    printf("  (%.0f MB, %ld lines, %ld fields, %ld values of mean %.3f)\n", mb, count[1].lines,
           count[1].fields, count[2].fields, count[2].sum / (double)count[2].fields);
    return mb / best_s[1] >= 600 && mb / best_s[2] >= 600 ? 0 : 69;
}
