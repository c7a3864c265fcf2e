// base/scope.h: the lifetime and the outcome of one piece of work.
//
// A scope is a request, a job, a batch or a test. Memory and things opened for the work belong to
// it and go when it closes; the first failure of the work sticks to it, in words. Blocks are
// carved from larger ones, except under sanitizers, where each allocation stands alone.
#ifndef BASE_SCOPE_H
#define BASE_SCOPE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define MUST_CHECK __attribute__((warn_unused_result))

struct block;
struct defer;

struct scope {            // {0} is ready to use
    struct block *blocks; // memory handed out so far, newest first
    struct defer *defers; // closers to run, newest first
    enum error_kind kind; // why the work failed, ERROR_NONE while it has not
    char message[512];    // the failure in words
};

struct scope_mark {
    struct block *blocks;
    size_t used_bytes; // of the newest block
    struct defer *defers;
};

// Hands out zeroed memory, aligned for any type; running out of memory aborts the process.
//
//   owner   the scope; never freed singly
void *scope_alloc(struct scope *s, size_t size_bytes)
    __attribute__((malloc, alloc_size(2), returns_nonnull));

// Hands out a zeroed array; aborts where the product overflows.
void *scope_array(struct scope *s, size_t n, size_t size_bytes)
    __attribute__((malloc, returns_nonnull));

// Copies a text, or its first n bytes, into the scope, terminated.
char *scope_copy(struct scope *s, const char *text);
char *scope_copy_n(struct scope *s, const char *bytes, size_t n);

// Formats a text into the scope.
char *scope_print(struct scope *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Runs `close(thing)` when the scope closes or is released past this point; newest first.
void scope_defer(struct scope *s, void (*close)(void *), void *thing);

// Remembers a point; scope_release runs the closers and returns the memory that came after it.
struct scope_mark scope_mark(const struct scope *s);
void scope_release(struct scope *s, struct scope_mark to);

// Ends the work: runs all closers, returns all memory and forgets the failure.
void scope_close(struct scope *s);

// Has larger blocks go back to the system as they are let go of, for the whole process; and gives
// back all that no scope holds any more, which takes a while.
void scope_memory_limit(int block_bytes);
void scope_memory_return(void);

// Records why the work failed; a failure recorded before stays. Returns false, for `return fail(`.
bool fail(struct scope *s, enum error_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// The same, returning NULL, for functions that return a pointer.
void *fail_null(struct scope *s, enum error_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// Puts what the caller knows before the failure: "could not load model \"pm\": no such object".
bool explain(struct scope *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Takes over the failure of work that had a scope of its own. Returns false.
bool fail_as(struct scope *s, const struct scope *other);

// Forgets a failure that its reporter has dealt with, so the scope can be used on.
void scope_forgive(struct scope *s);

#endif
