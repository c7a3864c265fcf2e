// source/words.h: settings of sources as people give them: lists, codes, days and counts.
//
// Failures are USAGE and name the option.
#ifndef SOURCE_WORDS_H
#define SOURCE_WORDS_H

#include "source/kind.h"

#define WORDS_MOST 64

struct words {
    size_t n;
    const char *word[WORDS_MOST];
};

// Cuts a text at each mark; no more than WORDS_MOST pieces are kept.
void words_cut(struct scope *s, const char *text, char mark, struct words *out);

// Cuts the value of an option at commas; pieces may not be empty, nor come twice.
bool words_split(struct scope *s, const char *option, const char *text,
                 struct words *out) MUST_CHECK;

// The same for codes, which have exactly so many digits; none where the option was not given.
bool words_codes(struct scope *s, const struct source_given given[], const char *option,
                 size_t n_digits, struct words *out) MUST_CHECK;

// A day up to `last`, and a whole number in its range. Where it was not given the day stays and the
// number is the preset.
bool words_day(struct scope *s, const struct source_given given[], const char *option,
               struct day last, struct day *out) MUST_CHECK;
bool words_int(struct scope *s, const struct source_given given[], const char *option,
               const int64_t range[2], int64_t preset, int64_t *out) MUST_CHECK;

// Refuses what is no http(s) address, or has a password or key in it: settings are not secret.
bool words_address(struct scope *s, const char *option, const char *url) MUST_CHECK;

// Writes them as an array under a key.
void words_put(struct json_writer *w, const char *key, const struct words *words);

// An array of texts in the settings as PostgreSQL writes arrays; they have no quotes in them.
bool words_array(struct scope *s, const struct json *settings, const char *key,
                 const char **out) MUST_CHECK;

#endif
