// track/filter_token.h: a filter's text cut into words, quoted texts, numbers and signs.
#ifndef TRACK_FILTER_TOKEN_H
#define TRACK_FILTER_TOKEN_H

#include "base/buf.h"

enum filter_token_kind {
    FILTER_TOKEN_END,
    FILTER_TOKEN_WORD,   // letters, digits, "_" and what is not ASCII, and "." between them
    FILTER_TOKEN_QUOTED, // in '', "" or ``
    FILTER_TOKEN_NUMBER,
    FILTER_TOKEN_SIGN
};

struct filter_tokens { // {.s, .text, .at = text} is before the first
    struct scope *s;
    const char *text, *at; // at: past the token
    enum filter_token_kind kind;
    char quote;      // of a quoted one
    struct str word; // the token; of a quoted one what stands between
};

// Moves to the next token.
//
//   errors  INPUT for a quote that is not closed and a sign that is not known
bool filter_token_next(struct filter_tokens *t) MUST_CHECK;

// Whether the token is this word, in any case, or this sign.
bool filter_token_is(const struct filter_tokens *t, const char *word);

// The token's text: a quoted one's with doubled quotes made single.
const char *filter_token_text(const struct filter_tokens *t);

// Fails with INPUT, naming the place and the token. Returns false.
bool filter_token_wrong(const struct filter_tokens *t, const char *what);

#endif
