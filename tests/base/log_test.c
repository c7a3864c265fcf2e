#include "base/log.h"

#include <unistd.h>

#include "base/time.h"
#include "test.h"

// Runs `write_lines` with standard error in a pipe, and gives what came out.
static const char *
caught(struct scope *s, void (*write_lines)(void))
{
    int ends[2];
    char *text = scope_alloc(s, 8192);
    CHECK(pipe(ends) == 0);
    const int before = dup(STDERR_FILENO);
    CHECK(dup2(ends[1], STDERR_FILENO) >= 0);
    write_lines();
    fflush(stderr);
    CHECK(dup2(before, STDERR_FILENO) >= 0);
    close(before);
    close(ends[1]);
    CHECK(read(ends[0], text, 8191) >= 0);
    close(ends[0]);
    return text;
}

static void
each_level(void)
{
    log_error("a.failed", "n=%d", 1);
    log_warn("b.warned", "n=%d", 2);
    log_info("c.told", "n=%d", 3);
    log_debug("d.whispered", "n=%d", 4);
}

static void
two_lines(void)
{
    log_info("x.told", "text=%s", "one\ntwo\r\x1b[0m");
}

TEST(a_line_is_a_time_a_level_an_event_and_pairs)
{
    int64_t t;
    setenv("LOG_LEVEL", "error", 1);

    const char *line = caught(s, each_level);

    CHECK_TEXT(line + 20, " error a.failed n=1\n");
    CHECK(time_parse(s, scope_copy_n(s, line, 20), &t));
}

TEST(the_level_decides_what_is_written)
{
    static const struct {
        const char *level;
        int n_lines;
    } cases[] = {{"error", 1}, {"warn", 2}, {"info", 3}, {"debug", 4}, {"", 3}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int n = 0;
        setenv("LOG_LEVEL", cases[i].level, 1);
        for (const char *c = caught(s, each_level); *c != '\0'; c++)
            n += *c == '\n';
        CHECK(n == cases[i].n_lines);
    }
}

TEST(an_event_stays_on_one_line)
{
    setenv("LOG_LEVEL", "info", 1);

    CHECK_TEXT(caught(s, two_lines) + 20, " info x.told text=one two  [0m\n");
}
