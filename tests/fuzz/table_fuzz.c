// tests/fuzz/table_fuzz.c: a declaration, a zero byte, and a file: whatever they are, a declaration
// that reads is fit for its own comparison, and each row that is taken is whole as COPY wants it.
#define _GNU_SOURCE // memfd_create

#include "table/declaration.h"

#include <assert.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "table/cell.h"
#include "table/sheet.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

// Steps over the fields of a row.
static void
row_check(const struct buf *row, size_t n_fields)
{
    size_t at = 0;
    for (size_t i = 0; i < n_fields; i++) {
        uint32_t size = 0;
        assert(row->n - at >= 4);
        for (size_t k = 0; k < 4; k++)
            size = size << 8 | (unsigned char)row->text[at + k];
        at += 4;
        assert(size == UINT32_MAX || size <= row->n - at);
        at += size == UINT32_MAX ? 0 : size;
    }
    assert(at == row->n);
}

static void
rows_read(struct scope *s, const struct declaration *d, struct sheet *sheet)
{
    const struct sheet_row *row;
    struct buf out = buf_open(s, 256);
    char reason[CELL_REASON_BYTES];
    int64_t line = 0;
    while (sheet_next(s, sheet, &row) && row != NULL) {
        assert(row->line > line);
        line = row->line;
        if (row->fault != NULL || row->is_blank)
            continue;
        bool is_good = true;
        buf_clear(&out);
        for (size_t i = 0; i < d->n_columns && is_good; i++) {
            reason[0] = '\0';
            is_good = cell_put(&out, d, &d->columns[i], row->fields[i], reason);
            assert(is_good == (reason[0] == '\0'));
        }
        if (is_good)
            row_check(&out, d->n_columns);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct scope s = {0};
    struct declaration d;
    const uint8_t *end = n == 0 ? NULL : memchr(bytes, 0, n);
    const size_t n_told = end == NULL ? n : (size_t)(end - bytes);
    if (!declaration_read(&s, (const char *)bytes, n_told, &d)) {
        assert(s.message[0] != '\0');
    } else if (end != NULL) {
        assert(declaration_compare(&s, &d, &d));
        const int fd = memfd_create("file", MFD_CLOEXEC);
        file_defer_close(&s, fd);
        assert(file_put(&s, fd, end + 1, n - n_told - 1) && lseek(fd, 0, SEEK_SET) == 0);
        struct feed *feed = feed_open(&s, fd);
        struct sheet *sheet = feed == NULL ? NULL : sheet_open(&s, &d, feed);
        if (sheet != NULL)
            rows_read(&s, &d, sheet);
        else
            assert(s.message[0] != '\0');
    }
    scope_close(&s);
    return 0;
}
