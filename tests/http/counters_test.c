#include "http/counters.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

#define N_ADDS 20000

static struct counters *
fresh(struct scope *s, char path[64])
{
    snprintf(path, 64, "/tmp/aw-counters.XXXXXX");
    const int fd = mkstemp(path);
    CHECK(fd >= 0);
    close(fd);
    struct counters *c = counters_open(s, path);
    CHECK(c != NULL);
    return c;
}

static bool
is_written(struct scope *s, const struct counters *c, const char *line)
{
    struct buf out = buf_open(s, 1000);
    counters_write(s, c, &out);
    return strstr(out.text, line) != NULL;
}

static void *
add_many(void *counters)
{
    for (int i = 0; i < N_ADDS; i++)
        counter_add(counter_find(counters, COUNTER_predictions_total, "model=\"m\""), 1);
    return NULL;
}

TEST(counters_of_threads_and_programs_add_up)
{
    char path[64];
    struct counters *c = fresh(s, path);
    pthread_t threads[4];

    const pid_t child = fork();
    if (child == 0) {
        struct scope own = {0};
        add_many(counters_open(&own, path));
        _exit(0);
    }
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, add_many, c);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    waitpid(child, NULL, 0);

    CHECK(is_written(s, c, "airwatch_predictions_total{model=\"m\"} 100000\n")); // 5 * N_ADDS
    unlink(path);
}

TEST(counters_are_written_as_prometheus_reads_them)
{
    char path[64];
    struct counters *c = fresh(s, path);
    struct buf labels = buf_open(s, 64), out = buf_open(s, 1000);
    counter_label(&labels, "model", "a\"b\\c\nd");
    counter_add(counter_find(c, COUNTER_predictions_total, labels.text), 3);
    counter_set(counter_find(c, COUNTER_spool_bytes, ""), 1.5);
    counter_observe(counter_find(c, COUNTER_http_request_seconds, "route=\"/x\""), 0.0004);
    counter_observe(counter_find(c, COUNTER_http_request_seconds, "route=\"/x\""), 2);

    counters_write(s, c, &out);

    CHECK(strstr(out.text, "# TYPE airwatch_predictions_total counter\n"
                           "airwatch_predictions_total{model=\"a\\\"b\\\\c\\nd\"} 3\n") != NULL);
    CHECK(strstr(out.text, "airwatch_spool_bytes 1.5\n") != NULL);
    CHECK(strstr(out.text, "{route=\"/x\",le=\"0.00025\"} 0\n") != NULL);
    CHECK(strstr(out.text, "{route=\"/x\",le=\"0.0005\"} 1\n") != NULL);
    CHECK(strstr(out.text, "{route=\"/x\",le=\"1\"} 1\n") != NULL);
    CHECK(strstr(out.text, "{route=\"/x\",le=\"+Inf\"} 2\n") != NULL);
    CHECK(strstr(out.text, "airwatch_http_request_seconds_sum{route=\"/x\"} 2.0004\n") != NULL);
    CHECK(strstr(out.text, "airwatch_http_request_seconds_count{route=\"/x\"} 2\n") != NULL);
    unlink(path);
}

TEST(counters_survive_the_program_and_drop_a_file_of_another_layout)
{
    char path[64];
    struct counters *c = fresh(s, path);
    counter_add(counter_find(c, COUNTER_predictions_total, ""), 7);

    CHECK(is_written(s, counters_open(s, path), "airwatch_predictions_total 7\n"));

    FILE *f = fopen(path, "w");
    fputs("something else", f);
    fclose(f);
    CHECK(!is_written(s, counters_open(s, path), "airwatch_predictions_total 7\n"));
    unlink(path);
}
