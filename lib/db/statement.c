#include "db/statement.h"

#include <assert.h>
#include <string.h>

struct statement
statement_begin(struct scope *s)
{
    const size_t room = 32;
    return (struct statement){.s = s, .values = scope_array(s, room, sizeof(char *)), .room = room};
}

void
statement_name(struct buf *out, const char *name)
{
    buf_char(out, '"');
    for (const char *c = name; *c != '\0'; c++) {
        if (*c == '"')
            buf_char(out, '"');
        buf_char(out, *c);
    }
    buf_char(out, '"');
}

void
statement_put(struct statement *st, struct buf *out, const char *type, const char *value)
{
    if (st->n_values == st->room) {
        const char **more = scope_array(st->s, st->room * 2, sizeof *more);
        memcpy(more, st->values, st->n_values * sizeof *more);
        st->values = more;
        st->room *= 2;
    }
    st->values[st->n_values++] = value;
    buf_print(out, "$%zu::%s", st->n_values, type);
}

static const char *
hole_text(const struct hole holes[], struct str name)
{
    for (size_t i = 0; holes[i].name != NULL; i++)
        if (str_is(name, holes[i].name))
            return holes[i].text;
    return NULL;
}

struct rows *
statement_query(struct statement *st, struct db *db, const struct query *q,
                const struct hole holes[])
{
    struct buf text = buf_open(st->s, 4096);
    const char *at = q->text;
    for (const char *mark; (mark = strstr(at, "/*")) != NULL;) {
        const char *end = strstr(mark, "*/");
        assert(end != NULL);
        const char *fill = hole_text(holes, (struct str){mark + 2, (size_t)(end - mark) - 2});
        assert(fill != NULL);
        buf_add(&text, at, (size_t)(mark - at));
        buf_text(&text, fill);
        at = strstr(end, "/*.*/");
        assert(at != NULL);
        at += strlen("/*.*/");
    }
    buf_text(&text, at);
    for (size_t i = 0; holes[i].name != NULL; i++)
        assert(strstr(q->text, scope_print(st->s, "/*%s*/", holes[i].name)) != NULL);
    return db_query_once(st->s, db, &(struct query){q->name, text.text}, st->n_values, st->values);
}
