#include "aqs/feed.h"

#include <zip.h>

#include "base/file.h"
#include "folder.h"

// Numbers in words, so many bytes of them that a second thread unpacks.
static struct str
text_make(struct scope *s)
{
    struct buf text = buf_open(s, 4 << 20);
    for (uint32_t i = 0; text.n < 4 << 20; i++)
        buf_print(&text, "%u\n", i * 2654435761u);
    return (struct str){text.text, text.n};
}

// A zip of one file with that text; of `damage_at`, one byte is another.
static int
zip_of(struct scope *s, struct str text, double damage_at)
{
    struct str packed;
    int fd, error = 0;
    const char *path = scope_print(s, "%s/text.zip", test_folder(s));
    zip_t *zip = zip_open(path, ZIP_CREATE, &error);
    CHECK(zip != NULL);
    CHECK(zip_file_add(zip, "text.csv", zip_source_buffer(zip, text.at, text.n, 0), 0) >= 0);
    CHECK(zip_close(zip) == 0);
    CHECK(file_read(s, path, 16 << 20, &packed));
    if (damage_at > 0) {
        char *bytes = scope_copy_n(s, packed.at, packed.n);
        bytes[(size_t)(damage_at * (double)packed.n)] ^= 0x55;
        CHECK(file_write(s, path, (struct str){bytes, packed.n}, 0600));
    }
    CHECK(file_open(s, path, &fd));
    return fd;
}

// Reads to the end in pieces of many sizes.
static bool
all_read(struct scope *s, struct feed *feed, struct buf *out)
{
    size_t n = 1;
    for (size_t room = 1; n > 0; room = room * 31 % 100003) {
        if (!feed_read(s, feed, buf_room(out, room), room, &n))
            return false;
        buf_grow(out, n);
    }
    return true;
}

TEST(feed_unpacks_a_large_file_as_it_was)
{
    const struct str text = text_make(s);
    struct buf got = buf_open(s, 1 << 16);
    struct feed *feed = feed_open(s, zip_of(s, text, 0));

    CHECK(feed != NULL && feed_is_zip(feed));
    CHECK(all_read(s, feed, &got));

    CHECK(got.n == text.n && memcmp(got.text, text.at, text.n) == 0);
    size_t n = 1;
    CHECK(feed_read(s, feed, got.text, 1, &n) && n == 0); // and stays at its end
}

TEST(feed_tells_that_a_large_zip_is_damaged_wherever_it_is)
{
    const struct str text = text_make(s);
    for (double at = 0.1; at < 0.95; at += 0.2) {
        struct scope own = {0};
        struct buf got = buf_open(s, 1 << 16);
        struct feed *feed = feed_open(&own, zip_of(s, text, at));

        CHECK(feed != NULL);
        CHECK(!all_read(&own, feed, &got));
        CHECK(own.kind == ERROR_INPUT && strstr(own.message, "broken zip: ") == own.message);
        scope_close(&own);
    }
}

TEST(feed_can_be_left_before_its_end)
{
    const struct str text = text_make(s);
    const int fd = zip_of(s, text, 0);
    char got[1000];
    for (size_t n_reads = 1; n_reads < 2000; n_reads *= 3) {
        struct scope own = {0};
        size_t n = 0;
        struct feed *feed = feed_open(&own, fd);
        CHECK(feed != NULL);
        for (size_t i = 0; i < n_reads; i++)
            CHECK(feed_read(&own, feed, got, sizeof got, &n) && n > 0);
        scope_close(&own);
    }
}
