#include "table/declaration.h"

#include <math.h>
#include <string.h>

#include "base/time.h"

#define TEXT_BYTES 500   // of a description, unit, header or word
#define WORDS_MOST 10000 // of a category
#define KEY_COLUMNS 32   // INDEX_MAX_KEYS of PostgreSQL

static const char *const type_names[COLUMN_TYPES] = {"number",  "integer", "text", "category",
                                                     "boolean", "day",     "time"};

const char *
column_type_name(enum column_type type)
{
    return type_names[type];
}

// Names become names in SQL; these are of PostgreSQL's own columns, and processed.table_column is
// the house's.
//
//   source  PostgreSQL 15, 5.5 "System Columns"
static bool
is_taken(const char *name, bool is_table)
{
    static const char *const taken[] = {"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"};
    if (is_table)
        return strcmp(name, "column") == 0;
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (strcmp(taken[i], name) == 0)
            return true;
    return false;
}

static bool
name_check(struct scope *s, bool is_table, const char *name)
{
    const char *what = is_table ? "name" : "its name";
    const size_t n = strlen(name);
    const bool is_good = n >= 1 && n <= DECLARATION_NAME && name[0] >= 'a' && name[0] <= 'z' &&
                         strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == n;
    if (is_taken(name, is_table))
        return fail(s, ERROR_INPUT, "%s \"%s\" is taken by the database", what, name);
    return is_good ||
           fail(s, ERROR_INPUT, "%s \"%.60s\" is not 1 to %d of a-z, 0-9 and \"_\", a letter first",
                what, name, DECLARATION_NAME);
}

