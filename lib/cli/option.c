#include "cli/option.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/time.h"

struct words { // what is left of the command line, and the positional ones of what was
    int n, at;
    char **word;
    size_t n_out, most;
    const char **out;
};

static const struct option *
row_find(const struct option table[], const char *name, size_t n)
{
    for (const struct option *row = table; row->name != NULL; row++)
        if (strlen(row->name) == n && strncmp(row->name, name, n) == 0)
            return row;
    return NULL;
}

static bool
int_take(struct scope *s, const char *value, int64_t *out)
{
    char *end;
    errno = 0;
    const long long x = strtoll(value, &end, 10);
    if (end == value || *end != '\0' || errno != 0)
        return fail(s, ERROR_USAGE, "\"%.60s\" is not a whole number", value);
    *out = (int64_t)x;
    return true;
}

static bool
file_take(struct scope *s, const char *value, struct input *out)
{
    out->path = value;
    return file_open(s, value, &out->fd);
}

static bool
word_take(struct scope *s, struct words *words, const char *word)
{
    if (words->n_out == words->most)
        return fail(s, ERROR_USAGE, "unexpected word \"%.60s\"", word);
    words->out[words->n_out++] = word;
    return true;
}

static bool
value_take(struct scope *s, const struct option *row, const char *value)
{
    switch (row->kind) {
    case OPTION_TEXT:
        *(const char **)row->into = value;
        return true;
    case OPTION_INT:
        return int_take(s, value, row->into);
    case OPTION_DAY:
        return day_parse(s, value, row->into);
    case OPTION_TIME:
        return time_parse(s, value, row->into);
    case OPTION_FILE:
        return file_take(s, value, row->into);
    case OPTION_WORD:
    case OPTION_FLAG:
        break;
    }
    assert(!"no value is taken so");
    return false;
}

// A value that does not read is a wrong call, not wrong data; a file that is not there stays so.
static bool
value_fail(struct scope *s, const struct option *row)
{
    const enum error_kind kind = s->kind == ERROR_INPUT ? ERROR_USAGE : s->kind;
    const char *why = scope_copy(s, s->message);
    scope_forgive(s);
    return fail(s, kind, "option --%s: %s", row->name, why);
}

// Takes the option at `words->at`, and its value with it.
static bool
option_take(struct scope *s, const struct option table[], struct words *words)
{
    const char *name = words->word[words->at++] + 2;
    const size_t n = strcspn(name, "=");
    const struct option *row = row_find(table, name, n);
    if (row == NULL)
        return fail(s, ERROR_USAGE, "unknown option --%.*s", (int)(n < 60 ? n : 60), name);
    const char *value = name[n] == '=' ? name + n + 1 : NULL;
    if (row->kind == OPTION_FLAG) {
        if (value != NULL)
            return fail(s, ERROR_USAGE, "option --%s takes no value", row->name);
        *(bool *)row->into = true;
        return true;
    }
    if (value == NULL && words->at < words->n && strncmp(words->word[words->at], "--", 2) != 0)
        value = words->word[words->at++];
    if (value == NULL || *value == '\0')
        return fail(s, ERROR_USAGE, "option --%s wants a %s", row->name, row->meta);
    if (row->kind == OPTION_WORD)
        return word_take(s, words, value);
    return value_take(s, row, value) || value_fail(s, row);
}

bool
option_parse(struct scope *s, const struct option table[], int argc, char **argv, size_t most,
             const char *words[], size_t *n_words)
{
    struct words left = {.n = argc, .word = argv, .most = most, .out = words};
    bool has_options = true; // until "--"
    while (left.at < left.n) {
        char *word = left.word[left.at];
        if (has_options && strcmp(word, "--") == 0) {
            has_options = false;
            left.at++;
        } else if (has_options && strncmp(word, "--", 2) == 0) {
            if (!option_take(s, table, &left))
                return false;
        } else if (has_options && word[0] == '-' && word[1] != '\0') {
            return fail(s, ERROR_USAGE, "unknown option %.60s (options are long: --help)", word);
        } else {
            left.at++;
            if (!word_take(s, &left, word))
                return false;
        }
    }
    *n_words = left.n_out;
    return true;
}

bool
option_help_wanted(int argc, char **argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0)
            return true;
    return false;
}

void
option_help(struct buf *out, const struct option table[])
{
    for (const struct option *row = table; row->name != NULL; row++) {
        const size_t start = out->n;
        buf_print(out, "  --%s%s%s", row->name, row->meta == NULL ? "" : " ",
                  row->meta == NULL ? "" : row->meta);
        const size_t used = out->n - start;
        buf_print(out, "%*s%s\n", used < 24 ? (int)(24 - used) : 1, "", row->help);
    }
}
