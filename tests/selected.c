// tests/selected.c: a filter that no test answers to is a mistake, not a success.
#include <stdio.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <criterion/hooks.h>

ReportHook(POST_ALL)(struct criterion_global_stats *stats)
{
    if (stats->tests_passed + stats->tests_failed > 0)
        return;
    fputs("tests: no test has such a name; a filter is SUITE/NAME, as in 'text_json_test/*'\n",
          stderr);
    _exit(1);
}
