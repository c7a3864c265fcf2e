// text/html.h: text on its way into HTML.
#ifndef TEXT_HTML_H
#define TEXT_HTML_H

#include "base/buf.h"

// Adds a text so that HTML and SVG show it as it is, between tags or inside a quoted attribute:
// & < > " ' are escaped, control characters other than tab and line end are left out, and bytes
// that are not UTF-8 become U+FFFD.
void html_text(struct buf *out, const char *text);

#endif
