// tests/lint.h: what the analyser cannot see from a prototype: how failures return.
#ifndef TESTS_LINT_H
#define TESTS_LINT_H

#include "base/scope.h"

#define fail(...) (fail(__VA_ARGS__), false)
#define fail_as(...) (fail_as(__VA_ARGS__), false)
#define explain(...) (explain(__VA_ARGS__), false)
#define fail_null(...) ((void)fail_null(__VA_ARGS__), NULL)

#endif
