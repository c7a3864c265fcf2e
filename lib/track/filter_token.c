#include "track/filter_token.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

bool
filter_token_wrong(const struct filter_tokens *t, const char *what)
{
    const char *start = t->word.at - (t->kind == FILTER_TOKEN_QUOTED);
    if (t->kind == FILTER_TOKEN_END)
        return fail(t->s, ERROR_INPUT, "Invalid clause(s) in filter string: at its end: %s", what);
    return fail(t->s, ERROR_INPUT, "Invalid clause(s) in filter string: '%.80s' at %zu: %s", start,
                (size_t)(start - t->text) + 1, what);
}

static bool
quoted_read(struct filter_tokens *t)
{
    const char quote = *t->at;
    const char *end = t->at + 1;
    while ((end = strchr(end, quote)) != NULL && end[1] == quote)
        end += 2;
    t->kind = FILTER_TOKEN_SIGN;
    t->word = (struct str){t->at, 1};
    if (end == NULL)
        return filter_token_wrong(t, "a quote is not closed");
    t->kind = FILTER_TOKEN_QUOTED;
    t->quote = quote;
    t->word = (struct str){t->at + 1, (size_t)(end - t->at) - 1};
    t->at = end + 1;
    return true;
}

static bool
is_word_byte(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

// `tags.`mlflow.user`` is two tokens; a dash or slash in a bare key ends it, as in MLflow.
static size_t
word_length(const char *at)
{
    size_t n = 0;
    while (is_word_byte(at[n]) || (n > 0 && at[n] == '.'))
        n++;
    return n;
}

static size_t
number_length(const char *at)
{
    size_t n = strspn(at, "+-");
    while (isalnum((unsigned char)at[n]) || at[n] == '.' ||
           (at[n] != '\0' && strchr("+-", at[n]) != NULL && strchr("eE", at[n - 1]) != NULL))
        n++;
    return n;
}

static size_t
sign_length(const char *at)
{
    static const char *const signs[] = {"<=", ">=", "<>", "!=", "=", "<", ">", "(", ")", ","};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (strncmp(at, signs[i], strlen(signs[i])) == 0)
            return strlen(signs[i]);
    return 0;
}

bool
filter_token_next(struct filter_tokens *t)
{
    while (*t->at != '\0' && strchr(" \t\r\n", *t->at) != NULL)
        t->at++;
    t->word = (struct str){t->at, 0};
    t->kind = FILTER_TOKEN_END;
    if (*t->at == '\0')
        return true;
    if (strchr("'\"`", *t->at) != NULL)
        return quoted_read(t);
    const char *digit = t->at + (strchr("+-", *t->at) != NULL);
    digit += *digit == '.';
    if (isdigit((unsigned char)*digit)) {
        t->kind = FILTER_TOKEN_NUMBER;
        t->word.n = number_length(t->at);
    } else if (is_word_byte(*t->at)) {
        t->kind = FILTER_TOKEN_WORD;
        t->word.n = word_length(t->at);
    } else {
        t->kind = FILTER_TOKEN_SIGN;
        t->word.n = sign_length(t->at);
        if (t->word.n == 0)
            return filter_token_wrong(t, "there is no such sign in a filter");
    }
    t->at += t->word.n;
    return true;
}

bool
filter_token_is(const struct filter_tokens *t, const char *word)
{
    return (t->kind == FILTER_TOKEN_WORD || t->kind == FILTER_TOKEN_SIGN) &&
           strlen(word) == t->word.n && strncasecmp(t->word.at, word, t->word.n) == 0;
}

const char *
filter_token_text(const struct filter_tokens *t)
{
    char *out = scope_copy_n(t->s, t->word.at, t->word.n);
    if (t->kind != FILTER_TOKEN_QUOTED)
        return out;
    size_t n = 0;
    for (size_t i = 0; i < t->word.n; i++) {
        out[n++] = t->word.at[i];
        i += t->word.at[i] == t->quote;
    }
    out[n] = '\0';
    return out;
}
