// tests/fuzz/answer_fuzz.c: any bytes as an answer of the AQS API: refused in words, or copied
// without the account; the copy reads as the answer did.
#include <assert.h>
#include <stdio.h>

#include "source/answer.h"
#include "text/json.h"

#include "file.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static const char *const secrets[] = {"a@b.c", "topsecret", NULL};
    static FILE *copies[2];
    struct scope s = {0};
    struct answer answer, again;
    for (int i = 0; i < 2; i++) {
        copies[i] = copies[i] == NULL ? tmpfile() : copies[i];
        if (ftruncate(fileno(copies[i]), 0) != 0 || lseek(fileno(copies[i]), 0, SEEK_SET) != 0)
            abort();
    }
    if (!answer_read(&s, file_of(bytes, n), fileno(copies[0]), secrets, &answer)) {
        assert(s.kind == ERROR_INPUT || s.kind == ERROR_LIMIT);
    } else if (!answer.is_failed) {
        const bool is_read = answer_read(&s, fileno(copies[0]), fileno(copies[1]), secrets, &again);
        assert(is_read);
        assert(again.n_rows == answer.n_rows && again.is_empty == answer.is_empty);
        assert(strcmp(again.digest, answer.digest) == 0);
        assert(again.n_newest == answer.n_newest);
    }
    scope_close(&s);
    return 0;
}
