// tests/fuzz/zip_fuzz.c: any bytes behind the magic of a zip: refused in words, or unpacked to what
// is the same however it is read, and no more than the limits allow.
#include <assert.h>

#include "aqs/feed.h"
#include "base/hash.h"

#include "file.h"

#define RATIO_MOST 200 // as feed.c has it

// Reads all in pieces; the sum of what came, or false where it was refused.
static bool
unpacked(const char *bytes, size_t n, size_t piece, size_t n_peeked, uint32_t *sum)
{
    struct scope s = {0};
    char *room = malloc(piece);
    size_t got = 1, all = 0;
    struct str first;
    struct feed *feed = feed_open(&s, file_of(bytes, n));
    bool ok = feed != NULL && feed_peek(&s, feed, n_peeked, &first);
    assert(!ok || (feed_is_zip(feed) && feed_size(feed) == (int64_t)n && first.n <= n_peeked));
    for (*sum = 0; ok && got > 0; all += got) {
        ok = feed_read(&s, feed, room, piece, &got);
        *sum = ok ? hash_crc32(*sum, room, got) : 0;
    }
    assert(all <= n * RATIO_MOST);
    assert(ok == (s.kind == ERROR_NONE));
    assert(ok || s.kind == ERROR_INPUT || s.kind == ERROR_LIMIT);
    free(room);
    scope_close(&s);
    return ok;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    uint32_t whole, pieces;
    char *zip = malloc(n + 4);
    memcpy(zip, "PK\3\4", 4);
    if (n > 0)
        memcpy(zip + 4, bytes, n);
    const bool is_whole = unpacked(zip, n + 4, 65536, 4096, &whole);
    const bool is_pieces = unpacked(zip, n + 4, 61, 100, &pieces);
    assert(is_whole == is_pieces);
    assert(whole == pieces);
    free(zip);
    return 0;
}
