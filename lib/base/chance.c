#include "base/chance.h"

#include <assert.h>

#include <openssl/rand.h>

struct chance
chance_open(uint64_t seed)
{
    return (struct chance){seed};
}

uint64_t
chance_next(struct chance *c)
{
    uint64_t z = c->state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

double
chance_unit(struct chance *c)
{
    return (double)(chance_next(c) >> 11) * 0x1p-53;
}

void
chance_secret(void *bytes, size_t n)
{
    const int ok = RAND_bytes(bytes, (int)n);
    assert(ok == 1);
}

char *
chance_uuid(char out[UUID_TEXT])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[16];
    chance_secret(bytes, sizeof bytes);
    bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40); // version 4
    bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80); // RFC 4122 variant

    char *at = out;
    for (size_t i = 0; i < sizeof bytes; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        *at++ = digits[bytes[i] >> 4];
        *at++ = digits[bytes[i] & 15];
    }
    *at = '\0';
    return out;
}
