// aqs/pack.h: fields of COPY's binary form, as the stages put them into their rows.
//
// They are in the header because each row is made of ten.
//
//   source  PostgreSQL 15, COPY, "Binary Format"
#ifndef AQS_PACK_H
#define AQS_PACK_H

#include <stdint.h>
#include <string.h>

#define PACK_EPOCH_DAYS 10957 // from 1970 to PostgreSQL's 2000-01-01
#define PACK_HEADER_BYTES 19
#define PACK_HEADER "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0" // its last byte is the text's own NUL
#define PACK_END "\377\377"

// Puts a field of so many bytes: its length, then its bytes, the highest first.
static inline char *
pack_whole(char *to, uint64_t x, int n_bytes)
{
    to[0] = to[1] = to[2] = 0;
    to[3] = (char)n_bytes;
    for (int i = 0; i < n_bytes; i++)
        to[4 + i] = (char)(x >> 8 * (n_bytes - 1 - i));
    return to + 4 + n_bytes;
}

// Puts a NULL: the length -1.
static inline char *
pack_null(char *to)
{
    memset(to, 0xff, 4);
    return to + 4;
}

// Puts a short; a negative one is NULL.
static inline char *
pack_short(char *to, int16_t x)
{
    return x >= 0 ? pack_whole(to, (uint64_t)x, 2) : pack_null(to);
}

// Puts at most 127 bytes of text.
static inline char *
pack_bytes(char *to, const char *bytes, size_t n)
{
    to[0] = to[1] = to[2] = 0;
    to[3] = (char)n;
    memcpy(to + 4, bytes, n);
    return to + 4 + n;
}

#endif
