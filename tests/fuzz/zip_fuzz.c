// Any bytes behind the magic of a zip: refused or read, never worse.
#include <stdlib.h>
#include <unistd.h>

#include "aqs/record.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);

int
LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n)
{
    static const struct rules rules = {
        .last = {30000}, .n_parameters = 1, .parameters = {{88101, -10, 2000}}};
    struct scope s = {0};
    char path[] = "/tmp/aw-fuzz.XXXXXX", reason[RECORD_REASON_BYTES];
    struct record record;
    const struct line *line;
    enum skip skip;
    const int fd = mkstemp(path);
    unlink(path);
    struct table *table = write(fd, "PK\3\4", 4) == 4 && write(fd, bytes, n) == (ssize_t)n
                              ? table_open(&s, fd, 0)
                              : NULL;
    while (table != NULL && table_next(&s, table, &line) && line != NULL)
        record_read(&rules, table, line, &record, &skip, reason);
    close(fd);
    scope_close(&s);
    return 0;
}
