// tests/fuzz/condition_fuzz.c: any text is refused in words, or becomes a fragment in which nothing
// stands but our own words, quoted names of known columns and numbered values.
#include "quality/condition.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

// Reads a quoted name, which must be a column's.
static const char *
name_pass(const char *at)
{
    const char *end = strchr(at + 1, '"');
    assert(end != NULL);
    const struct field *column =
        relation_find(&relation_observations, at + 1, (size_t)(end - at) - 1);
    assert(column != NULL);
    return end + 1;
}

// Reads "$7::text"; values are numbered as they come.
static const char *
value_pass(const char *at, size_t *n_values)
{
    static const char *const casts[] = {"::bigint", "::double precision", "::text",
                                        "::date",   "::timestamptz",      "::boolean"};
    char *end;
    const unsigned long number = strtoul(at + 1, &end, 10);
    assert(number == ++*n_values);
    for (size_t i = 0; i < sizeof casts / sizeof *casts; i++)
        if (strncmp(end, casts[i], strlen(casts[i])) == 0)
            return end + strlen(casts[i]);
    assert(!"a cast of ours");
    return end;
}

static const char *
word_pass(const char *at)
{
    static const char *const words[] = {"AND", "OR", "NOT", "NULL", "IN", "IS", "<>", "<=",
                                        ">=",  "<",  ">",   "=",    "(",  ")",  ",",  " "};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strncmp(at, words[i], strlen(words[i])) == 0)
            return at + strlen(words[i]);
    assert(!"a word of ours");
    return at;
}

static void
fragment_check(const struct statement *st, const char *text)
{
    size_t n_values = 0;
    int depth = 0;
    for (const char *at = text; *at != '\0';) {
        depth += *at == '(';
        depth -= *at == ')';
        assert(depth >= 0);
        at = *at == '"' ? name_pass(at) : *at == '$' ? value_pass(at, &n_values) : word_pass(at);
    }
    assert(depth == 0 && n_values == st->n_values);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct scope s = {0};
    const char *text = scope_copy_n(&s, (const char *)bytes, n);
    const struct condition *c = condition_read(&s, text, &relation_observations);
    if (c == NULL) {
        assert((s.kind == ERROR_INPUT || s.kind == ERROR_LIMIT) && s.message[0] != '\0');
    } else {
        struct buf out = buf_open(&s, 64);
        struct statement st = statement_open(&s, day_from(2009, 12, 31));
        condition_write(c, &st, &out);
        fragment_check(&st, out.text);
    }
    scope_close(&s);
    return 0;
}
