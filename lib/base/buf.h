// base/buf.h: text or bytes that grow.
//
// Invariant: `text[n]` is always a terminator that is not counted in `n`, so a buffer that has
// been added to can be read as a string at any moment. The memory belongs to the buffer's scope.
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdint.h>

#include "base/scope.h"

struct buf { // make one with buf_open
    struct scope *s;
    char *text;        // never NULL
    size_t n;          // bytes in use
    size_t room_bytes; // bytes allocated
};

struct str { // a slice of somebody else's bytes, not terminated
    const char *at;
    size_t n;
};

// Begins an empty buffer with room for about `room_bytes`.
struct buf buf_open(struct scope *s, size_t room_bytes);

// Adds bytes, a text, a character, or formatted text at the end.
void buf_add(struct buf *b, const void *bytes, size_t n);
void buf_text(struct buf *b, const char *text);
void buf_char(struct buf *b, char c);
void buf_print(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Adds a number in the fewest digits (up to 17) that read back as the same double; a NaN or an
// infinity is the caller's to settle and asserts.
void buf_number(struct buf *b, double x);

// Adds an integer in decimal.
void buf_int(struct buf *b, int64_t x);

// Makes room for n more bytes and returns where to write them; buf_grow counts them in.
char *buf_room(struct buf *b, size_t n);
void buf_grow(struct buf *b, size_t n);

// Empties the buffer and keeps its room.
void buf_clear(struct buf *b);

// True where a slice holds exactly this text.
bool str_is(struct str slice, const char *text);

#endif
