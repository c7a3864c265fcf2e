#include "http/counters.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"

#define N_SERIES 2048
#define LAYOUT 0x3130574100000001u // changes when the structs below do
#define N_BOUNDS 13

// Upper bounds of the histogram's buckets in seconds.
static const double bounds[N_BOUNDS] = {.00005, .0001, .00025, .0005, .001, .0025, .005,
                                        .01,    .025,  .05,    .1,    .25,  1};

enum { EMPTY, CLAIMED, READY };

struct counter {
    atomic_uint state;
    uint32_t family;
    char labels[COUNTER_LABELS];
    atomic_uint_least64_t value[N_BOUNDS + 3]; // buckets, +Inf, count of nanoseconds; or one
};

struct counters {
    atomic_uint_least64_t layout;
    struct counter lost; // takes what does not fit
    struct counter series[N_SERIES];
};

#define SUM_AT (N_BOUNDS + 1)

static const struct {
    const char *name, *kind, *help;
} families[] = {
#define COUNTER "counter"
#define HISTOGRAM "histogram"
#define GAUGE "gauge"
#define X(name, kind, help) {"airwatch_" #name, kind, help},
    COUNTER_FAMILIES(X)
#undef X
};

static void
counters_close(void *map)
{
    munmap(map, sizeof(struct counters));
}

// Opens the file at its full size; a file of another layout makes way for a new one.
static int
file_ready(const char *path)
{
    for (int i = 0; i < 2; i++) {
        struct stat st;
        uint64_t layout = 0;
        const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
        if (fd < 0)
            return -1;
        const bool is_ours = fstat(fd, &st) == 0 &&
                             (st.st_size == 0 || st.st_size == (off_t)sizeof(struct counters)) &&
                             pread(fd, &layout, sizeof layout, 0) >= 0 &&
                             (layout == 0 || layout == LAYOUT);
        if (is_ours && ftruncate(fd, (off_t)sizeof(struct counters)) == 0)
            return fd;
        close(fd);
        if (is_ours || unlink(path) != 0)
            return -1;
    }
    errno = EEXIST;
    return -1;
}

