// tests/bench/peak.c: runs a command; writes its seconds and the peak of its memory.
// usage: peak FILE COMMAND ARGUMENT...    ("SECONDS KILOBYTES" goes to FILE)
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double
now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int
main(int argc, char **argv)
{
    int status;
    struct rusage used;
    if (argc < 3)
        return 64;
    const double from_s = now_s();
    const pid_t pid = fork();
    if (pid == 0) {
        execvp(argv[2], argv + 2);
        perror(argv[2]);
        _exit(70);
    }
    if (pid < 0 || wait4(pid, &status, 0, &used) != pid)
        return 75;
    FILE *file = fopen(argv[1], "w");
    if (file == NULL || fprintf(file, "%.3f %ld\n", now_s() - from_s, used.ru_maxrss) < 0 ||
        fclose(file) != 0)
        return 75;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 70;
}
