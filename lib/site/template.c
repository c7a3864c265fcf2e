#include "site/template.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "text/html.h"

#define DEPTH_MOST 8

struct slot {
    const char *name;
    const char *html;   // NULL for a list
    struct slots *rows; // of a list, first to last
    struct slots *last;
    struct slot *next;
};

struct slots {
    struct scope *s;
    struct slot *first, *last;
    struct slots *next; // row of the same list
};

struct filling {
    struct scope *s;
    const char *name, *text;
    const struct slots *stack[DEPTH_MOST]; // values, innermost last
    size_t depth;
    struct buf *out;
};

struct mark {
    const char *begin, *end; // from "{{" to past "}}"
    char kind;               // '#', '^', '/' or 'v' for a value
    struct str name;
};

struct slots *
slots_open(struct scope *s)
{
    struct slots *v = scope_alloc(s, sizeof *v);
    v->s = s;
    return v;
}

static struct slot *
slot_find(const struct slots *v, struct str name)
{
    for (struct slot *slot = v->first; slot != NULL; slot = slot->next)
        if (str_is(name, slot->name))
            return slot;
    return NULL;
}

static struct slot *
slot_get(struct slots *v, const char *name)
{
    struct slot *slot = slot_find(v, (struct str){name, strlen(name)});
    if (slot != NULL)
        return slot;
    slot = scope_alloc(v->s, sizeof *slot);
    slot->name = name;
    if (v->last == NULL)
        v->first = slot;
    else
        v->last->next = slot;
    v->last = slot;
    return slot;
}

void
slots_html(struct slots *v, const char *name, const char *html)
{
    slot_get(v, name)->html = scope_copy(v->s, html);
}

void
slots_text(struct slots *v, const char *name, const char *value)
{
    struct buf html = buf_open(v->s, strlen(value) + 1);
    html_text(&html, value);
    slot_get(v, name)->html = html.text;
}

void
slots_int(struct slots *v, const char *name, int64_t value)
{
    char digits[24], text[40];
    const int n = snprintf(digits, sizeof digits, "%lld", (long long)value);
    size_t at = 0;
    for (int i = 0; i < n; i++) { // thin groups of three: 149,151
        if (i > 0 && (n - i) % 3 == 0 && digits[i - 1] != '-')
            text[at++] = ',';
        text[at++] = digits[i];
    }
    text[at] = '\0';
    slots_html(v, name, text);
}

void
slots_number(struct slots *v, const char *name, double value, int decimals)
{
    char text[64];
    if (!isfinite(value)) {
        slots_html(v, name, "–");
        return;
    }
    const double half = 0.5 * pow(10, -decimals);
    const double shown = fabs(value) < half ? 0 : value; // no "-0.00"
    snprintf(text, sizeof text, "%s%.*f", shown < 0 ? "−" : "", decimals, fabs(shown));
    slots_html(v, name, text);
}

void
slots_list(struct slots *v, const char *name)
{
    slot_get(v, name);
}

struct slots *
slots_row(struct slots *v, const char *name)
{
    struct slot *list = slot_get(v, name);
    struct slots *row = slots_open(v->s);
    if (list->last == NULL)
        list->rows = row;
    else
        list->last->next = row;
    list->last = row;
    return row;
}

void
slots_if(struct slots *v, const char *name, bool is_shown)
{
    if (is_shown)
        slots_row(v, name);
    else
        slots_list(v, name);
}

static bool
wrong(const struct filling *f, const struct mark *m, const char *what)
{
    int line = 1;
    for (const char *c = f->text; c < m->begin; c++)
        line += *c == '\n';
    return fail(f->s, ERROR_BUG, "template \"%s\" line %d: %s {{%.*s}}", f->name, line, what,
                (int)(m->end - m->begin) - 4, m->begin + 2);
}

// Finds the next mark in at..end; false where there is none.
static bool
mark_next(const char *at, const char *end, struct mark *m)
{
    const char *begin = at;
    while (begin < end && (begin = memchr(begin, '{', (size_t)(end - begin))) != NULL) {
        const char *close = begin + 1 < end && begin[1] == '{' ? strstr(begin, "}}") : NULL;
        if (close != NULL && close < end) {
            const char *name = begin + 2;
            const char kind = *name != '\0' && strchr("#^/", *name) != NULL ? *name++ : 'v';
            *m = (struct mark){begin, close + 2, kind, {name, (size_t)(close - name)}};
            return true;
        }
        begin++;
    }
    return false;
}

// Finds the end mark of a block whose first mark ended at `at`; blocks of one name do not nest.
static bool
block_end(const char *at, const char *end, struct str name, struct mark *m)
{
    for (; mark_next(at, end, m); at = m->end)
        if (m->kind == '/' && m->name.n == name.n && memcmp(m->name.at, name.at, name.n) == 0)
            return true;
    return false;
}

static const struct slot *
look_up(const struct filling *f, struct str name)
{
    const struct slot *slot = NULL;
    for (size_t i = f->depth; i > 0 && slot == NULL; i--)
        slot = slot_find(f->stack[i - 1], name);
    return slot;
}

static bool fill_part(struct filling *f, const char *at, const char *end);

static bool
fill_block(struct filling *f, const struct mark *begin, const struct mark *end)
{
    const struct slot *list = look_up(f, begin->name);
    if (list == NULL || list->html != NULL)
        return wrong(f, begin, "there is no list for");
    if (begin->kind == '^')
        return list->rows != NULL || fill_part(f, begin->end, end->begin);
    if (f->depth == DEPTH_MOST)
        return wrong(f, begin, "too deep a nesting at");
    f->depth++;
    for (const struct slots *row = list->rows; row != NULL; row = row->next) {
        f->stack[f->depth - 1] = row;
        if (!fill_part(f, begin->end, end->begin))
            return false;
    }
    f->depth--;
    return true;
}

static bool
fill_part(struct filling *f, const char *at, const char *end)
{
    struct mark m, close;
    for (; mark_next(at, end, &m); at = m.end) {
        buf_add(f->out, at, (size_t)(m.begin - at));
        if (m.kind == '/')
            return wrong(f, &m, "no block is open for");
        if (m.kind == 'v') {
            const struct slot *slot = look_up(f, m.name);
            if (slot == NULL || slot->html == NULL)
                return wrong(f, &m, "there is no value for");
            buf_text(f->out, slot->html);
            continue;
        }
        if (!block_end(m.end, end, m.name, &close))
            return wrong(f, &m, "no end of block");
        if (!fill_block(f, &m, &close))
            return false;
        m.end = close.end;
    }
    buf_add(f->out, at, (size_t)(end - at));
    return true;
}

bool
template_fill(struct scope *s, const char *name, const char *text, const struct slots *values,
              struct buf *out)
{
    struct filling f = {.s = s, .name = name, .text = text, .depth = 1, .out = out};
    f.stack[0] = values;
    return fill_part(&f, text, text + strlen(text));
}
