#include "text/csv.h"

#include "test.h"

struct source { // hands out a text in pieces of one size
    const char *text;
    size_t n, at, piece;
};

static bool
source_fill(struct scope *s, void *context, char *to, size_t room_bytes, size_t *n)
{
    struct source *f = context;
    (void)s;
    *n = f->n - f->at < f->piece ? f->n - f->at : f->piece;
    *n = *n < room_bytes ? *n : room_bytes;
    memcpy(to, f->text + f->at, *n);
    f->at += *n;
    return true;
}

// Writes all records as "line:<field><field>" or "line!fault|raw|", a line for each.
static const char *
dumped(struct scope *s, const char *text, size_t n, size_t piece, size_t limit_bytes)
{
    struct source source = {text, n, 0, piece};
    struct csv *c = csv_open(s, source_fill, &source, limit_bytes);
    struct buf out = buf_open(s, 256);
    const struct csv_record *r;
    for (;;) {
        CHECK(csv_next(s, c, &r));
        if (r == NULL)
            return out.text;
        buf_print(&out, "%lld", (long long)r->line);
        if (r->fault != NULL)
            buf_print(&out, "!%s|%.*s|", r->fault, (int)r->raw.n, r->raw.at);
        for (size_t i = 0; i < r->n; i++)
            buf_print(&out, "<%.*s>", (int)r->fields[i].n, r->fields[i].at);
        buf_char(&out, '\n');
    }
}

static const char *
dump(struct scope *s, const char *text)
{
    return dumped(s, text, strlen(text), 1000, 1000);
}

TEST(fields_come_as_they_are_meant)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"", ""},
        {"a,b\nc,d\n", "1<a><b>\n2<c><d>\n"},
        {"a,b\r\nc,d\r\n", "1<a><b>\n2<c><d>\n"},
        {"a,b", "1<a><b>\n"},
        {"\"a\",\"b\"", "1<a><b>\n"},
        {"\"a\",\"b\"\r\n", "1<a><b>\n"},
        {",\n", "1<><>\n"},
        {"\"\",\"\"\n", "1<><>\n"},
        {"\"a,b\",c\n", "1<a,b><c>\n"},
        {"\"say \"\"hi\"\"\",\"\"\"\"\n", "1<say \"hi\"><\">\n"},
        {"\n\na\n\r\nb", "1<>\n2<>\n3<a>\n4<>\n5<b>\n"},
        {"\xEF\xBB\xBFx,y\n", "1<x><y>\n"},
        {" a , b \n", "1< a >< b >\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_TEXT(dump(s, cases[i].text), cases[i].want);
}

TEST(a_fault_costs_its_line_only)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"a\"b,c\nd,e\n",
         "1!a quote stands inside a field that has none around it|a\"b,c|\n2<d><e>\n"},
        {"a\"b\"c\r\nd\n",
         "1!a quote stands inside a field that has none around it|a\"b\"c|\n2<d>\n"},
        {"\"a\"b\nc\n\"d\"\n", "1!text follows a closing quote|\"a\"b|\n2<c>\n3<d>\n"},
        {"\"a\nb,c\nd\n", "1!a quote is not closed|\"a|\n2<b><c>\n3<d>\n"},
        {"\"a\nb\",c\nd\n",
         "1!a quote is not closed|\"a|\n2!a quote stands inside a field that has none around "
         "it|b\",c|\n3<d>\n"},
        {"x\n\"a", "1<x>\n2!a quote is not closed|\"a|\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_TEXT(dump(s, cases[i].text), cases[i].want);
}

TEST(a_zero_byte_is_a_fault)
{
    const char text[] = "a,b\nc\0,d\ne,f\n";

    CHECK_TEXT(dumped(s, text, sizeof text - 1, 100, 100), "1<a><b>\n2!a zero byte|c|\n3<e><f>\n");
}

TEST(a_long_line_is_a_fault_wherever_the_buffer_ends)
{
    const size_t n = 400000;
    char *text = scope_alloc(s, n + 100);
    memset(text, 'x', n);
    memcpy(text + n, "\na,b\n", 5);
    struct source source = {text, n + 5, 0, 5000};
    struct csv *c = csv_open(s, source_fill, &source, 100);
    const struct csv_record *r;

    CHECK(csv_next(s, c, &r));
    CHECK_TEXT(r->fault, "the record is too long");
    CHECK(r->is_long);
    CHECK(r->line == 1);
    CHECK(csv_next(s, c, &r));
    CHECK(r->fault == NULL);
    CHECK(r->line == 2);
    CHECK(r->n == 2);
    CHECK(csv_next(s, c, &r));
    CHECK(r == NULL);
}

TEST(a_record_at_the_limit_is_read_and_one_above_is_not)
{
    CHECK_TEXT(dumped(s, "abcd\nabcde\n", 11, 100, 4),
               "1<abcd>\n2!the record is too long|abcde|\n");
}

TEST(too_many_fields_are_a_fault)
{
    char text[CSV_FIELDS + 2] = {0};
    struct scope one = {0};
    const struct csv_record *r;
    memset(text, ',', CSV_FIELDS - 1);
    struct source fits = {text, CSV_FIELDS - 1, 0, 9999};
    CHECK(csv_next(s, csv_open(s, source_fill, &fits, 9999), &r));
    CHECK(r->n == CSV_FIELDS);

    text[CSV_FIELDS - 1] = ',';
    struct source more = {text, CSV_FIELDS, 0, 9999};
    CHECK(csv_next(&one, csv_open(&one, source_fill, &more, 9999), &r));
    CHECK_TEXT(r->fault, "the record has more than 512 fields");
    scope_close(&one);
}

// The law behind the 64-byte blocks and the buffer: where pieces end changes nothing.
TEST(pieces_do_not_change_what_is_read)
{
    struct buf text = buf_open(s, 600000);
    for (int i = 0; text.n < 500000; i++)
        buf_print(&text,
                  i % 7 == 3    ? "\"%d \"\"q\"\"\",\"x y\"\r\n"
                  : i % 11 == 5 ? "bad\"%d,z\n"
                                : "\"%d\",bare,\"a,b\"\n",
                  i);
    const char *whole = dumped(s, text.text, text.n, text.n, 3000);
    const size_t pieces[] = {1, 63, 64, 65, 4096, 131072};

    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
        CHECK(strcmp(dumped(s, text.text, text.n, pieces[i], 3000), whole) == 0);
    CHECK(strstr(whole, "4<3 \"q\"><x y>\n") != NULL);
}

static bool
broken_fill(struct scope *s, void *context, char *to, size_t room_bytes, size_t *n)
{
    (void)context, (void)to, (void)room_bytes, (void)n;
    return fail(s, ERROR_UNAVAILABLE, "could not read: it is gone");
}

TEST(a_failure_of_the_source_is_passed_on)
{
    const struct csv_record *r;

    CHECK_FAILS(csv_next(s, csv_open(s, broken_fill, NULL, 100), &r), ERROR_UNAVAILABLE,
                "could not read: it is gone");
}

TEST(a_field_is_quoted_where_it_must_be)
{
    static const struct {
        const char *text, *want;
    } cases[] = {{"", ""},
                 {"plain text", "plain text"},
                 {"a,b", "\"a,b\""},
                 {"say \"hi\"", "\"say \"\"hi\"\"\""},
                 {"two\nlines", "\"two\nlines\""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out = buf_open(s, 16);
        csv_add(&out, cases[i].text);
        CHECK_TEXT(out.text, cases[i].want);
    }
}
