// cli/option.h: a job's options: one table from which parsing and --help come.
//
// Long options only: `--name value`, `--name=value`, and `--flag`. Other words are positional, as
// is all that follows `--`.
#ifndef CLI_OPTION_H
#define CLI_OPTION_H

#include <stdint.h>

#include "base/buf.h"

enum option_kind {
    OPTION_FLAG, // into bool
    OPTION_TEXT, // into const char *
    OPTION_INT,  // into int64_t
    OPTION_DAY,  // into struct day
    OPTION_TIME, // into int64_t, UTC seconds
    OPTION_FILE, // into struct input: opened for reading at once, as the caller
    OPTION_WORD, // a positional word said another way; `into` is NULL
};

struct input {        // a file that the caller named
    const char *path; // NULL when not given
    int fd;           // open for reading; closes with the scope
};

struct option {       // a table ends with {0}
    const char *name; // without the dashes
    enum option_kind kind;
    void *into;       // keeps its value when the option is not given
    const char *meta; // "FILE", shown in --help; NULL for flags
    const char *help;
};

// Parses the words after the job's name. Positional words go to `words`, at most `most` of them.
//
//   errors  USAGE naming the option or the word
bool option_parse(struct scope *s, const struct option table[], int argc, char **argv, size_t most,
                  const char *words[], size_t *n_words) MUST_CHECK;

// True where `--help` stands among the words, before any `--`.
bool option_help_wanted(int argc, char **argv);

// Adds a line for each option: its name, what it takes, what it is for.
void option_help(struct buf *out, const struct option table[]);

#endif
