// tests/fuzz/file.h: bytes as a file, for readers that want a descriptor. One file is used again
// and again: making one each time would be most of the work.
#ifndef TESTS_FUZZ_FILE_H
#define TESTS_FUZZ_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static inline int
file_of(const void *bytes, size_t n)
{
    static int fd = -1;
    if (fd < 0) {
        char path[] = "/tmp/aw-fuzz.XXXXXX";
        fd = mkstemp(path);
        unlink(path);
    }
    if (ftruncate(fd, 0) != 0 || pwrite(fd, bytes, n, 0) != (ssize_t)n ||
        lseek(fd, 0, SEEK_SET) != 0)
        abort();
    return fd;
}

#endif
