#include "quality/tokens.h"

#include <ctype.h>
#include <string.h>

bool
tokens_wrong(struct tokens *t, const char *what)
{
    const size_t place = (size_t)(t->word.at - t->text) + 1;
    const int n = t->word.n > 40 ? 40 : (int)t->word.n;
    return fail(t->s, ERROR_INPUT, "at %zu, \"%.*s\": %s", place, n, t->word.at, what);
}

// A quoted token: to the quote that is not doubled.
static bool
quoted_read(struct tokens *t, char quote, enum token token)
{
    const char *end = t->at + 1;
    t->word = (struct str){t->at, 1};
    while ((end = strchr(end, quote)) != NULL && end[1] == quote)
        end += 2;
    if (end == NULL)
        return tokens_wrong(t, "a quote is not closed");
    t->token = token;
    t->word = (struct str){t->at + 1, (size_t)(end - t->at) - 1};
    t->at = end + 1;
    return true;
}

bool
tokens_next(struct tokens *t)
{
    static const char *const signs[] = {"<=", ">=", "<>", "!=", "=", "<",
                                        ">",  "(",  ")",  ",",  "+", "-"};
    size_t n = 0;
    while (*t->at != '\0' && strchr(" \t\r\n", *t->at) != NULL)
        t->at++;
    t->word = (struct str){t->at, 0};
    t->token = TOKEN_END;
    if (*t->at == '\0')
        return true;
    if (*t->at == '\'' || *t->at == '"')
        return quoted_read(t, *t->at, *t->at == '"' ? TOKEN_NAME : TOKEN_TEXT);
    if (isalpha((unsigned char)*t->at) || *t->at == '_') {
        while (isalnum((unsigned char)t->at[n]) || t->at[n] == '_')
            n++;
        t->token = TOKEN_WORD;
    } else if (isdigit((unsigned char)*t->at) || *t->at == '.') {
        while (isalnum((unsigned char)t->at[n]) || t->at[n] == '.' ||
               (n > 0 && strchr("+-", t->at[n]) != NULL && strchr("eE", t->at[n - 1]) != NULL &&
                t->at[n] != '\0'))
            n++;
        t->token = TOKEN_NUMBER;
    } else {
        size_t i = 0;
        while (i < sizeof signs / sizeof *signs && strncmp(t->at, signs[i], strlen(signs[i])) != 0)
            i++;
        t->word.n = 1;
        if (i == sizeof signs / sizeof *signs)
            return tokens_wrong(t, "no such sign");
        n = strlen(signs[i]);
        t->token = TOKEN_SIGN;
    }
    t->word.n = n;
    t->at += n;
    return true;
}

bool
tokens_is_word(const struct tokens *t, const char *word)
{
    if (t->token != TOKEN_WORD || strlen(word) != t->word.n)
        return false;
    for (size_t i = 0; i < t->word.n; i++)
        if (tolower((unsigned char)t->word.at[i]) != word[i])
            return false;
    return true;
}

bool
tokens_is_sign(const struct tokens *t, const char *sign)
{
    return t->token == TOKEN_SIGN && str_is(t->word, sign);
}

char *
tokens_unquoted(struct tokens *t, char quote)
{
    char *out = scope_copy_n(t->s, t->word.at, t->word.n);
    size_t n = 0;
    for (size_t i = 0; i < t->word.n; i++) {
        out[n++] = t->word.at[i];
        i += t->word.at[i] == quote;
    }
    out[n] = '\0';
    return out;
}
