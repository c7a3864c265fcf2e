#include "serve/spool.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/chance.h"
#include "base/file.h"
#include "db.h"

// The spool has a connection of its own and commits.
struct place {
    char folder[64];
    const char *model;
    struct spool_options options;
};

static struct place
place_open(struct scope *s, struct db *db, const char *model)
{
    struct place p = {.model = model};
    if (db != NULL)
        CHECK(db_commit(s, db)); // an open transaction would stand in the spool's way
    snprintf(p.folder, sizeof p.folder, "/tmp/aw-spool.XXXXXX");
    CHECK(mkdtemp(p.folder) != NULL);
    p.options = (struct spool_options){
        .folder = scope_copy(s, p.folder),
        .database_url = getenv("TEST_DATABASE_URL"),
        .is_taken_by_hand = true,
    };
    return p;
}

static void
place_remove(struct scope *s, const struct place *p)
{
    CHECK(system(scope_print(s, "rm -rf '%s'", p->folder)) == 0);
}

// One prediction as the answerer writes it.
static struct str
line_of(struct scope *s, const char *model, const char *id)
{
    const char *text = scope_print(s,
                                   "%s\t2026-11-21T05:00:00Z\tonline\t%s\tV1.0.0\tr1\tann\t1.5\t"
                                   "1\t2\t[1,null]\n",
                                   id, model);
    return (struct str){text, strlen(text)};
}

static bool
append(struct scope *s, struct spool *spool, const char *model)
{
    char id[UUID_TEXT];
    return spool_append(s, spool, line_of(s, model, chance_uuid(id)));
}

static void
check_rows(struct scope *s, struct db *db, const char *model, int n)
{
    CHECK(db_script(s, db,
                    scope_print(s,
                                "DO $$ BEGIN ASSERT (SELECT count(*) FROM serve.prediction "
                                "WHERE model = '%s') = %d, (SELECT count(*) FROM "
                                "serve.prediction WHERE model = '%s'); END $$",
                                model, n, model)));
}

static size_t
files_count(const char *folder, const char *ending)
{
    size_t n = 0;
    DIR *d = opendir(folder);
    for (const struct dirent *e; (e = readdir(d)) != NULL;)
        n += strlen(e->d_name) > strlen(ending) &&
             strcmp(e->d_name + strlen(e->d_name) - strlen(ending), ending) == 0;
    closedir(d);
    return n;
}

// The path of the only segment.
static const char *
segment_path(struct scope *s, const char *folder)
{
    const char *path = NULL;
    DIR *d = opendir(folder);
    for (const struct dirent *e; (e = readdir(d)) != NULL;)
        if (strstr(e->d_name, ".log") != NULL)
            path = scope_print(s, "%s/%s", folder, e->d_name);
    closedir(d);
    return path;
}

// A program that appends `n` records and is killed, then whatever `more` bytes stand at the end.
static void
killed_after(struct scope *s, const struct place *p, int n, struct str more)
{
    int status;
    const pid_t child = fork();
    if (child == 0) {
        struct scope own = {0};
        struct spool *spool = spool_open(&own, &p->options);
        for (int i = 0; i < n; i++)
            if (!append(&own, spool, p->model))
                _exit(1);
        raise(SIGKILL);
    }
    waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status));
    if (more.n == 0)
        return;
    const int fd = open(segment_path(s, p->folder), O_WRONLY | O_APPEND);
    CHECK(file_put(s, fd, more.at, more.n));
    close(fd);
}

TEST_DB(spool_takes_each_record_once)
{
    int64_t n_rows;
    const struct place p = place_open(s, db, "once");
    struct spool *spool = spool_open(s, &p.options);
    CHECK(spool != NULL);
    CHECK(append(s, spool, "once") && append(s, spool, "once"));
    CHECK(spool_waiting_bytes(spool) > 0);

    CHECK(spool_take(s, spool, &n_rows) && n_rows == 2);
    CHECK(spool_take(s, spool, &n_rows) && n_rows == 0);
    CHECK(append(s, spool, "once"));
    CHECK(spool_take(s, spool, &n_rows) && n_rows == 1);

    CHECK(spool_waiting_bytes(spool) == 0);
    check_rows(s, db, "once", 3);
    place_remove(s, &p);
}

