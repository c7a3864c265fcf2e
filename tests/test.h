// tests/test.h: a small layer over Criterion, which runs each test in its own process.
#ifndef TESTS_TEST_H
#define TESTS_TEST_H

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "base/scope.h"

// Declares a test; the body receives a fresh scope `s`. SUITE comes from the file's path.
#define TEST(id) TEST_IN(SUITE, id)
#define TEST_IN(suite, id) TEST_AS(suite, id)
#define TEST_AS(suite, id)                                                                         \
    static void test_##id(struct scope *s);                                                        \
    Test(suite, id)                                                                                \
    {                                                                                              \
        struct scope test_scope = {0};                                                             \
        test_##id(&test_scope);                                                                    \
        scope_close(&test_scope);                                                                  \
    }                                                                                              \
    static void test_##id(__attribute__((unused)) struct scope *s)

// Ends the test as failed, in words.
__attribute__((format(printf, 3, 4))) static inline void
test_die(const char *file, int line, const char *format, ...)
{
    char words[2048];
    va_list args;
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    cr_assert_fail("%s:%d: %s", file, line, words);
}

#define TEST_DIE(...) test_die(__FILE__, __LINE__, __VA_ARGS__)
#define CHECK(claim)                                                                               \
    ((claim) ? (void)0 : (void)TEST_DIE("false: %s (scope says: %s)", #claim, s->message))
#define CHECK_NEAR(got, want, within)                                                              \
    do {                                                                                           \
        const double got_ = (got), want_ = (want);                                                 \
        if (!(fabs(got_ - want_) <= (within)))                                                     \
            TEST_DIE("%s is %.17g, not %.17g", #got, got_, want_);                                 \
    } while (0)
#define CHECK_TEXT(got, want)                                                                      \
    do {                                                                                           \
        const char *got_ = (got), *want_ = (want);                                                 \
        if (strcmp(got_, want_) != 0)                                                              \
            TEST_DIE("%s is \"%s\", not \"%s\"", #got, got_, want_);                               \
    } while (0)
#define CHECK_FAILS(call, error, text)                                                             \
    do {                                                                                           \
        CHECK(!(call));                                                                            \
        CHECK(s->kind == (error));                                                                 \
        CHECK_TEXT(s->message, (text));                                                            \
        scope_forgive(s);                                                                          \
    } while (0)

#endif
