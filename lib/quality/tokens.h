// quality/tokens.h: a condition's text cut into words, names, texts, numbers and signs.
#ifndef QUALITY_TOKENS_H
#define QUALITY_TOKENS_H

#include "base/buf.h"

enum token { TOKEN_END, TOKEN_WORD, TOKEN_NAME, TOKEN_TEXT, TOKEN_NUMBER, TOKEN_SIGN };

struct tokens { // {.s, .text, .at = text} is before the first
    struct scope *s;
    const char *text, *at; // at: past the token
    enum token token;
    struct str word; // the token; of a name or text without its quotes
};

// Moves to the next token.
//
//   errors  INPUT for a quote that is not closed and a sign that is not known
bool tokens_next(struct tokens *t) MUST_CHECK;

// Whether the token is this word, in any case, or this sign.
bool tokens_is_word(const struct tokens *t, const char *word);
bool tokens_is_sign(const struct tokens *t, const char *sign);

// A name's or text's bytes with doubled quotes made single.
char *tokens_unquoted(struct tokens *t, char quote);

// Fails with INPUT: the token's place (from 1), the token, and what is wrong. Returns false.
bool tokens_wrong(struct tokens *t, const char *what);

#endif
