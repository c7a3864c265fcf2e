#include "cli/option.h"

#include <unistd.h>

#include "base/time.h"
#include "test.h"

struct values {
    bool is_fast;
    const char *name;
    int64_t count, as_of;
    struct day from;
    struct input file;
    size_t n_words;
    const char *words[2];
};

// Parses words that are ended by NULL.
static bool
parsed(struct scope *s, struct values *v, char *argv[])
{
    const struct option table[] = {
        {"fast", OPTION_FLAG, &v->is_fast, NULL, "go fast"},
        {"name", OPTION_TEXT, &v->name, "NAME", "a name"},
        {"count", OPTION_INT, &v->count, "N", "a number"},
        {"from", OPTION_DAY, &v->from, "DAY", "a day"},
        {"as-of", OPTION_TIME, &v->as_of, "TIME", "a moment"},
        {"file", OPTION_FILE, &v->file, "FILE", "a file"},
        {"word", OPTION_WORD, NULL, "WORD", "a word"},
        {0},
    };
    int argc = 0;
    while (argv[argc] != NULL)
        argc++;
    return option_parse(s, table, argc, argv, 2, v->words, &v->n_words);
}

#define WORDS(...) ((char *[]){__VA_ARGS__, NULL})

TEST(each_kind_is_read)
{
    struct values v = {0};
    char byte;

    CHECK(parsed(s, &v,
                 WORDS("--fast", "one", "--name", "x y", "--count=-5", "--from", "2009-12-31",
                       "--as-of=1970-01-01", "--file", "/dev/zero", "two")));

    CHECK(v.is_fast);
    CHECK_TEXT(v.name, "x y");
    CHECK(v.count == -5);
    CHECK(v.from.n == day_from(2009, 12, 31).n);
    CHECK(v.as_of == 86399);
    CHECK_TEXT(v.file.path, "/dev/zero");
    CHECK(read(v.file.fd, &byte, 1) == 1);
    CHECK(v.n_words == 2);
    CHECK_TEXT(v.words[0], "one");
    CHECK_TEXT(v.words[1], "two");
}

TEST(what_is_not_given_keeps_its_value)
{
    struct values v = {.name = "preset", .count = 7};

    CHECK(parsed(s, &v, WORDS("--fast")));

    CHECK_TEXT(v.name, "preset");
    CHECK(v.count == 7);
    CHECK(v.file.path == NULL);
}

TEST(a_word_may_be_said_by_an_option_again_and_again)
{
    struct values v = {0};

    CHECK(parsed(s, &v, WORDS("--word", "a", "--fast", "--word=b")));

    CHECK(v.n_words == 2);
    CHECK_TEXT(v.words[0], "a");
    CHECK_TEXT(v.words[1], "b");
    CHECK_FAILS(parsed(s, &v, WORDS("a", "b", "--word", "c")), ERROR_USAGE,
                "unexpected word \"c\"");
}

TEST(words_after_two_dashes_are_positional)
{
    struct values v = {0};

    CHECK(parsed(s, &v, WORDS("--", "--fast", "-")));

    CHECK(!v.is_fast);
    CHECK_TEXT(v.words[0], "--fast");
    CHECK_TEXT(v.words[1], "-");
}

TEST(wrong_calls_name_the_option_or_word)
{
    static const struct {
        char *word, *next;
        const char *message;
    } cases[] = {
        {"--fest", NULL, "unknown option --fest"},
        {"--fes=x", NULL, "unknown option --fes"},
        {"-f", NULL, "unknown option -f (options are long: --help)"},
        {"--fast=1", NULL, "option --fast takes no value"},
        {"--name", NULL, "option --name wants a NAME"},
        {"--name=", NULL, "option --name wants a NAME"},
        {"--name", "--fast", "option --name wants a NAME"},
        {"--count", "7x", "option --count: \"7x\" is not a whole number"},
        {"--count", "99999999999999999999",
         "option --count: \"99999999999999999999\" is not a whole number"},
        {"--from", "2009-02-30", "option --from: \"2009-02-30\" is not a day, such as 2009-12-31"},
        {"--as-of", "soon",
         "option --as-of: \"soon\" is not a time, such as now, 2009-12-31 or "
         "2009-12-31T06:00:00Z"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct values v = {0};
        CHECK_FAILS(parsed(s, &v, WORDS(cases[i].word, cases[i].next)), ERROR_USAGE,
                    cases[i].message);
    }
    struct values v = {0};
    CHECK_FAILS(parsed(s, &v, WORDS("a", "b", "c")), ERROR_USAGE, "unexpected word \"c\"");
    CHECK_FAILS(parsed(s, &v, WORDS("--file", "/nowhere")), ERROR_MISSING,
                "option --file: could not open file \"/nowhere\": No such file or directory");
}

TEST(help_is_made_from_the_table)
{
    const struct option table[] = {
        {"fast", OPTION_FLAG, NULL, NULL, "go fast"},
        {"a-rather-long-option", OPTION_TEXT, NULL, "VALUE", "whatever"},
        {0},
    };
    struct buf out = buf_open(s, 64);

    option_help(&out, table);

    CHECK_TEXT(out.text, "  --fast                go fast\n"
                         "  --a-rather-long-option VALUE whatever\n");
    CHECK(option_help_wanted(2, (char *[]){"x", "--help"}));
    CHECK(!option_help_wanted(2, (char *[]){"--", "--help"}));
    CHECK(!option_help_wanted(0, NULL));
}
