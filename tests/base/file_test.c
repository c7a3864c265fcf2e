#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "folder.h"

static int
entries_count(const char *path)
{
    int n = 0;
    DIR *folder = opendir(path);
    for (const struct dirent *e; (e = readdir(folder)) != NULL;)
        n += e->d_name[0] != '.';
    closedir(folder);
    return n;
}

TEST(a_file_reads_as_it_was_written)
{
    const char *path = scope_print(s, "%s/a", test_folder(s));
    char *bytes = scope_alloc(s, 200000);
    struct stat status;
    struct str got;
    for (size_t i = 0; i < 200000; i++)
        bytes[i] = (char)(i * 31);

    CHECK(file_write(s, path, (struct str){bytes, 200000}, 0600));
    CHECK(file_read(s, path, 200000, &got));
    CHECK(got.n == 200000);
    CHECK(memcmp(got.at, bytes, got.n) == 0);
    CHECK(stat(path, &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);

    CHECK(file_write(s, path, (struct str){"", 0}, 0644));
    CHECK(file_read(s, path, 10, &got));
    CHECK_TEXT(got.at, "");
}

TEST(reading_tells_what_is_wrong)
{
    const char *folder = test_folder(s);
    const char *path = scope_print(s, "%s/a", folder);
    struct str got;

    CHECK_FAILS(file_read(s, path, 10, &got), ERROR_MISSING,
                scope_print(s, "could not open file \"%s\": No such file or directory", path));
    CHECK(file_write(s, path, (struct str){"12345678901", 11}, 0644));
    CHECK_FAILS(file_read(s, path, 10, &got), ERROR_LIMIT,
                scope_print(s, "could not read file \"%s\": more than 10 bytes", path));
    CHECK(file_read(s, path, 11, &got));
    CHECK_FAILS(file_read(s, folder, 10, &got), ERROR_UNAVAILABLE,
                scope_print(s, "could not read file \"%s\": Is a directory", folder));
}

TEST(a_write_that_fails_leaves_the_old_file)
{
    const char *folder = test_folder(s);
    const char *path = scope_print(s, "%s/a", folder);
    char *bytes = scope_alloc(s, 10000);
    struct str got;
    CHECK(file_write(s, path, (struct str){"old", 3}, 0644));
    signal(SIGXFSZ, SIG_IGN);
    CHECK(setrlimit(RLIMIT_FSIZE, &(struct rlimit){4096, RLIM_INFINITY}) == 0);

    CHECK_FAILS(file_write(s, path, (struct str){bytes, 10000}, 0644), ERROR_UNAVAILABLE,
                scope_print(s, "could not write file \"%s\": File too large", path));

    CHECK(setrlimit(RLIMIT_FSIZE, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY}) == 0);
    CHECK(file_read(s, path, 10, &got));
    CHECK_TEXT(got.at, "old");
    CHECK(entries_count(folder) == 1);
}

TEST(a_write_into_no_folder_fails)
{
    CHECK_FAILS(file_write(s, "/nowhere/at/all", (struct str){"x", 1}, 0644), ERROR_MISSING,
                "could not write file \"/nowhere/at/all\": No such file or directory");
}

TEST(a_full_disk_is_told)
{
    const int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    CHECK(fd >= 0);
    file_defer_close(s, fd);

    CHECK_FAILS(file_put(s, fd, "x", 1), ERROR_UNAVAILABLE, "No space left on device");
}

TEST(folders_are_made_with_those_above)
{
    const char *folder = test_folder(s);
    const char *path = scope_print(s, "%s/a/b/c", folder);
    const char *blocked = scope_print(s, "%s/a/file/d", folder);
    struct stat status;

    CHECK(file_make_folders(s, path));
    CHECK(file_make_folders(s, path));
    CHECK(stat(path, &status) == 0 && S_ISDIR(status.st_mode));
    CHECK(file_write(s, scope_print(s, "%s/a/file", folder), (struct str){"", 0}, 0644));
    CHECK_FAILS(file_make_folders(s, blocked), ERROR_UNAVAILABLE,
                scope_print(s, "could not make folder \"%s\": Not a directory", blocked));
}

TEST(what_cannot_be_opened_is_missing_or_denied)
{
    CHECK(file_error_kind(ENOENT) == ERROR_MISSING && file_error_kind(ENOTDIR) == ERROR_MISSING);
    CHECK(file_error_kind(EACCES) == ERROR_DENIED && file_error_kind(EPERM) == ERROR_DENIED);
    CHECK(file_error_kind(EISDIR) == ERROR_INPUT);
    CHECK(file_error_kind(EMFILE) == ERROR_UNAVAILABLE);
}

TEST(a_descriptor_is_written_whole_or_not_at_all)
{
    const char *folder = test_folder(s);
    const char *from = scope_print(s, "%s/from", folder), *to = scope_print(s, "%s/to", folder);
    struct str got;
    int fd;
    CHECK(file_write(s, from, (struct str){scope_alloc(s, 10000), 10000}, 0644));
    CHECK(file_write(s, to, (struct str){"old", 3}, 0644));
    CHECK(file_open(s, from, &fd));
    signal(SIGXFSZ, SIG_IGN);
    CHECK(setrlimit(RLIMIT_FSIZE, &(struct rlimit){4096, RLIM_INFINITY}) == 0);

    CHECK_FAILS(file_write_from(s, to, fd), ERROR_UNAVAILABLE,
                scope_print(s, "could not write file \"%s\": File too large", to));
    CHECK(file_read(s, to, 10, &got) && str_is(got, "old"));
    CHECK(entries_count(folder) == 2);

    CHECK(setrlimit(RLIMIT_FSIZE, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY}) == 0);
    CHECK(lseek(fd, 0, SEEK_SET) == 0 && file_write_from(s, to, fd));
    CHECK(file_read(s, to, 10000, &got) && got.n == 10000);
    CHECK_FAILS(file_write_from(s, "/nowhere/at/all", fd), ERROR_MISSING,
                "could not write file \"/nowhere/at/all\": No such file or directory");
}

TEST(what_is_no_ordinary_file_is_written_to_as_it_is)
{
    const char *folder = test_folder(s), *pipe_path = scope_print(s, "%s/pipe", folder);
    const char *from = scope_print(s, "%s/from", folder);
    char got[4] = "";
    int fd;
    CHECK(mkfifo(pipe_path, 0600) == 0 && file_write(s, from, (struct str){"abc", 3}, 0600));
    const int reader = open(pipe_path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    CHECK(reader >= 0 && file_open(s, from, &fd));
    file_defer_close(s, reader);

    CHECK(file_write_from(s, pipe_path, fd));

    CHECK(read(reader, got, 3) == 3);
    CHECK_TEXT(got, "abc");
    CHECK(entries_count(folder) == 2);
}
