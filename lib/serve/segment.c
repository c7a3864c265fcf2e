#include "serve/segment.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"

static void
number_put(unsigned char out[4], uint32_t x)
{
    for (int i = 0; i < 4; i++)
        out[i] = (unsigned char)(x >> 8 * i);
}

static uint32_t
number_get(const unsigned char in[4])
{
    return (uint32_t)in[0] | (uint32_t)in[1] << 8 | (uint32_t)in[2] << 16 | (uint32_t)in[3] << 24;
}

void
segment_head(struct str payload, unsigned char out[SEGMENT_HEAD])
{
    number_put(out, (uint32_t)payload.n);
    number_put(out + 4, hash_crc32(0, payload.at, payload.n));
}

static bool
read_at(struct scope *s, int fd, int64_t from, void *out, size_t n)
{
    for (size_t n_read = 0; n_read < n;) {
        const ssize_t k =
            pread(fd, (char *)out + n_read, n - n_read, (off_t)(from + (int64_t)n_read));
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return fail(s, ERROR_UNAVAILABLE, "could not read the prediction log: %s",
                        k < 0 ? strerror(errno) : "it is shorter than it was");
        n_read += (size_t)k;
    }
    return true;
}

bool
segment_read(struct scope *s, int fd, int64_t from, int64_t upto, int64_t enough_bytes,
             struct buf *lines, struct segment_part *out)
{
    *out = (struct segment_part){.from = from, .next = from, .end = SEGMENT_WHOLE};
    while (out->next < upto) {
        unsigned char head[SEGMENT_HEAD];
        const int64_t left = upto - out->next;
        if (out->n_records > 0 && out->next - from >= enough_bytes) {
            out->end = SEGMENT_MORE;
            return true;
        }
        if (left < SEGMENT_HEAD) {
            out->end = SEGMENT_TORN;
            return true;
        }
        if (!read_at(s, fd, out->next, head, sizeof head))
            return false;
        const uint32_t n = number_get(head);
        if (n == 0 || n > SEGMENT_RECORD_BYTES || (int64_t)n > left - SEGMENT_HEAD) {
            // A length that leads past the end, or the zeros that a power cut leaves.
            out->end = n > SEGMENT_RECORD_BYTES ? SEGMENT_DAMAGED : SEGMENT_TORN;
            return true;
        }
        char *payload = buf_room(lines, n);
        if (!read_at(s, fd, out->next + SEGMENT_HEAD, payload, n))
            return false;
        if (hash_crc32(0, payload, n) != number_get(head + 4)) {
            out->end = (int64_t)n == left - SEGMENT_HEAD ? SEGMENT_TORN : SEGMENT_DAMAGED;
            *payload = '\0';
            return true;
        }
        buf_grow(lines, n);
        out->n_records++;
        out->next += SEGMENT_HEAD + (int64_t)n;
    }
    return true;
}