// A short text without control characters; `*out` keeps its value where the path is absent.
static bool
text_read(struct scope *s, const struct json *from, const char *path, const char **out)
{
    if (json_find(from, path) == NULL)
        return true;
    if (!json_text(s, from, path, out))
        return false;
    if (strlen(*out) > TEXT_BYTES)
        return fail(s, ERROR_INPUT, "%s is longer than %d bytes", path, TEXT_BYTES);
    for (const char *c = *out; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' && *c != '\t')
            return fail(s, ERROR_INPUT, "%s has a control character", path);
    return true;
}

static bool
texts_read(struct scope *s, const struct json *from, const char *path, size_t *n, const char ***out)
{
    const struct json *list;
    if (json_find(from, path) == NULL)
        return true;
    if (!json_array(s, from, path, &list))
        return false;
    const size_t count = json_count(list);
    if (count > WORDS_MOST)
        return fail(s, ERROR_LIMIT, "%s has more than %d members", path, WORDS_MOST);
    *n = 0;
    *out = scope_array(s, count + 1, sizeof **out);
    for (const struct json *one = json_first(list); one != NULL; one = json_next(one)) {
        if (json_kind(one) != JSON_TEXT)
            return fail(s, ERROR_INPUT, "%s[%zu] is not text", path, *n);
        (*out)[(*n)++] = json_as_text(one);
    }
    return true;
}

static bool
type_read(struct scope *s, const struct json *from, enum column_type *out)
{
    const char *name;
    int i = 0;
    if (!json_text(s, from, "type", &name))
        return false;
    while (i < COLUMN_TYPES && strcmp(type_names[i], name) != 0)
        i++;
    *out = (enum column_type)i;
    return i < COLUMN_TYPES ||
           fail(s, ERROR_INPUT,
                "unknown type \"%.40s\" (known: number, integer, text, category, boolean, day, "
                "time)",
                name);
}

// A bound is a number, or the text of a day or time.
static bool
bound_read(struct scope *s, const struct json *from, const char *path, enum column_type type,
           double *out)
{
    const char *text;
    struct day day;
    int64_t time;
    *out = NAN;
    if (json_find(from, path) == NULL)
        return true;
    switch (type) {
    case COLUMN_NUMBER:
    case COLUMN_INTEGER:
        return json_number(s, from, path, out);
    case COLUMN_DAY:
        if (!json_text(s, from, path, &text) || !day_parse(s, text, &day))
            return false;
        *out = day.n;
        return true;
    case COLUMN_TIME:
        if (!json_text(s, from, path, &text) || !time_parse(s, text, &time))
            return false;
        *out = (double)time;
        return true;
    default:
        return fail(s, ERROR_INPUT, "%s is told of a %s, which has none", path, type_names[type]);
    }
}

// "allowed" is a list of words, or an object from the file's words to what is stored for them.
static bool
words_read(struct scope *s, const struct json *from, struct column *c)
{
    const struct json *allowed = json_find(from, "allowed");
    if (c->type != COLUMN_CATEGORY)
        return allowed == NULL ||
               fail(s, ERROR_INPUT, "allowed is told of a %s, not a category", type_names[c->type]);
    if (allowed == NULL || json_count(allowed) == 0)
        return fail(s, ERROR_INPUT, "a category needs its allowed values");
    if (json_kind(allowed) == JSON_ARRAY) {
        const bool ok = texts_read(s, from, "allowed", &c->n_words, &c->words);
        c->values = c->words;
        return ok;
    }
    if (!json_object(s, from, "allowed", &allowed))
        return false;
    c->words = scope_array(s, json_count(allowed), sizeof *c->words);
    c->values = scope_array(s, json_count(allowed), sizeof *c->values);
    for (const struct json *one = json_first(allowed); one != NULL; one = json_next(one)) {
        if (json_kind(one) != JSON_TEXT)
            return fail(s, ERROR_INPUT, "allowed.%s is not text", json_key(one));
        c->words[c->n_words] = json_key(one);
        c->values[c->n_words++] = json_as_text(one);
    }
    return true;
}

static bool
length_read(struct scope *s, const struct json *from, struct column *c)
{
    int64_t length;
    if (json_find(from, "max_length") == NULL)
        return true;
    if (!json_int(s, from, "max_length", &length))
        return false;
    if (c->type != COLUMN_TEXT)
        return fail(s, ERROR_INPUT, "max_length is told of a %s, not a text", type_names[c->type]);
    if (length < 1 || length > 1000000)
        return fail(s, ERROR_INPUT, "max_length is not from 1 to 1000000");
    c->max_length = (size_t)length;
    return true;
}

static bool
column_fill(struct scope *s, const struct json *from, struct column *c)
{
    static const char *const known[] = {"name",        "type",       "header", "unit",
                                        "description", "nullable",   "min",    "max",
                                        "allowed",     "max_length", NULL};
    if (!json_keys_check(s, from, known) || !name_check(s, false, c->name) ||
        !type_read(s, from, &c->type))
        return false;
    c->header = c->name;
    c->unit = c->description = "";
    if (json_find(from, "nullable") != NULL && !json_bool(s, from, "nullable", &c->is_nullable))
        return false;
    if (!text_read(s, from, "header", &c->header) || !text_read(s, from, "unit", &c->unit) ||
        !text_read(s, from, "description", &c->description) ||
        !bound_read(s, from, "min", c->type, &c->min) ||
        !bound_read(s, from, "max", c->type, &c->max) || !words_read(s, from, c) ||
        !length_read(s, from, c))
        return false;
    return !(c->min > c->max) || fail(s, ERROR_INPUT, "its min is above its max");
}

static bool
columns_read(struct scope *s, const struct json *from, struct declaration *d)
{
    const struct json *list;
    if (!json_array(s, from, "columns", &list))
        return false;
    const size_t n = json_count(list);
    if (n == 0 || n > DECLARATION_COLUMNS)
        return fail(s, ERROR_INPUT, "columns has %zu members, not 1 to %d", n, DECLARATION_COLUMNS);
    d->columns = scope_array(s, n, sizeof *d->columns);
    for (const struct json *one = json_first(list); one != NULL; one = json_next(one)) {
        struct column *c = &d->columns[d->n_columns];
        if (json_kind(one) != JSON_OBJECT || !json_text(s, one, "name", &c->name))
            return fail(s, ERROR_INPUT, "columns[%zu] is not an object with a name", d->n_columns);
        if (!column_fill(s, one, c))
            return explain(s, "column \"%.60s\"", c->name);
        for (size_t i = 0; i < d->n_columns; i++)
            if (strcmp(d->columns[i].name, c->name) == 0 ||
                strcmp(d->columns[i].header, c->header) == 0)
                return fail(s, ERROR_INPUT, "column \"%s\" or its header \"%.60s\" comes twice",
                            c->name, c->header);
        d->n_columns++;
    }
    return true;
}

static bool
key_read(struct scope *s, const struct json *from, struct declaration *d)
{
    size_t n = 0;
    const char **names = NULL;
    if (!texts_read(s, from, "key", &n, &names))
        return false;
    d->has_key = n > 0;
    if (n > KEY_COLUMNS)
        return fail(s, ERROR_LIMIT, "key has more than %d columns", KEY_COLUMNS);
    for (size_t i = 0; i < n; i++) {
        size_t j = 0;
        while (j < d->n_columns && strcmp(d->columns[j].name, names[i]) != 0)
            j++;
        if (j == d->n_columns)
            return fail(s, ERROR_INPUT, "key[%zu] is \"%.60s\", which is no column", i, names[i]);
        if (d->columns[j].is_nullable)
            return fail(s, ERROR_INPUT, "key[%zu] is \"%s\", which may be missing", i, names[i]);
        if (d->columns[j].is_key)
            return fail(s, ERROR_INPUT, "key[%zu] is \"%s\" again", i, names[i]);
        d->columns[j].is_key = true;
    }
    return true;
}

// "names", "none", or {"line": "150,4,setosa,versicolor,virginica"}.
static bool
header_read(struct scope *s, const struct json *from, struct declaration *d)
{
    const struct json *header = json_find(from, "header");
    if (header == NULL ||
        (json_kind(header) == JSON_TEXT && strcmp(json_as_text(header), "names") == 0))
        return true;
    if (json_kind(header) == JSON_TEXT && strcmp(json_as_text(header), "none") == 0) {
        d->header = HEADER_NONE;
        return true;
    }
    static const char *const known[] = {"line", NULL};
    d->header = HEADER_LINE;
    if (json_kind(header) != JSON_OBJECT)
        return fail(s, ERROR_INPUT, "header is none of \"names\", \"none\" and {\"line\": …}");
    return json_keys_check(s, header, known) && json_text(s, header, "line", &d->first_line);
}

static bool
delimiter_read(struct scope *s, const struct json *from, struct declaration *d)
{
    const char *text = ",";
    if (json_find(from, "delimiter") != NULL && !json_text(s, from, "delimiter", &text))
        return false;
    d->delimiter = text[0];
    return (strlen(text) == 1 && strchr(",;|\t", text[0]) != NULL) ||
           fail(s, ERROR_INPUT, "delimiter is none of \",\", \";\", \"|\" and a tab");
}

bool
declaration_read(struct scope *s, const char *text, size_t n, struct declaration *out)
{
    static const char *const known[] = {"name",    "description", "header", "delimiter", "key",
                                        "columns", "null_words",  "ignore", "quality",   NULL};
    static const char *no_text[] = {""};
    const struct json *from = n > DECLARATION_BYTES ? NULL : json_parse(s, text, n);
    if (n > DECLARATION_BYTES)
        return fail(s, ERROR_LIMIT, "the declaration is longer than %zu bytes", DECLARATION_BYTES);
    if (from == NULL)
        return false;
    *out = (struct declaration){.description = "",
                                .n_null_words = 1,
                                .null_words = no_text,
                                .json = scope_copy_n(s, text, n)};
    if (json_kind(from) != JSON_OBJECT)
        return fail(s, ERROR_INPUT, "the declaration is not an object");
    return json_keys_check(s, from, known) && json_text(s, from, "name", &out->name) &&
           name_check(s, true, out->name) && text_read(s, from, "description", &out->description) &&
           header_read(s, from, out) && delimiter_read(s, from, out) &&
           texts_read(s, from, "null_words", &out->n_null_words, &out->null_words) &&
           texts_read(s, from, "ignore", &out->n_ignored, &out->ignored) &&
           columns_read(s, from, out) && key_read(s, from, out);
}

const struct column *
declaration_column(const struct declaration *d, const char *name)
{
    for (size_t i = 0; i < d->n_columns; i++)
        if (strcmp(d->columns[i].name, name) == 0)
            return &d->columns[i];
    return NULL;
}

static bool
has_value(const struct column *c, const char *value)
{
    for (size_t i = 0; i < c->n_words; i++)
        if (strcmp(c->values[i], value) == 0)
            return true;
    return false;
}

// NaN is no bound, which nothing narrows.
static bool
is_narrower(const struct column *before, const struct column *after)
{
    return (!isnan(after->min) && !(after->min <= before->min)) ||
           (!isnan(after->max) && !(after->max >= before->max)) ||
           (after->max_length != 0 &&
            (before->max_length == 0 || after->max_length < before->max_length));
}

static void
column_compare(const struct column *before, const struct column *after, struct buf *differs)
{
    if (after == NULL) {
        buf_print(differs, "; column \"%s\" is gone", before->name);
        return;
    }
    if (after->type != before->type)
        buf_print(differs, "; column \"%s\" is %s, was %s", before->name, type_names[after->type],
                  type_names[before->type]);
    if (strcmp(before->unit, after->unit) != 0)
        buf_print(differs, "; column \"%s\" is in \"%.40s\", was in \"%.40s\"", before->name,
                  after->unit, before->unit);
    if (before->is_nullable && !after->is_nullable)
        buf_print(differs, "; column \"%s\" may not be missing, was nullable", before->name);
    if (before->is_key != after->is_key)
        buf_print(differs, "; column \"%s\" is %s of the key", before->name,
                  after->is_key ? "now part" : "no longer part");
    if (after->type == before->type && is_narrower(before, after))
        buf_print(differs, "; column \"%s\" has narrower bounds", before->name);
    for (size_t i = 0; after->type == before->type && i < before->n_words; i++)
        if (!has_value(after, before->values[i]))
            buf_print(differs, "; column \"%s\" no longer allows \"%.40s\"", before->name,
                      before->values[i]);
}

bool
declaration_compare(struct scope *s, const struct declaration *before,
                    const struct declaration *after)
{
    struct buf differs = buf_open(s, 256);
    for (size_t i = 0; i < before->n_columns; i++)
        column_compare(&before->columns[i], declaration_column(after, before->columns[i].name),
                       &differs);
    for (size_t i = 0; i < after->n_columns; i++) {
        const struct column *c = &after->columns[i];
        if (declaration_column(before, c->name) == NULL && !c->is_nullable)
            buf_print(&differs, "; new column \"%s\" is not nullable", c->name);
    }
    return differs.n == 0 || fail(s, ERROR_CONFLICT, "table \"%s\" is declared otherwise: %s",
                                  before->name, differs.text + 2);
}
