#include "base/scope.h"

#include <assert.h>
#include <malloc.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define BLOCK_BYTES 0 // each allocation stands alone, so that overruns show
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BLOCK_BYTES 0
#endif
#endif
#ifndef BLOCK_BYTES
#define BLOCK_BYTES (size_t)16000 // a request's usual need in one piece
#endif

struct block {
    struct block *next;
    size_t size_bytes, used_bytes;
    alignas(max_align_t) unsigned char bytes[];
};

struct defer {
    struct defer *next;
    void (*close)(void *);
    void *thing;
};

static struct block *
block_add(struct scope *s, size_t size_bytes)
{
    struct block *block = calloc(1, sizeof *block + size_bytes);
    if (block == NULL)
        abort();
    block->size_bytes = size_bytes;
    block->next = s->blocks;
    s->blocks = block;
    return block;
}

void *
scope_alloc(struct scope *s, size_t size_bytes)
{
    const size_t unit = alignof(max_align_t);
    assert(size_bytes <= SIZE_MAX / 2);
    const size_t need = BLOCK_BYTES == 0 ? size_bytes : (size_bytes + unit - 1) / unit * unit;
    struct block *block = s->blocks;

    if (block == NULL || block->size_bytes - block->used_bytes < need || BLOCK_BYTES == 0)
        block = block_add(s, need > BLOCK_BYTES ? need : BLOCK_BYTES);
    void *bytes = block->bytes + block->used_bytes;
    block->used_bytes += need;
    return bytes;
}

void *
scope_array(struct scope *s, size_t n, size_t size_bytes)
{
    if (size_bytes != 0 && n > SIZE_MAX / 2 / size_bytes)
        abort();
    return scope_alloc(s, n * size_bytes);
}

char *
scope_copy(struct scope *s, const char *text)
{
    return scope_copy_n(s, text, strlen(text));
}

char *
scope_copy_n(struct scope *s, const char *bytes, size_t n)
{
    char *copy = scope_alloc(s, n + 1);
    if (n > 0)
        memcpy(copy, bytes, n);
    return copy;
}

char *
scope_print(struct scope *s, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    const int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(n >= 0);
    char *text = scope_alloc(s, (size_t)n + 1);
    vsnprintf(text, (size_t)n + 1, format, again);
    va_end(again);
    return text;
}

void
scope_defer(struct scope *s, void (*close)(void *), void *thing)
{
    assert(close != NULL);
    struct defer *defer = scope_alloc(s, sizeof *defer);
    *defer = (struct defer){.next = s->defers, .close = close, .thing = thing};
    s->defers = defer;
}

struct scope_mark
scope_mark(const struct scope *s)
{
    return (struct scope_mark){
        .blocks = s->blocks,
        .used_bytes = s->blocks == NULL ? 0 : s->blocks->used_bytes,
        .defers = s->defers,
    };
}

void
scope_release(struct scope *s, struct scope_mark to)
{
    while (s->defers != to.defers) {
        struct defer *defer = s->defers;
        s->defers = defer->next; // first, so that a closer may itself use the scope
        defer->close(defer->thing);
    }
    while (s->blocks != to.blocks) {
        struct block *block = s->blocks;
        s->blocks = block->next;
        free(block);
    }
    if (s->blocks == NULL)
        return;
    const size_t freed_bytes = s->blocks->used_bytes - to.used_bytes;
    memset(s->blocks->bytes + to.used_bytes, 0, freed_bytes); // what is handed out is zeroed
    s->blocks->used_bytes = to.used_bytes;
}

void
scope_close(struct scope *s)
{
    scope_release(s, (struct scope_mark){0});
    *s = (struct scope){0};
}

static void
record(struct scope *s, enum error_kind kind, const char *format, va_list args)
{
    assert(kind != ERROR_NONE);
    if (s->kind != ERROR_NONE)
        return;
    vsnprintf(s->message, sizeof s->message, format, args);
    s->kind = kind;
}

void
scope_memory_limit(int block_bytes)
{
    mallopt(M_MMAP_THRESHOLD, block_bytes);
    mallopt(M_TRIM_THRESHOLD, block_bytes);
}

void
scope_memory_return(void)
{
    malloc_trim(0);
}

bool
fail(struct scope *s, enum error_kind kind, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    record(s, kind, format, args);
    va_end(args);
    return false;
}

void *
fail_null(struct scope *s, enum error_kind kind, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    record(s, kind, format, args);
    va_end(args);
    return NULL;
}

bool
explain(struct scope *s, const char *format, ...)
{
    assert(s->kind != ERROR_NONE);
    char cause[sizeof s->message];
    memcpy(cause, s->message, sizeof cause);

    va_list args;
    va_start(args, format);
    const int n = vsnprintf(s->message, sizeof s->message, format, args);
    va_end(args);
    const int room = (int)sizeof s->message - n; // for ": ", the cause and its end
    if (n >= 0 && room > 3)
        snprintf(s->message + n, (size_t)room, ": %.*s", room - 3, cause);
    return false;
}

bool
fail_as(struct scope *s, const struct scope *other)
{
    assert(other->kind != ERROR_NONE);
    return fail(s, other->kind, "%s", other->message);
}

void
scope_forgive(struct scope *s)
{
    s->kind = ERROR_NONE;
    s->message[0] = '\0';
}
