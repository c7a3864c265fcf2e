// tests/fuzz/csv_fuzz.c: any bytes come out as records, the same ones however they arrive; what is
// read without a fault reads the same when written by the rules and read again.
#include "text/csv.h"

#include <assert.h>
#include <string.h>

#include "text/number.h"

#define LIMIT_BYTES 200

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

struct source {
    const char *bytes;
    size_t n, at, piece;
};

static bool
source_fill(struct scope *s, void *context, char *to, size_t room_bytes, size_t *n)
{
    struct source *f = context;
    const size_t left = f->n - f->at;
    (void)s;
    *n = left < f->piece ? left : f->piece;
    *n = *n < room_bytes ? *n : room_bytes;
    if (*n > 0)
        memcpy(to, f->bytes + f->at, *n);
    f->at += *n;
    return true;
}

static void
record_write(struct buf *out, const struct csv_record *r)
{
    for (size_t i = 0; i < r->n; i++) {
        buf_text(out, i == 0 ? "\"" : ",\"");
        for (size_t k = 0; k < r->fields[i].n; k++) {
            if (r->fields[i].at[k] == '"')
                buf_char(out, '"');
            buf_char(out, r->fields[i].at[k]);
        }
        buf_char(out, '"');
    }
    buf_char(out, '\n');
}

// Writes the good records by the rules; counts lines as the reader does.
static struct buf
good_records(struct scope *s, const char *bytes, size_t n, size_t piece, size_t limit_bytes,
             size_t *n_faults)
{
    struct source source = {bytes, n, 0, piece};
    struct csv *c = csv_open(s, source_fill, &source, limit_bytes);
    struct buf out = buf_open(s, 256);
    const struct csv_record *r;
    int64_t line = 0;
    double x;
    *n_faults = 0;
    while (csv_next(s, c, &r) && r != NULL) {
        assert(r->line > line);
        line = r->line;
        *n_faults += r->fault != NULL;
        if (r->fault != NULL)
            assert(r->n == 0);
        for (size_t i = 0; i < r->n; i++)
            (void)number_read(r->fields[i], &x);
        if (r->fault == NULL)
            record_write(&out, r);
    }
    assert(s->kind == ERROR_NONE);
    return out;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct scope s = {0};
    size_t n_faults, n_again;
    const struct buf whole =
        good_records(&s, (const char *)bytes, n, n + 1, LIMIT_BYTES, &n_faults);
    const struct buf pieces = good_records(&s, (const char *)bytes, n, 7, LIMIT_BYTES, &n_again);
    assert(n_faults == n_again);
    assert(whole.n == pieces.n && memcmp(whole.text, pieces.text, whole.n) == 0);

    const struct buf again = good_records(&s, whole.text, whole.n, n + 1, 3000, &n_again);
    assert(n_again == 0);
    assert(again.n == whole.n && memcmp(again.text, whole.text, whole.n) == 0);
    scope_close(&s);
    return 0;
}