TEST_DB(spool_of_a_killed_program_is_taken_and_its_torn_record_dropped)
{
    // A whole head that promises 100 bytes, of which 3 came; half a head; zeros of a power cut.
    static const struct str torn[] = {
        {"\x64\0\0\0\1\2\3\4abc", 11}, {"\x64\0", 2}, {"\0\0\0\0\0\0\0\0\0\0\0\0", 12}, {"", 0}};
    for (size_t i = 0; i < sizeof torn / sizeof *torn; i++) {
        int64_t n_rows;
        struct scope one = {0};
        const struct place p = place_open(s, i == 0 ? db : NULL, scope_print(s, "killed%zu", i));
        killed_after(s, &p, 3, torn[i]);

        struct spool *spool = spool_open(&one, &p.options);
        CHECK(spool != NULL);
        CHECK(spool_take(s, spool, &n_rows) && n_rows == 3);

        check_rows(s, db, p.model, 3);
        CHECK(files_count(p.folder, ".log") == 1); // its own
        CHECK(files_count(p.folder, ".damaged") == 0);
        scope_close(&one);
        place_remove(s, &p);
    }
}

TEST_DB(spool_taken_but_not_yet_deleted_is_not_taken_twice)
{
    int64_t n_rows;
    const struct place p = place_open(s, db, "twice");
    killed_after(s, &p, 4, (struct str){"", 0});
    const char *segment = segment_path(s, p.folder), *kept = scope_print(s, "%s.kept", segment);
    CHECK(link(segment, kept) == 0);
    struct spool *spool = spool_open(s, &p.options);
    CHECK(spool_take(s, spool, &n_rows) && n_rows == 4);

    CHECK(rename(kept, segment) == 0); // as if the deletion and its note had been lost
    CHECK(spool_take(s, spool, &n_rows) && n_rows == 0);

    check_rows(s, db, "twice", 4);
    place_remove(s, &p);
}

TEST_DB(spool_keeps_a_segment_that_is_damaged_before_its_end)
{
    int64_t n_rows;
    const struct place p = place_open(s, db, "damaged");
    killed_after(s, &p, 3, (struct str){"", 0});
    struct stat st;
    const char *segment = segment_path(s, p.folder);
    CHECK(stat(segment, &st) == 0);
    const int fd = open(segment, O_WRONLY);
    CHECK(pwrite(fd, "X", 1, st.st_size / 3 + 20) == 1); // inside the second record
    close(fd);

    struct spool *spool = spool_open(s, &p.options);
    CHECK(spool_take(s, spool, &n_rows) && n_rows == 1);

    check_rows(s, db, "damaged", 1);
    CHECK(files_count(p.folder, ".damaged") == 1);
    place_remove(s, &p);
}

TEST_DB(spool_sets_a_record_aside_that_the_database_refuses)
{
    int64_t n_rows;
    const struct place p = place_open(s, db, "refused");
    struct spool *spool = spool_open(s, &p.options);
    CHECK(append(s, spool, "refused"));
    CHECK(spool_append(s, spool, line_of(s, "refused", "not-a-uuid")));
    CHECK(append(s, spool, "refused"));

    int64_t n_all = 0;
    for (int i = 0; i < 4; i++) {
        CHECK(spool_take(s, spool, &n_rows));
        n_all += n_rows;
    }

    CHECK(n_all == 2);
    check_rows(s, db, "refused", 2);
    CHECK(files_count(p.folder, ".refused") == 1);
    place_remove(s, &p);
}

