#include "track/pair.h"

#include <string.h>

#include "db/array.h"

void
track_pairs_write(struct scope *s, size_t n, const struct track_pair pairs[], const char **keys,
                  const char **values)
{
    struct db_array k = db_array_open(s, 16 + 24 * n), v = db_array_open(s, 16 + 24 * n);
    for (size_t i = 0; i < n; i++) {
        db_array_text(&k, pairs[i].key);
        db_array_text(&v, pairs[i].value);
    }
    *keys = db_array_end(&k);
    *values = db_array_end(&v);
}

size_t
track_pairs_read(struct scope *s, const struct rows *r, size_t i, const char *keys,
                 const char *values, const struct track_pair **out)
{
    const char **k, **v;
    const size_t n = db_array_read(s, rows_text(r, i, keys), &k);
    if (db_array_read(s, rows_text(r, i, values), &v) != n)
        return 0;
    struct track_pair *pairs = scope_array(s, n + 1, sizeof *pairs);
    for (size_t j = 0; j < n; j++)
        pairs[j] = (struct track_pair){k[j], v[j]};
    *out = pairs;
    return n;
}

bool
track_refusal(struct scope *s)
{
    static const char begin[] = "statement \"", end[] = "\": ";
    const char *at = s->kind == ERROR_INPUT && strncmp(s->message, begin, strlen(begin)) == 0
                         ? strstr(s->message, end)
                         : NULL;
    if (at != NULL) {
        const char *words = scope_copy(s, at + strlen(end));
        scope_forgive(s);
        fail(s, ERROR_INPUT, "%s", words);
    }
    return false;
}
