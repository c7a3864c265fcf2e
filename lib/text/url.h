// text/url.h: percent-encoding, and the queries behind a "?".
#ifndef TEXT_URL_H
#define TEXT_URL_H

#include "base/buf.h"

#define QUERY_PAIRS 64              // in one query, at most
#define QUERY_BYTES ((size_t)16384) // before decoding

// Adds a text with every byte that is not a letter, a digit or one of "-._~" as %XX.
//
//   source  RFC 3986, section 2.3
void url_encode(struct buf *out, const char *text);

// Decodes %XX; with `is_query` a "+" is a blank, too.
//
//   owner   the scope; terminated
//   errors  INPUT for a broken %XX, a zero byte, or what is not UTF-8 when decoded
bool url_decode(struct scope *s, struct str text, bool is_query, const char **out) MUST_CHECK;

struct query_pair {
    const char *name, *value;
};

struct url_query { // {0} is empty
    size_t n;
    struct query_pair pairs[QUERY_PAIRS];
};

// Parses "site=DEBB051&days=7"; an empty text is an empty query, a name alone has the value "".
//
//   owner   the scope
//   errors  INPUT as url_decode, or when a name is empty or comes twice; LIMIT for more than
//           QUERY_PAIRS or QUERY_BYTES
bool url_query_parse(struct scope *s, const char *text, struct url_query *out) MUST_CHECK;

// The value of a name, or NULL where the query does not have it.
const char *url_query_find(const struct url_query *query, const char *name);

#endif
