// source/answer.h: an answer of the AQS API as it came: is it whole, what does it say, and a copy
// fit to keep.
//
// The API can answer 200 with a maintenance page or half a body, and repeats the caller's account
// in "Header". So nothing is ingested before the whole answer has been read once, and what is kept
// is a copy: rows byte for byte, and the header without the account. Constant memory.
#ifndef SOURCE_ANSWER_H
#define SOURCE_ANSWER_H

#include "base/hash.h"
#include "base/time.h"

#define ANSWER_PARAMETERS 8

struct answer {
    bool is_failed;     // EPA refused the request: `error` has its words
    bool is_empty;      // no data matched
    const char *status; // the header's own word
    const char *error;
    int64_t n_rows, size_bytes;
    // Of the rows whatever their order, and of nothing else: the same rows, the same digest.
    char digest[HASH_TEXT];
    size_t n_newest;
    struct answer_newest { // the last day of each parameter's rows
        char parameter[6];
        struct day day;
    } newest[ANSWER_PARAMETERS];
};

// Reads an answer from the descriptor's beginning and writes the copy to another, which stands at
// its beginning afterwards. Texts live as long as the scope.
//
// In all but its rows the values behind "email=" and "key=" become "redacted", and so do the
// secrets, a list ended by NULL, wherever they stand as words.
//
//   errors  INPUT when it is not whole, or none of the API's; UNAVAILABLE when the copy cannot be
//           written
bool answer_read(struct scope *s, int from, int to, const char *const secrets[],
                 struct answer *out) MUST_CHECK;

#endif
