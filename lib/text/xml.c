#include "text/xml.h"

#include <stdlib.h>
#include <string.h>

#include "text/utf8.h"

struct xml
xml_open(const char *text, size_t n)
{
    return (struct xml){.begin = text, .at = text, .end = text + n};
}

static bool
fail_here(struct scope *s, const struct xml *x, const char *what)
{
    return fail(s, ERROR_INPUT, "not XML at byte %zu: %s", (size_t)(x->at - x->begin), what);
}

static bool
is_next(const struct xml *x, const char *text)
{
    const size_t n = strlen(text);
    return (size_t)(x->end - x->at) >= n && memcmp(x->at, text, n) == 0;
}

// Finds a text from here on; NULL where there is none.
static const char *
find(const struct xml *x, const char *text)
{
    const size_t n = strlen(text);
    for (const char *at = x->at; (size_t)(x->end - at) >= n; at++) {
        at = memchr(at, text[0], (size_t)(x->end - at) - n + 1);
        if (at == NULL)
            return NULL;
        if (memcmp(at, text, n) == 0)
            return at;
    }
    return NULL;
}

static bool
skip_past(struct scope *s, struct xml *x, const char *text)
{
    const char *at = find(x, text);
    if (at == NULL)
        return fail_here(s, x, "something begins and does not end");
    x->at = at + strlen(text);
    return true;
}

static void
character_add(struct buf *out, unsigned long c)
{
    if (c < 0x80) {
        buf_char(out, (char)c);
    } else if (c < 0x800) {
        buf_char(out, (char)(0xC0 | c >> 6));
        buf_char(out, (char)(0x80 | (c & 0x3F)));
    } else if (c < 0x10000) {
        buf_char(out, (char)(0xE0 | c >> 12));
        buf_char(out, (char)(0x80 | (c >> 6 & 0x3F)));
        buf_char(out, (char)(0x80 | (c & 0x3F)));
    } else {
        buf_char(out, (char)(0xF0 | c >> 18));
        buf_char(out, (char)(0x80 | (c >> 12 & 0x3F)));
        buf_char(out, (char)(0x80 | (c >> 6 & 0x3F)));
        buf_char(out, (char)(0x80 | (c & 0x3F)));
    }
}

// Reads "#38" or "#x26".
static bool
number_read(const char *name, unsigned long *out)
{
    char *end;
    const bool is_hex = name[1] == 'x';
    const char *digits = name + (is_hex ? 2 : 1);
    if (strspn(digits, is_hex ? "0123456789abcdefABCDEF" : "0123456789") != strlen(digits))
        return false;
    *out = strtoul(digits, &end, is_hex ? 16 : 10);
    return end != digits && *out > 0 && *out <= 0x10FFFF && (*out < 0xD800 || *out > 0xDFFF);
}

// Adds what "&name;" stands for.
static bool
entity_add(struct scope *s, struct xml *x, struct buf *out)
{
    static const struct {
        const char *name, *text;
    } known[] = {{"amp", "&"}, {"lt", "<"}, {"gt", ">"}, {"quot", "\""}, {"apos", "'"}};
    char name[12] = "";
    unsigned long c;
    const size_t left = (size_t)(x->end - x->at) - 1;
    const char *end = memchr(x->at + 1, ';', left < sizeof name ? left : sizeof name);
    if (end == NULL)
        return fail_here(s, x, "\"&\" begins no entity");
    memcpy(name, x->at + 1, (size_t)(end - x->at) - 1);
    if (name[0] == '#') {
        if (!number_read(name, &c))
            return fail_here(s, x, "no such character");
        character_add(out, c);
        x->at = end + 1;
        return true;
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].name, name) == 0) {
            buf_text(out, known[i].text);
            x->at = end + 1;
            return true;
        }
    return fail_here(s, x, "an entity that nobody knows");
}

