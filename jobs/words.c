// jobs/words.c: positional words that name files or folders of them.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "jobs/job.h"

static bool
word_add(struct scope *s, struct job *job, const char *word, int fd, const char *why)
{
    if (job->n_words == JOB_WORDS)
        return fail(s, ERROR_LIMIT, "more than %d files at once", JOB_WORDS);
    job->words[job->n_words] = word;
    job->fds[job->n_words] = fd;
    job->whys[job->n_words++] = why;
    return true;
}

static int
name_order(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
folder_close(void *folder)
{
    closedir(folder);
}

// The names of what is in a folder, but for hidden ones, in their order.
static bool
names_read(struct scope *s, int fd, const char *path, const char *names[], size_t *n)
{
    const int copy = openat(fd, ".", O_RDONLY | O_CLOEXEC); // closedir takes it along
    DIR *folder = copy < 0 ? NULL : fdopendir(copy);
    if (folder == NULL) {
        if (copy >= 0)
            close(copy);
        return fail(s, ERROR_UNAVAILABLE, "could not read folder \"%s\": %s", path,
                    strerror(errno));
    }
    scope_defer(s, folder_close, folder);
    *n = 0;
    for (const struct dirent *one; (one = readdir(folder)) != NULL;) {
        if (one->d_name[0] == '.')
            continue;
        if (*n == JOB_WORDS)
            return fail(s, ERROR_LIMIT, "folder \"%s\" holds more than %d files", path, JOB_WORDS);
        names[(*n)++] = scope_copy(s, one->d_name);
    }
    qsort(names, *n, sizeof *names, name_order);
    return true;
}

// Puts a folder's files in its place; folders within it are left out.
static bool
folder_add(struct scope *s, struct job *job, int fd, const char *path)
{
    struct stat status;
    size_t n, n_before = job->n_words;
    const char **names = scope_array(s, JOB_WORDS, sizeof *names);
    if (!names_read(s, fd, path, names, &n))
        return false;
    for (size_t i = 0; i < n; i++) {
        const int file = openat(fd, names[i], O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        const char *why = file < 0 ? scope_copy(s, strerror(errno)) : NULL;
        if (file >= 0)
            file_defer_close(s, file);
        if (file >= 0 && fstat(file, &status) == 0 && S_ISDIR(status.st_mode))
            continue;
        if (!word_add(s, job, scope_print(s, "%s/%s", path, names[i]), file, why))
            return false;
    }
    return job->n_words > n_before || fail(s, ERROR_MISSING, "folder \"%s\" holds no file", path);
}

static bool
word_open(struct scope *s, struct job *job, const char *word)
{
    struct stat status;
    const int fd = open(word, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return word_add(s, job, word, -1, scope_copy(s, strerror(errno)));
    file_defer_close(s, fd);
    if (fstat(fd, &status) != 0)
        return word_add(s, job, word, -1, scope_copy(s, strerror(errno)));
    if (!S_ISDIR(status.st_mode))
        return word_add(s, job, word, fd, NULL);
    if (!job->takes_folders)
        return word_add(s, job, word, -1, "it is a folder");
    job->has_folder = true;
    return folder_add(s, job, fd, word);
}

bool
job_words_open(struct scope *s, struct job *job)
{
    const size_t n = job->n_words;
    const char **given = scope_array(s, n + 1, sizeof *given);
    memcpy(given, job->words, n * sizeof *given);
    job->n_words = 0;
    for (size_t i = 0; i < n; i++)
        if (!word_open(s, job, given[i]))
            return false;
    return true;
}

bool
job_word_opened(struct scope *s, const struct job *job, size_t i)
{
    return job->fds[i] >= 0 ||
           fail(s, ERROR_MISSING, "could not open file \"%s\": %s", job->words[i], job->whys[i]);
}

bool
job_read_word(struct scope *s, const struct job *job, size_t i, size_t limit_bytes, struct str *out)
{
    return job_word_opened(s, job, i) && (file_read_fd(s, job->fds[i], limit_bytes, out) ||
                                          explain(s, "could not read file \"%s\"", job->words[i]));
}
