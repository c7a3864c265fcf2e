// tests/fuzz/ingest_fuzz.c: any file, whatever its format: refused in words, or read line by line,
// each of them judged; a reason is text that fits, and the lines' numbers never go back.
#include <assert.h>

#include "aqs/record.h"
#include "text/utf8.h"

#include "file.h"

static const struct rules rules = {.last = {30000},
                                   .n_parameters = 3,
                                   .parameters = {{44201, 0, 1, 0, 1},
                                                  {81102, -10, 10000, -50, 20000},
                                                  {88101, -10, 2000, -50, 5000}}};

static void
line_judge(const struct table *table, const struct line *line)
{
    char reason[RECORD_REASON_BYTES] = "", site[RECORD_SITE_BYTES];
    double latitude, longitude;
    struct record record;
    enum skip skip = SKIP_MOST;
    if (table_format(table)->kind == TABLE_SITES) {
        (void)record_site(line, site);
        (void)record_position(line, &latitude, &longitude);
        return;
    }
    switch (record_read(&rules, table, line, &record, &skip, reason)) {
    case RECORD_KEPT:
        assert(record.value - record.value == 0);
        assert(record.day.n <= rules.last.n);
        assert(strlen(record.site) < sizeof record.site);
        break;
    case RECORD_SKIPPED:
        assert(skip < SKIP_MOST);
        break;
    case RECORD_REJECTED:
        assert(reason[0] != '\0');
        assert(memchr(reason, '\0', sizeof reason) != NULL);
        break;
    }
}

static void
file_judge(const uint8_t *bytes, size_t n, int parameter)
{
    struct scope s = {0};
    const struct line *line = NULL;
    int64_t number = 0;
    bool ok = true;
    struct table *table = table_open(&s, file_of(bytes, n), parameter);
    while (table != NULL && (ok = table_next(&s, table, &line)) && line != NULL) {
        assert(line->number >= number);
        number = line->number;
        line_judge(table, line);
    }
    assert((table != NULL && ok) == (s.kind == ERROR_NONE));
    assert(s.kind == ERROR_NONE || s.kind == ERROR_INPUT || s.kind == ERROR_LIMIT);
    scope_close(&s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    file_judge(bytes, n, 0);
    file_judge(bytes, n, 81102);
    return 0;
}