struct counters *
counters_open(struct scope *s, const char *path)
{
    const int fd = file_ready(path);
    if (fd < 0)
        return fail_null(s, ERROR_UNAVAILABLE, "could not open \"%s\": %s", path, strerror(errno));
    void *map = mmap(NULL, sizeof(struct counters), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    const int reason = errno;
    close(fd);
    if (map == MAP_FAILED)
        return fail_null(s, ERROR_UNAVAILABLE, "could not map \"%s\": %s", path, strerror(reason));
    scope_defer(s, counters_close, map);
    struct counters *c = map;
    atomic_store(&c->layout, LAYOUT);
    return c;
}

struct counter *
counter_find(struct counters *c, enum counter_family family, const char *labels)
{
    const size_t n = strlen(labels);
    if (n >= COUNTER_LABELS)
        return &c->lost;
    const size_t first = (hash_crc32(0, labels, n) + family * 7919u) % N_SERIES;
    for (size_t i = 0; i < N_SERIES; i++) {
        struct counter *at = &c->series[(first + i) % N_SERIES];
        unsigned state = EMPTY;
        if (atomic_compare_exchange_strong(&at->state, &state, CLAIMED)) {
            at->family = family;
            memcpy(at->labels, labels, n + 1);
            atomic_store(&at->state, READY);
            return at;
        }
        // One claimed by a program that was killed stays so: it is passed over. Two claims of
        // the same series at the same moment are summed when written.
        if (state == READY && at->family == family && strcmp(at->labels, labels) == 0)
            return at;
    }
    return &c->lost;
}

void
counter_add(struct counter *at, uint64_t n)
{
    atomic_fetch_add_explicit(&at->value[0], n, memory_order_relaxed);
}

void
counter_observe(struct counter *at, double seconds)
{
    size_t i = 0;
    while (i < N_BOUNDS && seconds > bounds[i])
        i++;
    atomic_fetch_add_explicit(&at->value[i], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&at->value[SUM_AT], (uint64_t)(seconds * 1e9), memory_order_relaxed);
}

void
counter_set(struct counter *at, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    atomic_store_explicit(&at->value[0], bits, memory_order_relaxed);
}

static bool
is_gauge(uint32_t family)
{
    return strcmp(families[family].kind, GAUGE) == 0;
}

struct sample { // a series as it is now
    uint32_t family;
    const char *labels;
    uint64_t value[N_BOUNDS + 3];
};

static double
sample_value(const struct sample *x)
{
    double value;
    if (!is_gauge(x->family))
        return (double)x->value[0];
    memcpy(&value, &x->value[0], sizeof value);
    return value;
}

void
counter_label(struct buf *out, const char *name, const char *value)
{
    if (out->n > 0 && out->text[out->n - 1] == '"')
        buf_char(out, ',');
    buf_text(out, name);
    buf_text(out, "=\"");
    for (const char *c = value; *c != '\0'; c++) {
        if (*c == '\\' || *c == '"')
            buf_char(out, '\\');
        buf_text(out, *c == '\n' ? "\\n" : (const char[]){*c, '\0'});
    }
    buf_char(out, '"');
}

static void
line_write(struct buf *out, const char *name, const char *suffix, const char *labels,
           const char *more)
{
    buf_text(out, name);
    buf_text(out, suffix);
    if (labels[0] == '\0' && more[0] == '\0')
        return;
    buf_print(out, "{%s%s%s}", labels, labels[0] != '\0' && more[0] != '\0' ? "," : "", more);
}

static void
histogram_write(struct buf *out, const char *name, const struct sample *x)
{
    char more[40];
    uint64_t below = 0;
    for (size_t i = 0; i <= N_BOUNDS; i++) {
        below += x->value[i];
        if (i < N_BOUNDS)
            snprintf(more, sizeof more, "le=\"%g\"", bounds[i]);
        else
            snprintf(more, sizeof more, "le=\"+Inf\"");
        line_write(out, name, "_bucket", x->labels, more);
        buf_print(out, " %llu\n", (unsigned long long)below);
    }
    line_write(out, name, "_sum", x->labels, "");
    buf_print(out, " %.9g\n", (double)x->value[SUM_AT] / 1e9);
    line_write(out, name, "_count", x->labels, "");
    buf_print(out, " %llu\n", (unsigned long long)below);
}

static int
sample_order(const void *a, const void *b)
{
    const struct sample *x = a, *y = b;
    if (x->family != y->family)
        return x->family < y->family ? -1 : 1;
    return strcmp(x->labels, y->labels);
}

// Copies the series that are ready, in order, those claimed twice summed.
static size_t
samples_take(const struct counters *c, struct sample out[N_SERIES])
{
    size_t n = 0, n_kept = 0;
    for (size_t i = 0; i < N_SERIES; i++) {
        const struct counter *at = &c->series[i];
        if (atomic_load(&at->state) != READY || at->family >= COUNTER_N_FAMILIES)
            continue;
        out[n] = (struct sample){.family = at->family, .labels = at->labels};
        for (size_t k = 0; k < N_BOUNDS + 3; k++)
            out[n].value[k] = atomic_load_explicit(&at->value[k], memory_order_relaxed);
        n++;
    }
    if (n > 0)
        qsort(out, n, sizeof *out, sample_order);
    for (size_t i = 0; i < n; i++) {
        if (n_kept == 0 || sample_order(&out[n_kept - 1], &out[i]) != 0) {
            out[n_kept++] = out[i];
            continue;
        }
        for (size_t k = 0; k < N_BOUNDS + 3 && !is_gauge(out[i].family); k++)
            out[n_kept - 1].value[k] += out[i].value[k];
    }
    return n_kept;
}

void
counters_write(struct scope *s, const struct counters *c, struct buf *out)
{
    struct sample *x = scope_array(s, N_SERIES, sizeof *x);
    const size_t n = samples_take(c, x);
    for (size_t i = 0; i < n; i++) {
        const uint32_t f = x[i].family;
        if (i == 0 || x[i - 1].family != f)
            buf_print(out, "# HELP %s %s\n# TYPE %s %s\n", families[f].name, families[f].help,
                      families[f].name, families[f].kind);
        if (strcmp(families[f].kind, HISTOGRAM) == 0) {
            histogram_write(out, families[f].name, &x[i]);
            continue;
        }
        line_write(out, families[f].name, "", x[i].labels, "");
        buf_print(out, " %.15g\n", sample_value(&x[i]));
    }
}