TEST_DB(spool_begins_new_segments_and_deletes_those_taken)
{
    int64_t n_rows;
    struct place p = place_open(s, db, "rotated");
    p.options.segment_bytes = 300; // about two records
    struct spool *spool = spool_open(s, &p.options);
    for (int i = 0; i < 20; i++)
        CHECK(append(s, spool, "rotated"));
    CHECK(files_count(p.folder, ".log") > 5);

    CHECK(spool_take(s, spool, &n_rows) && n_rows == 20);

    CHECK(files_count(p.folder, ".log") == 1);
    check_rows(s, db, "rotated", 20);
    place_remove(s, &p);
}

TEST(spool_refuses_once_it_is_full)
{
    struct place p = place_open(s, NULL, "full");
    p.options.database_url = "host=/nowhere";
    p.options.limit_bytes = 200;
    struct spool *spool = spool_open(s, &p.options);
    CHECK(append(s, spool, "full"));
    const char *message =
        scope_print(s, "the prediction log is full: %lld bytes wait for the database",
                    (long long)spool_waiting_bytes(spool));

    CHECK_FAILS(append(s, spool, "full"), ERROR_UNAVAILABLE, message);
    place_remove(s, &p);
}

TEST_DB(spool_leaves_a_segment_that_cannot_grow)
{
    int64_t n_rows;
    struct place p = place_open(s, db, "grown");
    for (int is_synced = 0; is_synced < 2; is_synced++) {
        struct scope own = {0};
        p.options.is_synced = is_synced;
        struct spool *spool = spool_open(&own, &p.options);
        const struct rlimit small = {300, RLIM_INFINITY}, large = {RLIM_INFINITY, RLIM_INFINITY};
        signal(SIGXFSZ, SIG_IGN);
        CHECK(setrlimit(RLIMIT_FSIZE, &small) == 0);
        int n_kept = 0;
        while (append(s, spool, "grown"))
            n_kept++;
        CHECK(n_kept == 2); // of 116 bytes each; half of the third was taken back
        CHECK(s->kind == ERROR_UNAVAILABLE);
        scope_forgive(s);
        CHECK(append(s, spool, "grown"));
        CHECK(files_count(p.folder, ".log") == 2);

        CHECK(setrlimit(RLIMIT_FSIZE, &large) == 0);
        CHECK(spool_take(s, spool, &n_rows) && n_rows == 3);
        CHECK(files_count(p.folder, ".log") == 1);
        scope_close(&own);
        CHECK(system(scope_print(s, "rm -f '%s'/*", p.folder)) == 0);
    }
    check_rows(s, db, "grown", 6);
    place_remove(s, &p);
}

TEST(spool_without_a_database_keeps_what_it_has)
{
    int64_t n_rows;
    struct place p = place_open(s, NULL, "away");
    p.options.database_url = "host=/nowhere";
    struct spool *spool = spool_open(s, &p.options);
    CHECK(append(s, spool, "away"));
    const int64_t waiting = spool_waiting_bytes(spool);

    CHECK(!spool_take(s, spool, &n_rows));
    CHECK(s->kind == ERROR_UNAVAILABLE);
    scope_forgive(s);

    CHECK(spool_waiting_bytes(spool) == waiting);
    place_remove(s, &p);
}

static void *
append_many(void *spool)
{
    for (int i = 0; i < 200; i++) {
        struct scope one = {0};
        if (!append(&one, spool, "threads"))
            abort();
        scope_close(&one);
    }
    return NULL;
}

TEST_DB(spool_loses_nothing_of_many_threads_while_it_is_taken)
{
    int64_t n_rows;
    pthread_t threads[4];
    struct scope own = {0};
    struct place p = place_open(s, db, "threads");
    p.options.is_taken_by_hand = false;
    p.options.is_synced = true;
    p.options.segment_bytes = 20000;
    struct spool *spool = spool_open(&own, &p.options);
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, append_many, spool);
    for (int i = 0; i < 20; i++)
        CHECK(spool_take(s, spool, &n_rows));
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);

    scope_close(&own); // takes what is left

    check_rows(s, db, "threads", 800);
    CHECK(files_count(p.folder, ".log") == 0);
    place_remove(s, &p);
}
