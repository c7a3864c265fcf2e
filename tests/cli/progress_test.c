#include "cli/progress.h"

#include <fcntl.h>
#include <unistd.h>

#include "test.h"

// Puts standard error on `fd` while a bar runs, and gives what came out of `from`.
static const char *
drawn(struct scope *s, int fd, int from, bool is_quiet)
{
    char *text = scope_alloc(s, 8192);
    const int before = dup(STDERR_FILENO);
    struct scope work = {0};
    CHECK(dup2(fd, STDERR_FILENO) >= 0);
    struct progress *p = progress_open(&work, "reading", 200, "rows", is_quiet);
    progress_move(p, 100, "half");
    progress_finish(p);
    scope_close(&work);
    fflush(stderr);
    CHECK(dup2(before, STDERR_FILENO) >= 0);
    close(before);
    CHECK(write(fd, "~", 1) == 1); // a terminal hands over what is written piece by piece
    for (size_t n = 0; strchr(text, '~') == NULL;) {
        const ssize_t got = read(from, text + n, 8191 - n);
        CHECK(got > 0);
        n += (size_t)got;
    }
    *strchr(text, '~') = '\0';
    return text;
}

TEST(a_pipe_sees_nothing)
{
    int ends[2];
    CHECK(pipe(ends) == 0);

    CHECK_TEXT(drawn(s, ends[1], ends[0], false), "");
}

TEST(a_terminal_sees_the_bar_unless_quiet)
{
    const int master = posix_openpt(O_RDWR | O_NOCTTY);
    CHECK(master >= 0);
    CHECK(grantpt(master) == 0);
    CHECK(unlockpt(master) == 0);
    const int terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
    CHECK(terminal >= 0);

    CHECK_TEXT(drawn(s, terminal, master, true), "");
    const char *text = drawn(s, terminal, master, false);

    CHECK(strstr(text, "reading [############............]  50% 100 rows") != NULL);
    CHECK(strstr(text, "half") != NULL);
    CHECK(strstr(text, "reading [########################] 100% 200 rows") != NULL);
}
