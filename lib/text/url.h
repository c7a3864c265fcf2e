// text/url.h: percent-encoding, and the queries behind a "?".
#ifndef TEXT_URL_H
#define TEXT_URL_H

#include "base/buf.h"

// Adds a text with every byte that is not a letter, a digit or one of "-._~" as %XX.
//
//   source  RFC 3986, section 2.3
void url_encode(struct buf *out, const char *text);

// Decodes each %XX of a text in place, leaving what is none as it stands; a zero byte, which would
// end the text, stays as it is written, too. Tells whether there was any.
bool url_decode_again(char *text);

// Decodes a slice: %XX, and "+" for a blank where `has_plus`.
//
//   owner   the scope
//   errors  INPUT for a broken %XX, a zero byte, or what is not UTF-8 when decoded
//   source  RFC 3986, section 2.1; WHATWG URL, section 5.1
bool url_decode(struct scope *s, struct str text, bool has_plus, const char **out) MUST_CHECK;

// The next pair of a query, name and value as they are written; `*at` moves behind it. A name
// without "=" has an empty value. False at the end.
bool url_query_next(const char **at, struct str *name, struct str *value);

// Finds the first value of a name in "site=DEBB051&name=K%C3%B6ln+West" and decodes it as
// url_decode does. NULL where there is no "name=".
//
//   owner   the scope
//   errors  INPUT as url_decode's
bool url_query_find(struct scope *s, const char *query, const char *name,
                    const char **value) MUST_CHECK;

#endif