// Reads text up to the next tag; what is no tag in between is passed over or, as CDATA, kept.
static bool
text_read(struct scope *s, struct xml *x, struct buf *out)
{
    while (x->at < x->end) {
        if (*x->at == '&') {
            if (!entity_add(s, x, out))
                return false;
        } else if (*x->at != '<') {
            const size_t left = (size_t)(x->end - x->at);
            const size_t n = *x->at == '\0' ? 0 : utf8_length(x->at, left);
            if (n == 0)
                return fail_here(s, x, "no UTF-8");
            buf_add(out, x->at, n);
            x->at += n;
        } else if (is_next(x, "<!--")) {
            if (!skip_past(s, x, "-->"))
                return false;
        } else if (is_next(x, "<?")) {
            if (!skip_past(s, x, "?>"))
                return false;
        } else if (is_next(x, "<![CDATA[")) {
            const char *from = x->at + strlen("<![CDATA[");
            if (!skip_past(s, x, "]]>"))
                return false;
            const size_t n = (size_t)(x->at - from) - strlen("]]>");
            if (memchr(from, '\0', n) != NULL || utf8_span(from, n) != n)
                return fail_here(s, x, "no UTF-8");
            buf_add(out, from, n);
        } else if (is_next(x, "<!")) {
            return fail_here(s, x, "document types are not read");
        } else {
            return true;
        }
    }
    return true;
}

static bool
is_name_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("_-.:", c) != NULL);
}

static struct str
name_read(struct xml *x)
{
    struct str name = {x->at, 0};
    while (x->at < x->end && is_name_character(*x->at))
        x->at++;
    name.n = (size_t)(x->at - name.at);
    return name;
}

static const char *
name_bare(struct scope *s, struct str name)
{
    size_t skip = name.n;
    while (skip > 0 && name.at[skip - 1] != ':')
        skip--;
    return scope_copy_n(s, name.at + skip, name.n - skip);
}

// Goes to the ">" of an opening tag, over attributes whose values may hold one.
static bool
attributes_skip(struct scope *s, struct xml *x)
{
    while (x->at < x->end && *x->at != '>' && *x->at != '<') {
        const char quote = *x->at++;
        if (quote != '"' && quote != '\'')
            continue;
        const char *close = memchr(x->at, quote, (size_t)(x->end - x->at));
        if (close == NULL)
            return fail_here(s, x, "an attribute does not end");
        x->at = close + 1;
    }
    return (x->at < x->end && *x->at == '>') || fail_here(s, x, "a tag does not end");
}

static bool
open_read(struct scope *s, struct xml *x, struct xml_event *out)
{
    const struct str name = name_read(x);
    if (name.n == 0 || name.at[name.n - 1] == ':')
        return fail_here(s, x, "an element without a name");
    if (x->depth == XML_DEPTH)
        return fail(s, ERROR_LIMIT, "XML with more than %d elements inside each other", XML_DEPTH);
    if (!attributes_skip(s, x))
        return false;
    x->is_empty = x->at[-1] == '/';
    x->at++;
    x->open[x->depth++] = name;
    *out = (struct xml_event){.kind = XML_OPEN, .name = name_bare(s, name), .text = ""};
    return true;
}

static bool
close_read(struct scope *s, struct xml *x, const char *text, struct xml_event *out)
{
    const struct str name = name_read(x);
    const struct str due = x->depth > 0 ? x->open[x->depth - 1] : (struct str){"", 0};
    if (x->depth == 0 || name.n != due.n || memcmp(name.at, due.at, name.n) != 0)
        return fail_here(s, x, "an element ends that has not begun");
    while (x->at < x->end && strchr(" \t\r\n", *x->at) != NULL && *x->at != '\0')
        x->at++;
    if (x->at == x->end || *x->at != '>')
        return fail_here(s, x, "a tag does not end");
    x->at++;
    x->depth--;
    *out = (struct xml_event){.kind = XML_CLOSE, .name = name_bare(s, name), .text = text};
    return true;
}

bool
xml_next(struct scope *s, struct xml *x, struct xml_event *out)
{
    if (x->is_empty) {
        x->is_empty = false;
        x->depth--;
        *out = (struct xml_event){XML_CLOSE, name_bare(s, x->open[x->depth]), ""};
        return true;
    }
    struct buf text = buf_open(s, 64);
    if (!text_read(s, x, &text))
        return false;
    if (x->at == x->end) {
        *out = (struct xml_event){.kind = XML_END, .name = "", .text = ""};
        return x->depth == 0 || fail_here(s, x, "it is over before its elements are");
    }
    x->at++; // "<"
    if (x->at < x->end && *x->at == '/') {
        x->at++;
        return close_read(s, x, text.text, out);
    }
    return open_read(s, x, out);
}

void
xml_text(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++)
        switch (*text) {
        case '&':
            buf_text(out, "&amp;");
            break;
        case '<':
            buf_text(out, "&lt;");
            break;
        case '>':
            buf_text(out, "&gt;");
            break;
        default:
            buf_char(out, *text);
        }
}
