#include "text/html.h"

#include <string.h>

#include "text/utf8.h"

static const char *
replacement(unsigned char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        break;
    }
    const bool is_control = (c < ' ' && c != '\t' && c != '\n') || c == 0x7F;
    return is_control ? "" : NULL;
}

void
html_text(struct buf *out, const char *text)
{
    const size_t n = strlen(text);
    for (size_t i = 0; i < n;) {
        const size_t length = utf8_length(text + i, n - i);
        const char *instead = length == 0 ? "\xEF\xBF\xBD" : replacement((unsigned char)text[i]);
        if (instead != NULL)
            buf_text(out, instead);
        else
            buf_add(out, text + i, length);
        i += length == 0 ? 1 : length;
    }
}
