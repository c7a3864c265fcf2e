#include "base/gzip.h"

#include <zlib.h>

#include "base/buf.h"

#include "test.h"

static bool
gather(struct scope *s, void *context, const void *bytes, size_t n)
{
    (void)s;
    buf_add(context, bytes, n);
    return true;
}

static bool
refuse(struct scope *s, void *context, const void *bytes, size_t n)
{
    (void)context;
    (void)bytes;
    (void)n;
    return fail(s, ERROR_UNAVAILABLE, "nobody takes it");
}

// What zlib makes of a gzip stream; -1 when it is none.
static long
unpack(const struct buf *packed, char *to, size_t room_bytes)
{
    z_stream stream = {.next_in = (Bytef *)packed->text,
                       .avail_in = (uInt)packed->n,
                       .next_out = (Bytef *)to,
                       .avail_out = (uInt)room_bytes};
    if (inflateInit2(&stream, 31) != Z_OK)
        return -1;
    const int status = inflate(&stream, Z_FINISH);
    const long n = (long)(room_bytes - stream.avail_out);
    inflateEnd(&stream);
    return status == Z_STREAM_END ? n : -1;
}

TEST(gzip_unpacks_to_what_was_packed)
{
    const size_t n_lines = 50000;
    struct buf plain = buf_open(s, 1 << 20), packed = buf_open(s, 1 << 16);
    char *back = scope_alloc(s, 1 << 21);
    struct gzip *g = gzip_open(s, gather, &packed);
    for (size_t i = 0; i < n_lines; i++)
        buf_print(&plain, "%zu,%zu\n", i, i * i % 977);

    for (size_t at = 0; at < plain.n; at += 1000)
        CHECK(gzip_add(s, g, plain.text + at, plain.n - at < 1000 ? plain.n - at : 1000));
    CHECK(gzip_finish(s, g));

    CHECK(unpack(&packed, back, 1 << 21) == (long)plain.n);
    CHECK(memcmp(back, plain.text, plain.n) == 0);
    CHECK(packed.n < plain.n / 2);
}

TEST(gzip_of_nothing_is_a_whole_stream)
{
    char back[8];
    struct buf packed = buf_open(s, 64);
    struct gzip *g = gzip_open(s, gather, &packed);

    CHECK(gzip_finish(s, g));

    CHECK(packed.n > 0 && unpack(&packed, back, sizeof back) == 0);
}

TEST(gzip_fails_as_its_sink_does)
{
    struct gzip *g = gzip_open(s, refuse, NULL);
    CHECK_FAILS(gzip_finish(s, g), ERROR_UNAVAILABLE, "nobody takes it");
}
